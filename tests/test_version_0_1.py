"""What version 0.1 wrote opens for ever: fixtures/version_0_1 was made by its commands, on a tiny encoder and corpus.

localized/     a prepared corpus, each caption's row with its motion and segments
retrieval/     a run of train_retrieval.py
mate/          a run of train.py on localized/, broken off after the first of two epochs
expected/      the weights that the unbroken run ended with
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from mate_hf.data.preparation import load_prepared
from mate_hf.localization.run import localize
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.model import open_model
from mate_hf.runs.provenance import data_hash
from mate_hf.runs.trained import open_trained
from mate_hf.training import train
from tests.training.conftest import forget_accelerate

OLD = Path(__file__).parent / "fixtures" / "version_0_1"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy, in the folder from which its relative names are read."""
    shutil.copytree(OLD, tmp_path / "old_format")
    monkeypatch.chdir(tmp_path)
    forget_accelerate()
    return tmp_path / "old_format"


def test_a_prepared_corpus_opens_with_the_hash_its_results_were_made_with(old: Path) -> None:
    corpus = load_prepared(old / "localized").corpus
    assert data_hash(corpus) == RunFolder(old / "mate").results()["data_hash"]
    train_split = corpus.splits["train"]
    assert train_split.is_localized
    assert [len(train_split.motions[row]) for row in range(len(train_split))] == train_split["length"][:]


def test_it_is_localized_into_todays_form_with_the_same_segments(old: Path) -> None:
    localize(str(old / "localized"), old / "retrieval", old / "again", device="cpu")
    before, after = (load_prepared(old / name).corpus for name in ("localized", "again"))
    assert data_hash(before) == data_hash(after)
    for name, split in before.splits.items():
        assert after.splits[name]["segments"][:] == split["segments"][:]
        assert after.splits[name].table is not None
        for row in range(len(split)):
            assert (after.splits[name].motions[row] == split.motions[row]).all()


def test_a_run_opens_and_knows_its_base(old: Path) -> None:
    open_retriever(old / "retrieval")
    assert open_model(old / "mate").config.prototypes == 24
    assert open_trained(old / "mate").base_name == "old_format/text_encoder"
    assert open_trained(old / "mate" / "best").base_name == "old_format/text_encoder"


def test_a_broken_run_goes_on_to_the_same_end(old: Path) -> None:
    settings = ["--config", str(old / "mate" / "config.yaml"), "--max_steps", "2"]
    train.main([*settings, "--output_dir", str(old / "mate"), "--resume", "last"])
    ended, expected = (load_file(old / name / "model.safetensors") for name in ("mate/last", "expected"))
    assert ended.keys() == expected.keys()
    for name, value in expected.items():
        # Another processor may round otherwise.
        room = torch.full_like(value, 1e-5, dtype=torch.float64)
        if name.endswith("in_proj_bias"):
            # No softmax feels a bias of its keys: their gradients are rounding alone, of which AdamW makes steps.
            room.chunk(3)[1].fill_(1e-4)
        off = (ended[name].double() - value.double()).abs()
        assert (off <= room + 1e-4 * value.double().abs()).all(), (name, float(off.max()))
