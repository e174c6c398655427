"""Two encoders are the same where they read the same, whatever files they were written to, and only there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from mate_hf.runs.trained import open_trained
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import encoder_digest
from tests.tiny import FAMILIES
from tests.trained_runs import Exported, Trained


def digests(folder: Path | str) -> tuple[str, str]:
    encoder = open_text_encoder(str(folder))
    return encoder_digest(encoder), reading_digest(encoder)


@pytest.fixture
def copied(text_encoders: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    return lambda family: Path(shutil.copytree(text_encoders[family], tmp_path / f"copy_{family}"))


@pytest.mark.parametrize("family", FAMILIES)
def test_an_encoder_that_was_written_again_is_the_same(
    text_encoders: dict[str, Path], family: str, tmp_path: Path
) -> None:
    encoder = open_text_encoder(str(text_encoders[family]))
    # What a batch left in the tokenizer's state, its files hold too.
    encoder.tokenise(["a person walks", "a person " * 400])
    encoder.model.save_pretrained(tmp_path / "again")
    encoder.tokenizer.save_pretrained(tmp_path / "again")
    assert digests(tmp_path / "again") == digests(text_encoders[family])


@pytest.mark.parametrize(
    ("family", "formats"), [("bert", ["hf"]), ("distilbert", ["hf"]), ("whole_clip", ["hf", "hf-clip"])]
)
def test_every_export_that_opens_as_an_encoder_is_the_trained_one(
    trained_once: Trained, exported: Exported, family: str, formats: list[str]
) -> None:
    ours = open_trained(trained_once(family)).encoder
    for format in formats:
        assert digests(exported(family, format)) == (encoder_digest(ours), reading_digest(ours)), format


def test_other_words_or_capitals_are_another_tokenizer(copied: Callable[[str], Path]) -> None:
    def mended(folder: Path, change: Callable[[Any, Any], None]) -> tuple[str, str]:
        files = [folder / "tokenizer.json", folder / "tokenizer_config.json"]
        before = [file.read_text() for file in files]
        contents = [json.loads(text) for text in before]
        change(*contents)
        for file, content in zip(files, contents, strict=True):
            file.write_text(json.dumps(content))
        found = digests(folder)
        for file, text in zip(files, before, strict=True):
            file.write_text(text)
        return found

    def swap_words(whole: Any, _: Any) -> None:
        words = whole["model"]["vocab"]
        words["left"], words["right"] = words["right"], words["left"]

    def keep_capitals(whole: Any, settings: Any) -> None:
        whole["normalizer"]["lowercase"] = settings["do_lower_case"] = False

    folder = copied("bert")
    weights, reads = digests(folder)
    for change in (swap_words, keep_capitals):
        again = mended(folder, change)
        assert again[0] == weights
        assert again[1] != reads, change


def test_other_merges_are_another_tokenizer(copied: Callable[[str], Path]) -> None:
    folder = copied("clip")
    weights, reads = digests(folder)
    file = folder / "merges.txt"
    *lines, one, other = file.read_text().splitlines()
    file.write_text("\n".join([*lines, other, one]) + "\n")
    assert digests(folder)[0] == weights
    assert digests(folder)[1] != reads


def test_other_heads_or_another_activation_are_another_encoder(copied: Callable[[str], Path]) -> None:
    folder = copied("bert")
    before, file = digests(folder), folder / "config.json"
    config = json.loads(file.read_text())
    for change in ({"num_attention_heads": 4}, {"hidden_act": "relu"}, {"layer_norm_eps": 1e-3}):
        file.write_text(json.dumps(config | change))
        assert digests(folder)[1] != before[1], change
    file.write_text(json.dumps(config))
    assert digests(folder) == before


def test_half_precision_is_another_encoder_with_the_same_words(copied: Callable[[str], Path]) -> None:
    folder = copied("bert")
    weights, reads = digests(folder)
    file = folder / "model.safetensors"
    save_file({name: value.half() for name, value in load_file(file).items()}, file, {"format": "pt"})
    assert digests(folder)[0] != weights
    assert digests(folder)[1] == reads


def test_a_checkpoint_without_a_pooler_is_the_same_encoder_every_time(copied: Callable[[str], Path]) -> None:
    folder = copied("bert")
    file = folder / "model.safetensors"
    kept = {name: value for name, value in load_file(file).items() if not name.startswith("pooler.")}
    save_file(kept, file, {"format": "pt"})
    torch.manual_seed(1)
    first = digests(folder)
    torch.manual_seed(2)
    assert digests(folder) == first
