"""Every stock class opens an export, with the trained model's features and no weight missing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from mate_hf.runs.trained import open_trained
from tests.exports import doors
from tests.tiny import CAPTIONS, FAMILIES
from tests.trained_runs import Exported, Trained

OTHER_PYTHONS = [path for path in os.environ.get("MATE_DOOR_PYTHONS", "").split(os.pathsep) if path]
"""Interpreters of environments that hold only transformers and torch, of other versions than ours."""

LONG = "a person walks " * 60
TOKENIZERS = {"clip": "CLIPTokenizer", "distilbert": "DistilBertTokenizer", "bert": "BertTokenizer"}


@pytest.fixture(params=[*FAMILIES, "hf-clip"], scope="module")
def opened(
    request: pytest.FixtureRequest,
    trained_once: Trained,
    exported: Exported,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Path]:
    """An export, and what the trained model gives for some captions."""
    whole = request.param == "hf-clip"
    family = "whole_clip" if whole else request.param
    expected = tmp_path_factory.mktemp("expected") / "expected.pt"
    torch.save(expected_of(trained_once(family)), expected)
    return exported(family, request.param if whole else "hf"), expected


@torch.no_grad()
def expected_of(run: Path) -> dict[str, Any]:
    trained = open_trained(run)
    encoder, captions = trained.encoder, [*CAPTIONS[:3], LONG]
    tokens = [
        trained.tokenizer(caption, truncation=True, max_length=trained.token_limit, return_tensors="pt")
        for caption in captions
    ]
    hidden = [
        encoder.model(input_ids=each["input_ids"], attention_mask=each["attention_mask"]).last_hidden_state[0]
        for each in tokens
    ]
    return {"captions": captions, "hidden": hidden, "features": encoder.sentence_features(captions)}


def require_open(found: list[dict[str, Any]]) -> None:
    assert found
    for door in found:
        assert (door["missing"], door["mismatched"]) == ([], 0), door
        # A class without a projection, or without a visual tower, names those weights of the file that it leaves out.
        beyond = ("text_projection", "visual_projection", "vision_model", "logit_scale")
        assert not [name for name in door["unexpected"] if not name.startswith(beyond)], door
        assert door["limit"] in (77, 512)
        assert max(door["hidden"], door.get("features", 0.0)) < 1e-5, door


def test_every_class_opens_it(opened: tuple[Path, Path]) -> None:
    folder, expected = opened
    found = list(doors.doors(str(folder), torch.load(expected, weights_only=True)))
    require_open(found)
    own = [door for door in found if door["class"].startswith(("CLIPTextModelWithP", "Distil", "BertM"))]
    if "vision_config" not in json.loads((folder / "config.json").read_text()):
        assert [door["unexpected"] for door in own] == [[]] * len(own)


@pytest.mark.skipif(
    not OTHER_PYTHONS, reason="MATE_DOOR_PYTHONS names no interpreters with other transformers"
)
@pytest.mark.real
@pytest.mark.parametrize("python", OTHER_PYTHONS)
def test_every_class_of_another_transformers_opens_it(opened: tuple[Path, Path], python: str) -> None:
    command = [python, doors.__file__, *map(str, opened)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    require_open([json.loads(line) for line in done.stdout.splitlines()])


def test_tokenizer_is_named_as_the_stock_one(opened: tuple[Path, Path]) -> None:
    """Under the name BertTokenizer, version 4 would give DistilBERT token types that it refuses."""
    folder, _ = opened
    kind = json.loads((folder / "config.json").read_text())["model_type"].removesuffix("_text_model")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert settings["tokenizer_class"] == TOKENIZERS[kind]
    assert ("token_type_ids" in settings["model_input_names"]) == (kind == "bert")
    assert not {"is_local", "local_files_only"} & settings.keys()


def test_merges_are_written_as_old_tokenizers_read_them(opened: tuple[Path, Path]) -> None:
    """Since version 0.20 a merge is a pair; tokenizers 0.13, which transformers 4.30 has, wants one string."""
    model = json.loads((opened[0] / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    assert all(isinstance(merge, str) for merge in model.get("merges", []))
