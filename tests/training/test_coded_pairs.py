"""Codes of motions: each what the VQ-VAE says of it alone, cropped to whole codes, and segments by themselves."""

from __future__ import annotations

import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from mate_hf.data.batching import EVALUATION, Draw
from mate_hf.data.compositions import Composition, Compositions
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.preparation import load_prepared
from mate_hf.errors import MateError
from mate_hf.modeling import VQConfig, VQModel
from mate_hf.training import coded_pairs
from mate_hf.training.coded_pairs import CodedPairs, collate_coded, motion_codes


@pytest.fixture(scope="module")
def vq() -> VQModel:
    torch.manual_seed(0)
    model = VQModel(VQConfig(hidden_size=16, code_size=8, codes=30, levels=3, depth=1)).eval()
    torch.nn.init.normal_(model.quantizer.books, std=0.05)
    model.set_statistics(torch.linspace(-1, 1, 263), torch.linspace(0.5, 2, 263))
    return model


FEATURES: Any = SimpleNamespace(
    tokens_of=lambda text: np.full((len(text.split()), 6), len(text), dtype=np.float32),
    sentence_of=lambda text: np.full(5, len(text), dtype=np.float32),
)


def phases(vq: VQModel, motion: np.ndarray) -> list[np.ndarray]:
    """Codes from each of the first four frames on."""
    return [alone(vq, motion[first:]) for first in range(4) if len(motion) - first >= 4]


def crops(coded: list[np.ndarray], count: int) -> list[tuple[int, np.ndarray]]:
    """Every run of so many codes, by the frame that it begins at."""
    return [
        (first + 4 * at, codes[at : at + count])
        for first, codes in enumerate(coded)
        for at in range(len(codes) - count + 1)
    ]


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other)


@torch.no_grad()
def alone(vq: VQModel, motion: np.ndarray) -> np.ndarray:
    whole = torch.from_numpy(np.array(motion[: len(motion) // 4 * 4]))[None]
    there = torch.ones(whole.shape[:2], dtype=torch.bool)
    return np.asarray(vq.encode((whole - vq.motion_mean) / vq.motion_std, there)[0])


def test_each_motion_is_coded_as_if_alone(vq: VQModel, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coded_pairs, "TOGETHER", 5)
    motions = load_prepared(corpus).corpus.splits["train"].motions
    parts = [(row, row % 3, 30 + row) for row in range(9)]
    for (row, start, end), codes in zip(parts, motion_codes(vq, motions, parts), strict=True):
        assert np.array_equal(codes, alone(vq, motions[row][start:end]))
    with pytest.raises(MateError, match=r"a motion of 3 frames \(row 2\); the VQ-VAE codes 4 at a time"):
        motion_codes(vq, motions, [(0, 0, 20), (2, 5, 8)])


def test_draws_are_crops_of_whole_codes(vq: VQModel, corpus: Path) -> None:
    split = load_prepared(corpus).corpus.splits["train"]
    pairs = CodedPairs(split, FEATURES, 0, vq)
    assert len(pairs) == len(split)
    lengths: set[int] = set()
    late = 0
    for row in range(len(split)):
        coded = phases(vq, split.motions[row])
        [fixed] = pairs[Draw(EVALUATION, row)]
        assert fixed.caption == split["caption"][row]
        assert np.array_equal(fixed.codes, coded[0][:49])
        for epoch in range(6):
            [pair] = pairs[Draw(epoch, row)]
            assert np.array_equal(pair.codes, pairs[Draw(epoch, row)][0].codes)
            begins = {first % 4 for first, codes in crops(coded, len(pair.codes)) if same(codes, pair.codes)}
            assert begins
            late += 0 not in begins
            lengths.add(min(len(coded[0]), 49) - len(pair.codes))
    assert lengths == {0, 1}
    assert late > len(split)


def test_segments_are_coded_by_themselves(vq: VQModel, localized: Path) -> None:
    split = load_prepared(localized).corpus.splits["train"]
    pairs = CodedPairs(split, FEATURES, 0, vq, segment_share=0.5)
    drawn = [(row, pairs[Draw(epoch, row)]) for epoch in range(4) for row in range(len(split))]
    halves = [(row, several) for row, several in drawn if len(several) > 1]
    assert 0.3 * len(drawn) < len(halves) < 0.7 * len(drawn)
    for row, several in halves:
        known = split.row(row)
        assert [pair.caption for pair in several] == known["sub_texts"]
        for pair, (start, end) in zip(several, known["segments"], strict=True):
            segment, count = known["motion"][start:end], len(pair.codes)
            assert len(segment) // 4 - count in (0, 1)
            assert any(same(pair.codes, codes) for _, codes in crops(phases(vq, segment), count))
    assert all(len(pairs[Draw(EVALUATION, row)]) == 1 for row in range(len(split)))


def test_compositions_are_coded_as_one_motion(vq: VQModel, localized: Path) -> None:
    split = load_prepared(localized).corpus.splits["train"]
    made = Compositions(split, HUMANML3D, 0, 0.5)
    pairs = CodedPairs(split, FEATURES, 0, vq, compositions=made)
    drawn = [(row, pairs[Draw(epoch, row)][0]) for epoch in range(4) for row in range(len(split))]
    found = [(made[row], pair) for row, pair in drawn if pair.caption != split["caption"][row]]
    assert 0.3 * len(drawn) < len(found) < 0.7 * len(drawn)
    for composition, pair in found:
        assert composition is not None
        assert pair.caption == composition.caption
        motion, count = made.motion(composition), len(pair.codes)
        assert len(motion) // 4 - count in (0, 1)
        assert any(same(pair.codes, codes) for _, codes in crops(phases(vq, motion), count))


def test_composed_motions_never_lie_in_memory_all_at_once(
    vq: VQModel, localized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coded_pairs, "TOGETHER", 2)
    split = load_prepared(localized).corpus.splits["train"]
    made = Compositions(split, HUMANML3D, 0, 0.5)
    alive: list[int] = []
    most = 0
    whole = Compositions.motion

    def motion(compositions: Compositions, composition: Composition) -> np.ndarray:
        nonlocal most
        one = whole(compositions, composition)
        alive.append(composition.first.row)
        weakref.finalize(one, alive.remove, composition.first.row)
        most = max(most, len(alive))
        return one

    monkeypatch.setattr(Compositions, "motion", motion)
    pairs = CodedPairs(split, FEATURES, 0, vq, compositions=made)
    assert len(pairs.composed) == sum(made[row] is not None for row in range(len(made))) > 4
    assert most <= 4
    composition = next(composition for row in pairs.composed if (composition := made[row]))
    assert composition.frames == len(made.motion(composition))


def test_a_batch_says_where_it_is_padded(vq: VQModel, corpus: Path) -> None:
    split = load_prepared(corpus).corpus.splits["train"]
    pairs = CodedPairs(split, FEATURES, 0, vq)
    drawn = [pairs[Draw(EVALUATION, row)] for row in range(5)]
    batch = collate_coded(drawn)
    for row, [pair] in enumerate(drawn):
        count = len(pair.codes)
        assert int(batch["length"][row]) == count == int(batch["there"][row].sum())
        assert np.array_equal(batch["codes"][row, :count], pair.codes)
        assert bool((batch["codes"][row, count:] == -1).all())
        assert int(batch["text_mask"][row].sum()) == len(pair.caption.split())
        assert float(batch["sentence"][row, 0]) == len(pair.caption)
