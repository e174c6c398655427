"""An export is the stock encoder: same class, same keys, same features, nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

from mate_hf.errors import MateError
from mate_hf.exports import export
from mate_hf.text.encoders import open_text_encoder
from tests.tiny import CAPTIONS, FAMILIES
from tests.trained_runs import Exported, Trained

CLASSES = {"clip": "CLIPTextModelWithProjection", "distilbert": "DistilBertModel", "bert": "BertModel"}


@pytest.mark.parametrize("family", FAMILIES)
def test_export_has_the_keys_and_class_of_the_base(
    exported: Exported, text_encoders: dict[str, Path], family: str
) -> None:
    out = exported(family)
    ours, base = load_file(out / "model.safetensors"), load_file(text_encoders[family] / "model.safetensors")
    assert ours.keys() == base.keys()
    different = [name for name in base if not torch.equal(ours[name], base[name])]
    assert different == [
        next(name for name in base if name.endswith(("token_embedding.weight", "word_embeddings.weight")))
    ]
    config = json.loads((out / "config.json").read_text())
    assert config["architectures"] == [CLASSES[family]]
    assert "auto_map" not in config


def test_clip_keys_carry_text_model_or_old_transformers_would_load_noise(exported: Exported) -> None:
    names = set(load_file(exported("clip") / "model.safetensors"))
    assert "text_projection.weight" in names
    assert all(name.startswith("text_model.") for name in names - {"text_projection.weight"})


@pytest.mark.parametrize("family", FAMILIES)
def test_tokenizer_files_of_both_ages_say_the_same(exported: Exported, family: str) -> None:
    out = exported(family)
    modern = AutoTokenizer.from_pretrained(out)
    assert modern.model_max_length == (77 if family == "clip" else 512)
    vocabulary = modern.get_vocab()
    if family == "clip":
        assert json.loads((out / "vocab.json").read_text(encoding="utf-8")) == vocabulary
        merges = (out / "merges.txt").read_text(encoding="utf-8").splitlines()
        assert merges[0].startswith("#version")
        assert len(merges) == 48895
    else:
        lines = (out / "vocab.txt").read_text(encoding="utf-8").splitlines()
        assert {token: number for number, token in enumerate(lines)} == vocabulary


def test_exports_open_where_the_package_is_not_installed(exported: Exported, tmp_path: Path) -> None:
    folders = {family: str(exported(family)) for family in FAMILIES}
    for family, out in folders.items():
        encoder = open_text_encoder(out)
        expected = encoder.model(**encoder.tokenizer(CAPTIONS[0], return_tensors="pt")).last_hidden_state
        torch.save(expected.detach(), tmp_path / f"{family}.pt")
    script = f"""
import sys, torch
sys.modules["mate_hf"] = None  # as if it were not installed
from transformers import AutoModel, AutoTokenizer
for family, out in {folders!r}.items():
    model, loading = AutoModel.from_pretrained(out, output_loading_info=True)
    assert not loading["missing_keys"], (family, loading)
    tokens = AutoTokenizer.from_pretrained(out)({CAPTIONS[0]!r}, return_tensors="pt")
    expected = torch.load({str(tmp_path)!r} + f"/{{family}}.pt", weights_only=True)
    assert torch.allclose(model.eval()(**tokens).last_hidden_state, expected, atol=1e-6), family
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_existing_folder_is_left_alone(trained: Trained, tmp_path: Path) -> None:
    run = trained("bert")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious.txt").write_text("mine")
    with pytest.raises(MateError, match="exists already"):
        export(run, tmp_path / "out")
    assert (tmp_path / "out" / "precious.txt").read_text() == "mine"


def test_a_folder_without_a_model_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"no trained model.*config\.json"):
        export(tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.safetensors", 4000, "its weights are damaged, cut short, or hold more"),
        ("model.safetensors", None, r"no trained model.*model\.safetensors"),
        ("config.json", 20, "could not be opened"),
        ("tokenizer.json", None, r"a tokenizer without words. Expected tokenizer\.json"),
        ("tokenizer.json", 4000, r"no tokenizer that opens .*Expected tokenizer\.json"),
    ],
)
def test_a_half_written_checkpoint_is_named(
    trained: Trained, tmp_path: Path, name: str, content: int | None, message: str
) -> None:
    run = trained("bert")
    file = run / "best" / name
    half = file.read_bytes()[:content]
    file.unlink()
    # transformers 4 writes the same words twice.
    (run / "best" / "vocab.txt").unlink(missing_ok=True)
    if content is not None:
        file.write_bytes(half)
    with pytest.raises(MateError, match=message):
        export(run, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run_bert"]


def test_a_table_of_another_size_than_its_configuration_is_named(trained: Trained, tmp_path: Path) -> None:
    run = trained("bert")
    settings = json.loads((run / "best" / "config.json").read_text())
    settings["text_config"]["vocab_size"] += 8
    (run / "best" / "config.json").write_text(json.dumps(settings))
    with pytest.raises(MateError, match=r"weights are missing or of another shape.*word_embeddings"):
        export(run, tmp_path / "out")


def test_an_export_that_would_not_open_is_never_written(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("bert")
    real = AutoModel.from_pretrained

    def broken(*args: object, **kwargs: object) -> object:
        model = real(*args, **kwargs)
        torch.nn.init.zeros_(model.get_input_embeddings().weight)
        return model

    monkeypatch.setattr(AutoModel, "from_pretrained", broken)
    with pytest.raises(MateError, match="gives other features"):
        export(run, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run_bert"]
