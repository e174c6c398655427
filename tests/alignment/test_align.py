"""ATM's losses against loops over single numbers in double precision; what is frozen stays frozen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mate_hf.alignment import AlignmentLoss, AlignmentSettings, align
from mate_hf.alignment.align import Encode, frames_of
from mate_hf.alignment.selection import may_be_hard
from mate_hf.errors import MateError

WIDTH, FPS = 4, 2.0
"""Clips of two seconds have four frames, the last one at least two."""


class Encoder(nn.Module):
    """Reads frames in order, so that clips of one motion differ."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(WIDTH, 3, dtype=torch.float64), requires_grad=False)

    def forward(self, motion: Tensor, there: Tensor) -> Tensor:
        ranks = torch.arange(1, motion.shape[1] + 1, dtype=motion.dtype)
        weights = there * ranks
        return torch.tanh((motion @ self.weight) * weights.unsqueeze(-1)).sum(1)


def distance(one: np.ndarray, other: np.ndarray, kind: str) -> float:
    if kind == "euclidean":
        return math.sqrt(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))
    return 1 - float(np.dot(one, other)) / (float(np.linalg.norm(one)) * float(np.linalg.norm(other)))


def score(made: float, real: float, rule: str) -> float:
    return {"ratio": made / (real + 1e-6), "generated": made, "real": -real}[rule]


def loops(
    made: np.ndarray,
    real: np.ndarray,
    lengths: list[int],
    texts: np.ndarray,
    alike: np.ndarray,
    encode: Any,
    s: AlignmentSettings,
) -> dict[str, Any]:
    """Eq. 2 to 8 read aloud."""

    def embedded(motion: np.ndarray, start: int, length: int) -> np.ndarray:
        part = torch.from_numpy(motion[start : start + length])[None]
        return np.asarray(encode(part, torch.ones(1, length, dtype=torch.bool))[0])

    def d(one: np.ndarray, other: np.ndarray) -> float:
        return distance(one, other, s.embedding_distance)

    def hinge(apart: float, margin: float) -> float:
        if s.margin == "fixed":
            margin = s.fixed_margin
        elif s.clamp_margin:
            margin = max(margin, 0.0)
        return max(0.0, apart + margin)

    count = len(lengths)
    m_hat = [embedded(made[i], 0, lengths[i]) for i in range(count)]
    m = [embedded(real[i], 0, lengths[i]) for i in range(count)]
    inter, hard = [], []
    for i in range(count):
        others = [j for j in range(count) if j != i and alike[i, j] <= s.similar_captions and alike[i, j] < 1]
        if not others:
            hard.append([])
            continue
        others.sort(key=lambda j: score(d(m_hat[i], m_hat[j]), d(m[i], m[j]), s.hard_rule or s.example_rule))
        hard.append(others[: s.hard_examples or s.examples])
        if s.inter_form == "contrastive":
            pulls = [math.exp(-d(texts[i], m_hat[j]) / s.inter_temperature) for j in [i, *others]]
            inter.append(-math.log(pulls[0] / sum(pulls)))
            continue
        terms = [
            hinge(d(texts[i], m_hat[i]) - d(texts[i], m_hat[j]), d(texts[i], m[j]) - d(texts[i], m[i]))
            for j in hard[-1]
        ]
        inter.append(sum(terms) / len(terms))
    clips = []
    for i, length in enumerate(lengths):
        for start in range(0, length, 4):
            if min(4, length - start) >= 2:
                clips.append((i, start, min(4, length - start)))
    c_hat = [embedded(made[i], start, length) for i, start, length in clips]
    c = [embedded(real[i], start, length) for i, start, length in clips]
    intra, chosen = [], []
    for i in range(count):
        mine = [k for k, clip in enumerate(clips) if clip[0] == i]
        chosen.append(None)
        if not mine or not 1 - distance(m_hat[i], m[i], "cosine") < s.aligned_motion:
            continue
        worst = max(mine, key=lambda k: d(c_hat[k], c[k]))
        pool = [k for k in range(len(clips)) if k != worst and (s.own_clips or k not in mine)]
        if len(pool) < 2:
            continue
        apart = {k: (d(c_hat[worst], c_hat[k]), d(c[worst], c[k])) for k in pool}
        rules = s.positive_rule or s.example_rule, s.negative_rule or s.example_rule
        pairs = s.proxy_pairs or s.examples
        positive = sorted(pool, key=lambda k: -score(*apart[k], rules[0]))[:pairs]
        negative = sorted(pool, key=lambda k: score(*apart[k], rules[1]))[:pairs]
        terms = [
            hinge(
                d(c_hat[worst], c_hat[p]) - d(c_hat[worst], c_hat[n]), d(c[worst], c[n]) - d(c[worst], c[p])
            )
            for p, n in zip(positive, negative, strict=True)
        ]
        intra.append(sum(terms) / len(terms))
        chosen[-1] = (worst, positive, negative)

    def mean(terms: list[float]) -> float:
        return sum(terms) / (count if s.mean_over == "all" else max(len(terms), 1))

    return {"inter": mean(inter), "intra": mean(intra), "hard": hard, "chosen": chosen, "clips": clips,
            "inactive": {"inter": count - len(inter), "intra": count - len(intra)}}  # fmt: skip


def batch(seed: int, count: int, double: bool) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 14, count).tolist()
    longest = max(lengths)
    made, real = random.normal(size=(2, count, longest, WIDTH))
    if double and count > 2:
        # Two motions that are one, generated and real: ratios of nothing by nothing, and ties.
        made[1], real[1], lengths[1] = made[0], real[0], lengths[0]
    alike = random.uniform(0.5, 1, (count, count))
    alike = np.maximum(alike, alike.T)
    np.fill_diagonal(alike, 1)
    return {
        "made": made,
        "real": real,
        "lengths": lengths,
        "texts": random.normal(size=(count, 3)),
        "alike": alike,
    }


def aligned(data: dict[str, Any], encode: Encode, chosen: AlignmentSettings) -> tuple[Tensor, AlignmentLoss]:
    made = torch.from_numpy(data["made"]).requires_grad_()
    rest = [torch.from_numpy(data[name]) for name in ("texts", "alike")]
    return made, align(
        made, torch.from_numpy(data["real"]), torch.tensor(data["lengths"]), *rest, encode, FPS, chosen
    )


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 7),
    double=st.booleans(),
    examples=st.sampled_from([1, 3, 5]),
    rule=st.sampled_from(["ratio", "generated", "real"]),
    own=st.tuples(
        *(st.sampled_from([None, "ratio", "generated", "real"]),) * 3, *(st.sampled_from([None, 1, 2]),) * 2
    ),
    margin=st.sampled_from(["adaptive", "fixed"]),
    clamp=st.booleans(),
    form=st.sampled_from(["triplet", "contrastive"]),
    distance=st.sampled_from(["cosine", "euclidean"]),
    own_clips=st.booleans(),
    mean=st.sampled_from(["active", "all"]),
    gamma=st.sampled_from([0.0, 0.8, 1.0]),
)
def test_losses_are_those_of_the_loops(
    seed: int, count: int, double: bool, examples: int, rule: str, own: tuple[Any, ...], margin: str,
    clamp: bool, form: str, distance: str, own_clips: bool, mean: str, gamma: float,
) -> None:  # fmt: skip
    torch.manual_seed(seed % 1000)
    data, encode = batch(seed, count, double), Encoder()
    chosen = AlignmentSettings(
        examples=examples, example_rule=rule, hard_rule=own[0], positive_rule=own[1], negative_rule=own[2], hard_examples=own[3],
        proxy_pairs=own[4], margin=margin, clamp_margin=clamp, inter_form=form, embedding_distance=distance,
        own_clips=own_clips, mean_over=mean, aligned_motion=gamma,
    )  # fmt: skip
    _, found = aligned(data, encode, chosen)
    expected = loops(
        data["made"], data["real"], data["lengths"], data["texts"], data["alike"], encode, chosen
    )
    assert found.inactive == expected["inactive"]
    table = [tuple(clip) for clip in torch.stack(found.clips, 1).tolist()]
    assert table == expected["clips"]
    assert found.inter.item() == pytest.approx(expected["inter"], abs=2e-5)
    assert found.intra.item() == pytest.approx(expected["intra"], abs=2e-5)
    assert found.total.item() == pytest.approx(0.01 * (expected["inter"] + expected["intra"]), abs=1e-6)
    if double:
        return
    if form == "triplet":
        assert [[j for j in row if j >= 0] for row in found.hard.tolist()] == expected["hard"]
    for row, one in enumerate(expected["chosen"]):
        assert int(found.proxies.clip[row]) == (-1 if one is None else one[0])
        if one is not None:
            assert [k for k in found.proxies.positive[row].tolist() if k >= 0] == one[1]
            assert [k for k in found.proxies.negative[row].tolist() if k >= 0] == one[2]


def test_gradient_reaches_generated_motion_and_nothing_else() -> None:
    torch.manual_seed(0)
    data, encode = batch(1, 6, False), Encoder()
    before = encode.weight.clone()
    made, found = aligned(data, encode, AlignmentSettings())
    assert found.inter > 0
    assert found.intra > 0
    found.total.backward()
    assert made.grad is not None
    assert made.grad.abs().sum() > 0
    assert encode.weight.grad is None
    assert torch.equal(encode.weight, before)
    for row, length in enumerate(data["lengths"]):
        assert not made.grad[row, length:].any()


def test_the_gradient_is_that_of_numbers() -> None:
    torch.manual_seed(0)
    data, encode = batch(5, 5, False), Encoder()
    made, found = aligned(data, encode, AlignmentSettings(alignment_weight=1.0))
    found.total.backward()
    random, step = np.random.default_rng(0), 1e-6
    for _ in range(10):
        row = int(random.integers(5))
        place = (row, int(random.integers(data["lengths"][row])), int(random.integers(WIDTH)))
        totals = []
        for sign in (1, -1):
            moved = {**data, "made": data["made"].copy()}
            moved["made"][place] += sign * step
            totals.append(aligned(moved, encode, AlignmentSettings(alignment_weight=1.0))[1].total.item())
        assert made.grad is not None
        assert float(made.grad[place]) == pytest.approx((totals[0] - totals[1]) / (2 * step), abs=1e-5)


@pytest.mark.parametrize("form", ["triplet", "contrastive"])
def test_examples_that_are_detached_stay_where_they_are(form: str) -> None:
    torch.manual_seed(0)
    data, encode = batch(3, 6, False), Encoder()
    data["alike"][:] = 1.0
    data["alike"][0, 1:] = 0.0
    only = {"alignment": "inter", "inter_form": form, "margin": "fixed", "fixed_margin": 5.0}
    made, found = aligned(data, encode, AlignmentSettings(**only, detach_examples=True))
    found.total.backward()
    assert made.grad is not None
    assert made.grad[0].any()
    assert not made.grad[1:].any()
    made, found = aligned(data, encode, AlignmentSettings(**only))
    found.total.backward()
    assert made.grad is not None
    assert made.grad[int(found.hard[0, 0]) if form == "triplet" else 1].any()


def test_a_batch_is_embedded_in_few_calls_and_only_chosen_clips_with_gradient() -> None:
    torch.manual_seed(0)
    data, encode = batch(3, 6, False), Encoder()
    asked: list[tuple[int, bool]] = []

    def watched(motion: Tensor, there: Tensor) -> Tensor:
        found = encode(motion, there)
        asked.append((len(motion), found.requires_grad))
        return found

    _, found = aligned(data, watched, AlignmentSettings())
    chosen = {k for rows in found.proxies for k in rows.flatten().tolist() if k >= 0}
    count = len(found.clips.motion)
    assert len(chosen) < count
    assert asked == [(6, False), (6, True), (count, False), (count, False), (len(chosen), True)]
    asked.clear()
    aligned(data, watched, AlignmentSettings(aligned_motion=-1.0))
    assert asked == [(6, False), (6, True)]


def test_without_candidates_there_is_no_term_and_it_is_counted() -> None:
    torch.manual_seed(0)
    data, encode = batch(3, 3, False), Encoder()
    data["alike"][:] = 1.0
    data["lengths"] = [1, 1, 1]
    made, found = aligned(data, encode, AlignmentSettings())
    assert found.inactive == {"inter": 3, "intra": 3}
    found.total.backward()
    assert made.grad is not None
    assert not made.grad.any()


def test_what_is_chosen_is_chosen_in_full_precision() -> None:
    """A host's autocast reaches neither distances nor choices."""
    torch.manual_seed(0)
    made, real, texts = torch.randn(32, 12, WIDTH), torch.randn(32, 12, WIDTH), torch.randn(32, 16)
    weight, alike, lengths = torch.randn(WIDTH, 16), torch.rand(32, 32) * 0.8, torch.full((32,), 12)

    def encode(motion: Tensor, there: Tensor) -> Tensor:
        return 5 + torch.tanh(motion @ weight).sum(1)

    expected = align(made, real, lengths, texts, alike, encode, FPS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = align(made, real, lengths, texts, alike, encode, FPS)
    assert found.total.dtype == torch.float32
    assert torch.equal(found.hard, expected.hard)
    for one, other in zip(found.proxies, expected.proxies, strict=True):
        assert torch.equal(one, other)
    assert torch.equal(found.total, expected.total)
    # A module in half precision is heard, and its distances are taken in full.
    halves = align(
        made.half(), real.half(), lengths, texts.half(), alike.half(), lambda *of: encode(*of).half(), FPS
    )
    assert halves.total.dtype == torch.float32
    assert halves.total.item() == pytest.approx(expected.total.item(), rel=0.2)


def test_an_equal_caption_is_never_a_hard_example_whatever_rounding_made_of_it() -> None:
    settings = AlignmentSettings(similar_captions=1.0)
    rows = torch.nn.functional.normalize(torch.randn(200, 384, generator=torch.manual_seed(0)), dim=-1)
    alike = torch.cat([rows, rows]) @ torch.cat([rows, rows]).T
    twins = may_be_hard(alike, settings)[torch.arange(200), torch.arange(200, 400)]
    assert not twins.any()
    assert may_be_hard(alike, settings)[0].sum() == 398


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"alignment": "inter_intra"}, "alignment: 'inter_intra'; expected one of 'inter', 'intra', 'inter,intra'"),
        ({"alignment": "none"}, "alignment: 'none'"),
        ({"inter_form": "InfoNCE"}, "inter_form: 'InfoNCE'; expected one of 'triplet', 'contrastive'"),
        ({"margin": "Fixed"}, "margin: 'Fixed'"),
        ({"example_rule": "numerator"}, "example_rule: 'numerator'"),
        ({"negative_rule": "numerator"}, "negative_rule: 'numerator'"),
        ({"embedding_distance": "cos"}, "embedding_distance: 'cos'"),
        ({"mean_over": "batch"}, "mean_over: 'batch'"),
        ({"alignment_weight": -1.0}, "alignment_weight: -1; expected at least 0"),
        ({"examples": 0}, "examples: 0; expected at least 1"),
        ({"hard_examples": 0}, "hard_examples: 0; expected at least 1"),
        ({"clip_seconds": 0.02}, "clip_seconds: 0.02; expected at least 0.1"),
    ],
)  # fmt: skip
def test_settings_that_are_none_are_refused_in_python_too(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(MateError, match=said):
        AlignmentSettings(**changed)


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"), [(2.0, 20.0, 40), (1.0, 12.5, 13), (2.0, 12.5, 25), (3.0, 12.5, 38), (1.1, 20.0, 22)]
)  # fmt: skip
def test_clips_have_the_nearest_number_of_frames(seconds: float, fps: float, frames: int) -> None:
    assert frames_of(seconds, fps) == frames


def test_the_last_clip_has_a_second_or_is_none() -> None:
    """Of KIT-ML 12 frames are 0.96 s."""
    torch.manual_seed(0)
    made, real, texts = torch.randn(3, 38, WIDTH), torch.randn(3, 38, WIDTH), torch.randn(3, 3)
    encode = Encoder().float()
    found = align(made, real, torch.tensor([37, 38, 12]), texts, torch.eye(3), encode, 12.5)
    table = [tuple(clip) for clip in torch.stack(found.clips, 1).tolist()]
    assert table == [(0, 0, 25), (1, 0, 25), (1, 25, 13)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"real": np.zeros((6, 2, WIDTH))}, "one shape"),
        ({"lengths": [1, 2]}, r"lengths \(2,\)"),
        ({"lengths": [99] * 6}, "99"),
        ({"texts": np.zeros((5, 3))}, "an embedding a motion"),
        ({"alike": np.zeros((5, 6))}, "captions_similarity"),
    ],
)
def test_shapes_that_do_not_belong_together_are_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aligned({**batch(3, 6, False), **changed}, Encoder(), AlignmentSettings())
