"""Every example, and the README's Python, runs as it stands."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import torch
from transformers import AutoModel, CLIPConfig, CLIPModel, CLIPTextModelWithProjection

import mate_hf
from examples import swap_in_a_t2m_model, train_on_your_folder, use_as_a_text_encoder
from mate_hf.text.encoders import open_text_encoder

ROOT = Path(__file__).parents[2]


def test_the_folder_becomes_an_encoder_that_opens_anywhere(checkout: Path) -> None:
    left = {path.name for path in (checkout / "runs" / "quickstart").iterdir()}
    assert {"data", "retrieval", "localized", "mate", "export"} <= left
    AutoModel.from_pretrained(checkout / "runs" / "quickstart" / "export")


def test_a_configuration_leaves_sizes_and_rates_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paper's 36,000 steps at the rates of forty would be another method."""
    given: dict[str, dict[str, Any]] = {}
    for name in ("prepare", "train_retrieval", "localize", "train", "export"):
        monkeypatch.setattr(
            mate_hf, name, lambda *paths, name=name, **settings: given.setdefault(name, settings) and Mock()
        )
    config = ROOT / "training" / "configs" / "humanml3d_clip.yaml"
    train_on_your_folder.main(tmp_path, tmp_path / "out", config)
    assert given["train"].keys() == {"data", "output_dir", "overwrite", "config"}
    assert given["train_retrieval"].keys() == {"data", "output_dir", "overwrite", "preset"}
    assert not any(settings["overwrite"] for settings in given.values())


def test_a_swap_is_told_by_its_checkpoint(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    swap_in_a_t2m_model.main(checkout / "runs" / "quickstart" / "export")
    printed = capsys.readouterr().out
    assert "made with the stock encoder holds the words of: stock" in printed
    assert "made with the export holds the words of: ours" in printed


def test_a_swap_of_clip_is_told_too(
    text_encoders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stock repository opens as a whole CLIPModel, the export as its text side."""
    export, stock = text_encoders["clip"], tmp_path / "stock"
    shutil.copytree(export, stock)
    opened = CLIPTextModelWithProjection.from_pretrained(export)
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    whole = CLIPModel(
        CLIPConfig(text_config=opened.config.to_dict(), vision_config=vision, projection_dim=24)
    )
    whole.save_pretrained(stock)
    swap_in_a_t2m_model.main(export, str(stock))
    printed = capsys.readouterr().out
    assert "made with the stock encoder holds the words of: stock" in printed
    assert "made with the export holds the words of: ours" in printed


def test_an_export_ranks_captions(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use_as_a_text_encoder.main(checkout / "runs" / "quickstart" / "export", "a person turns to the left")
    printed = capsys.readouterr().out.splitlines()
    assert "1.000  a person turns to the left" in printed[1]
    cosines = [float(line.split()[0]) for line in printed[1:]]
    assert len(cosines) == len(use_as_a_text_encoder.CAPTIONS)
    assert cosines == sorted(cosines, reverse=True)


@torch.no_grad()
def test_a_clip_export_gives_its_projected_end_token(text_encoders: dict[str, Path]) -> None:
    texts = ["a person turns left", "left"]
    found = use_as_a_text_encoder.sentence_features(text_encoders["clip"], texts)
    expected = open_text_encoder(str(text_encoders["clip"])).sentence_features(texts)
    torch.testing.assert_close(found, torch.nn.functional.normalize(expected, dim=-1))


def test_the_notebook_runs_from_its_folder(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout / "examples")
    notebook = json.loads((ROOT / "examples" / "explore_words.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell.get("outputs") for cell in notebook["cells"])
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for cell in cells:
            exec(compile(cell, "explore_words.ipynb", "exec"), names)
    assert len(names["looked"]["words"]) == len(names["panel"].get_yticklabels())
    assert names["caption"] in printed.getvalue()


def test_the_readmes_python_runs(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert (checkout / "exports" / "adapter" / "adapter_model.safetensors").is_file()


def test_a_prepared_corpus_is_read_as_the_page_on_python_says(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    (checkout / "data").mkdir()
    (checkout / "data" / "humanml3d").symlink_to(checkout / "runs" / "quickstart" / "data")
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    block = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(compile(block, "docs/python.md", "exec"), names)
    assert names["clip"].shape == (names["row"]["length"], 263)
