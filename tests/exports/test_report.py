"""What an export says it changed is what changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mate_hf.exports import export
from mate_hf.text.encoders import open_text_encoder
from tests.trained_runs import CHANGED, Trained


def test_rows_words_and_files_are_counted(
    trained: Trained, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    run = trained("bert")
    base = open_text_encoder(str(text_encoders["bert"]))
    word = base.tokenizer.convert_tokens_to_ids("left")
    weights = load_file(run / "best" / "model.safetensors")
    table = weights["text_encoder.embeddings.word_embeddings.weight"]
    table[word] = 3 * base.embedding_rows[word]
    save_file(weights, run / "best" / "model.safetensors", {"format": "pt"})
    report = export(run, out := tmp_path / "out")
    assert json.loads((out / "mate_export.json").read_text())["rows_changed"] == report.rows_changed == 4
    assert report.rows == len(base.embedding_rows)
    assert next(iter(report.word_change)) == "left"
    assert report.word_change["left"] == pytest.approx(2.0, rel=1e-4)
    assert report.word_change["walks"] == 0.0
    assert f"4 of {report.rows} embedding rows differ" in report.summary()
    assert "changed most: left 2.00" in report.summary()
    for name, entry in report.files.items():
        content = (out / name).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert set(report.files) | {"mate_export.json"} == {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    }


def test_the_twin_for_torch_load_is_named_where_it_is_written(trained: Trained, tmp_path: Path) -> None:
    run = trained("whole_clip")
    said = export(run, tmp_path / "clip", "openai-clip").summary()
    assert "model.pt is for clip.load(..., jit=False), model.safetensors for code" in said
    assert "torch.load" not in export(run, tmp_path / "hf").summary()


def test_what_half_precision_would_swallow_is_said(trained: Trained, tmp_path: Path) -> None:
    run = trained("bert")
    weights = load_file(run / "best" / "model.safetensors")
    name = "text_encoder.embeddings.word_embeddings.weight"
    base = weights[name].clone()
    # Half of the entries of one row move by far less than fp16 tells apart.
    base[5] = 1.0
    changed = base.clone()
    changed[5, :8] += 1e-6
    changed[5, 8:] += 0.5
    for rows, folder in ((base, "base"), (changed, "run")):
        (tmp_path / folder).mkdir()
        for path in (run / "best").iterdir():
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
        save_file({**weights, name: rows}, tmp_path / folder / "model.safetensors", {"format": "pt"})
    export(tmp_path / "base", tmp_path / "stock")
    report = export(tmp_path / "run", tmp_path / "out", base=str(tmp_path / "stock"))
    assert report.rows_changed == 1
    assert report.changed_entries_in_fp16 == pytest.approx(50.0)


def test_an_unknown_base_is_said_and_exported_all_the_same(trained: Trained, tmp_path: Path) -> None:
    report = export(trained("distilbert", base_known=False), tmp_path / "out")
    assert "does not say which" in report.compared
    assert "not compared with the base encoder" in report.summary()
    assert report.files


def test_changed_rows_are_those_of_the_fixture(trained: Trained, tmp_path: Path) -> None:
    assert export(trained("whole_clip"), tmp_path / "out").rows_changed == len(CHANGED)
    assert torch.equal(torch.tensor(CHANGED), torch.tensor(sorted(CHANGED)))
