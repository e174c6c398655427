"""full opens as remote code where the package is not installed, and leaves later saves as they were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from transformers.dynamic_module_utils import get_relative_import_files, get_relative_imports

from mate_hf.exports import export
from mate_hf.runs.model import open_model
from tests.trained_runs import Exported, Trained


def test_the_whole_model_opens_without_the_package(
    trained_once: Trained, exported: Exported, tmp_path: Path
) -> None:
    expected = {
        str(exported(family, "full")): open_model(trained_once(family))
        .encode_text("a person walks")
        .flatten()[:3]
        .tolist()
        for family in ("clip", "distilbert")
    }
    script = f"""
import sys, torch
sys.modules["mate_hf"] = None  # as if it were not installed
from transformers import AutoModel
for out, expected in {expected!r}.items():
    model = AutoModel.from_pretrained(out, trust_remote_code=True).eval()
    found = model.encode_text("a person walks").flatten()[:3]
    assert torch.allclose(found, torch.tensor(expected), atol=1e-5), out
    found = model.word_attention("a person walks", torch.randn(40, 263))
    assert found["weights"].shape == (3, 40)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"HF_MODULES_CACHE": str(tmp_path / "modules"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin"},
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_later_saves_carry_no_code(trained: Trained, tmp_path: Path) -> None:
    run = trained("bert")
    export(run, tmp_path / "full", "full")
    open_model(run).save_pretrained(tmp_path / "again")
    assert [path for path in (tmp_path / "again").iterdir() if path.suffix == ".py"] == []
    assert "auto_map" not in (tmp_path / "again" / "config.json").read_text()


def test_the_models_file_names_every_other_that_it_needs(exported: Exported) -> None:
    """transformers 4 copies, of a folder's code, what the model's file imports, and not what those files import."""
    model = exported("bert", "full") / "modeling_mate.py"
    needed = {Path(path).stem for path in get_relative_import_files(model)}
    assert set(get_relative_imports(model)) == needed
    assert needed == {path.stem for path in model.parent.glob("*.py")} - {model.stem}
