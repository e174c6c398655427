"""Boundary errors are distances to the truth, and the baselines are what they are called."""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import load_from_disk

from mate_hf.data.preparation import prepare
from mate_hf.data.synthetic import write_synthetic_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.localization import (
    Example,
    boundary_error,
    change_point_segments,
    located_segments,
    read_truth,
    uniform_segments,
)
from mate_hf.evaluation.run_localization import evaluate_localization
from mate_hf.localization import unit_edges
from mate_hf.localization.partition import usable_segments
from mate_hf.localization.stage import localize_prepared
from mate_hf.retrieval.retriever import Retriever, open_retriever
from mate_hf.text.decomposition.decompose import decompose_captions
from tests.localization.tiny_retriever import make_retrieval_model


def test_errors_are_mean_distances_of_inner_boundaries_in_seconds() -> None:
    true = [(0, 40), (40, 90), (90, 120)]
    assert boundary_error([(0, 50), (50, 80), (80, 120)], true, 20.0) == pytest.approx(0.5)
    assert boundary_error([(0, 50), (50, 90), (90, 120)], true, 12.5) == pytest.approx(0.4)
    assert boundary_error(true, true, 20.0) == 0.0


def test_uniform_cuts_are_equal_shares() -> None:
    assert uniform_segments(100, 3) == [(0, 33), (33, 67), (67, 100)]


@pytest.mark.parametrize("count", [2, 3])
def test_change_points_leave_the_least_variance(count: int) -> None:
    random = np.random.default_rng(count)
    motion = random.normal(size=(58, 5)).cumsum(0).astype(np.float32)
    std = random.uniform(0.5, 2, size=5).astype(np.float32)
    edges = unit_edges(58, 6).tolist()

    def spread(cuts: tuple[int, ...]) -> float:
        parts = [(motion[a:b] / std).astype(np.float64) for a, b in pairwise(cuts)]
        return sum(float(((part - part.mean(0)) ** 2).sum()) for part in parts)

    ways = [(0, *inner, 58) for inner in combinations(edges[1:-1], count - 1)]
    assert change_point_segments(motion, std, count, 6) == list(pairwise(min(ways, key=spread)))


def test_a_run_is_measured_as_its_localized_dataset_says(
    tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    write_synthetic_corpus(tmp_path / "folder", 20, progress=False)
    prepared = prepare(str(tmp_path / "folder"), tmp_path / "prepared")
    run = make_retrieval_model(text_encoders["bert"], tmp_path / "run")
    truth = read_truth(tmp_path / "folder" / "truth.jsonl")
    options = {"truth": tmp_path / "folder" / "truth.jsonl"}
    results = evaluate_localization(run, str(tmp_path / "prepared"), "train", **options)
    localize_prepared(prepared, open_retriever(run), decompose_captions, tmp_path / "localized")
    errors = []
    for row in load_from_disk(tmp_path / "localized")["train"]:
        true = truth[row["id"], row["caption"]]["segments"]
        if len(true) > 1 and len(true) == len(row["segments"]):
            inner = zip(row["segments"][:-1], true[:-1], strict=True)
            errors.append(np.mean([abs(a[1] - b[1]) for a, b in inner]) / 20)
    metrics = results["metrics"]
    assert metrics["seconds"]["decomposed"]["mean"] == pytest.approx(np.mean(errors))
    assert metrics["seconds"]["decomposed"]["count"] == len(errors)
    assert metrics["captions"] == sum(
        len(row["segments"]) > 1 for row in truth.values() if row["split"] == "train"
    )


def test_a_missing_or_broken_truth_is_named(tmp_path: Path, text_encoders: dict[str, Path]) -> None:
    with pytest.raises(MateError, match="prepare --synthetic"):
        read_truth(tmp_path / "truth.jsonl")
    (tmp_path / "truth.jsonl").write_text(json.dumps({"id": "1", "caption": "a"}) + "\n{")
    with pytest.raises(MateError, match="line 2"):
        read_truth(tmp_path / "truth.jsonl")


def test_a_motions_segments_are_encoded_once_for_all_that_ask(
    tmp_path: Path, text_encoders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = open_retriever(make_retrieval_model(text_encoders["bert"], tmp_path / "run"))
    random = np.random.default_rng(0)
    motions = {name: random.normal(size=(61, 263)).astype(np.float32) for name in "ab"}
    sub_texts = [("a person walks", "then they sit"), ("he jumps", "he turns", "he waves")]
    asked = [
        (Example(clip, "", texts, (), False, motions[clip]), texts) for clip in "aba" for texts in sub_texts
    ]
    alone = [located_segments([one], retriever, 10)[0] for one in asked]
    encoded: list[int] = []
    encode = Retriever.encode_motions

    def counted(self: Retriever, batch: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        encoded.append(len(batch))
        return encode(self, batch, mask)

    monkeypatch.setattr(Retriever, "encode_motions", counted)
    assert located_segments(asked, retriever, 10) == alone
    # Of 6 units, 2 or 3 sub-texts can use these: see usable_segments.
    usable = usable_segments(6, 2) | usable_segments(6, 3)
    assert sum(encoded) == 2 * usable.sum()
