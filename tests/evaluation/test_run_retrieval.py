"""What `mate evaluate retrieval` reports is the rank of each clip's own caption, whichever model encodes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mate_hf.data.corpus import load_corpus
from mate_hf.data.preparation import prepare
from mate_hf.errors import MateError
from mate_hf.evaluation.run_retrieval import evaluate_retrieval
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.model import open_model, save_model
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.vocabulary import Vocabulary
from tests.localization.tiny_retriever import make_retrieval_model
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, make_corpus


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus")
    prepare(str(make_corpus(root / "folder", clips=18)), root / "prepared")
    return root / "prepared"


def tiny_mate(text_encoder: Path, run: Path) -> Path:
    model = tiny_model(text_encoder)
    save_model(model, model.state_dict(), model.tokenizer, Vocabulary.from_captions(CAPTIONS), run / "best")
    return run


def median_rank(texts: list[torch.Tensor], motions: list[torch.Tensor]) -> float:
    """Of each text's own motion, one comparison at a time; a tie counts half."""
    ranks = []
    for own, text in enumerate(texts):
        scores = [torch.cosine_similarity(text, motion, dim=0).item() for motion in motions]
        ahead = sum(score > scores[own] + 1e-6 for score in scores)
        tied = sum(abs(score - scores[own]) <= 1e-6 for score in scores)
        ranks.append(ahead + (tied + 1) / 2)
    return float(np.median(ranks))


@pytest.mark.parametrize("kind", ["tmr", "mate"])
def test_both_kinds_of_run_are_ranked_by_their_own_features(
    kind: str, prepared: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    make = make_retrieval_model if kind == "tmr" else tiny_mate
    run = make(text_encoders["bert"], tmp_path / "run")
    results = evaluate_retrieval(run, str(prepared), "train")
    train = load_corpus(prepared).splits["train"]
    rows = [train.row(row) for row in range(len(train))]
    firsts = list({row["clip"]: row for row in reversed(rows)}.values())[::-1]
    texts, motions = [], []
    for row in firsts:
        motion = torch.tensor(row["motion"])[: len(row["motion"]) // 4 * 4]  # as the field crops
        if kind == "tmr":
            retriever = open_retriever(run)
            texts.append(retriever.encode_texts([row["caption"]])[0])
            mask = torch.ones(1, len(motion), dtype=torch.bool)
            motions.append(retriever.encode_motions(motion[None], mask)[0])
        else:
            model = open_model(run)
            texts.append(model.encode_text(row["caption"])[0])
            motions.append(model.encode_motion(motion)[0])
    assert results["items"] == len(firsts) == 12
    assert results["protocols"].keys() == {"a", "d"}
    assert results["metrics"]["t2m/MedR"] == pytest.approx(median_rank(texts, motions))
    assert results["metrics"]["m2t/MedR"] == pytest.approx(median_rank(motions, texts))


def test_captions_are_told_apart_by_the_encoder_that_training_used(
    prepared: Path, text_encoders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def opened(name: str, revision: str | None = None) -> TextEncoder:
        asked.append((name, revision))
        return open_text_encoder(str(text_encoders["bert"]))

    monkeypatch.setattr("mate_hf.evaluation.run_retrieval.open_text_encoder", opened)
    run = make_retrieval_model(text_encoders["bert"], tmp_path / "run")
    RunFolder(run).write_settings({"sentence_encoder": "org/sentences", "sentence_encoder_revision": "abc"})
    found = evaluate_retrieval(run, str(prepared), "train")
    assert found["sentence_encoder"] == "org/sentences"
    assert found["protocols"].keys() == {"a", "b", "c", "d"}
    evaluate_retrieval(run, str(prepared), "train", sentence_encoder="another")
    assert asked == [("org/sentences", "abc"), ("another", None)]


def test_a_split_that_is_not_there_is_named(
    prepared: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    run = make_retrieval_model(text_encoders["bert"], tmp_path / "run")
    with pytest.raises(MateError, match=r"'tset'.*train.*val.*test"):
        evaluate_retrieval(run, str(prepared), "tset")


def test_motions_of_another_kind_are_named(
    prepared: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    run = make_retrieval_model(text_encoders["bert"], tmp_path / "run", motion_width=251)
    with pytest.raises(MateError, match=r"run reads 251 features a frame; the corpus has 263 \(humanml3d\)"):
        evaluate_retrieval(run, str(prepared))
