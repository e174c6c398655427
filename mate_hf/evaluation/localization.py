"""How far boundaries are from the truth (Table 9), beside what needs no retrieval model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.localization.locate import Question, locate, merge_sub_texts
from mate_hf.localization.partition import best_partition
from mate_hf.localization.segment_features import frames_per_batch
from mate_hf.localization.units import unit_edges, unit_frames
from mate_hf.retrieval.retriever import Retriever
from mate_hf.utils.text_files import read_lines

Segments = Sequence[tuple[int, int]]
"""(first frame, end frame) of each sub-text, contiguous."""

CHUNK = 64
TRUTH_FILE = "truth.jsonl"


@dataclass(frozen=True)
class Example:
    """A caption of several sub-texts whose segments are known, and its motion (T,F), which captions of one `clip` share."""

    clip: str
    caption: str
    sub_texts: tuple[str, ...]
    segments: tuple[tuple[int, int], ...]
    held_out: bool
    motion: NDArray[np.float32]


def read_truth(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """`truth.jsonl` of a synthetic corpus by motion id and caption.

    Raises:
        MateError: no such file, or a line that is not what `mate prepare --synthetic` writes.
    """
    try:
        lines = read_lines(path)
    except FileNotFoundError as error:
        raise MateError(
            f"truth {path} could not be read: {error}. Corpora made by `mate prepare --synthetic` have it."
        ) from error
    truth = {}
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            truth[row["id"], row["caption"]] = row
        except (ValueError, KeyError, TypeError) as error:
            raise MateError(
                f"truth {path}, line {number}: {error!r}; expected id, caption, sub_texts, segments."
            ) from error
    return truth


def examples(split: Split, truth: dict[tuple[str, str], dict[str, Any]]) -> list[Example]:
    """The split's captions of several sub-texts with their truth."""
    found = []
    motions: dict[str, NDArray[np.float32]] = {}
    for row, (name, clip, caption) in enumerate(
        zip(split["id"], split["clip"], split["caption"], strict=True)
    ):
        known = truth.get((name, caption))
        if known is None or len(known["sub_texts"]) < 2:
            continue
        if clip not in motions:
            motions[clip] = split.motions[row]
        segments = tuple((int(start), int(end)) for start, end in known["segments"])
        found.append(
            Example(clip, caption, tuple(known["sub_texts"]), segments, known["held_out"], motions[clip])
        )
    return found


def located_segments(
    asked: Sequence[tuple[Example, Sequence[str]]], retriever: Retriever, unit: int
) -> list[Segments]:
    """Eq. 1 on each example with the sub-texts beside it; segments of a motion are encoded once for all that ask for them."""
    places: dict[str, list[int]] = {}
    for place, (example, _) in enumerate(asked):
        places.setdefault(example.clip, []).append(place)
    of_motions = list(places.values())
    found: dict[int, Segments] = {}
    for start in range(0, len(of_motions), CHUNK):
        chunk = of_motions[start : start + CHUNK]
        motions = [asked[own[0]][0].motion for own in chunk]
        units = [len(unit_edges(len(motion), unit)) - 1 for motion in motions]
        questions = {
            place: Question(motion, merge_sub_texts(asked[place][1], units[motion]))
            for motion, own in enumerate(chunk)
            for place in own
        }
        unique = sorted({text for question in questions.values() for text in question.sub_texts})
        features = dict(zip(unique, retriever.encode_texts(unique), strict=True))
        frames = frames_per_batch(retriever.device)
        located = locate(list(questions.values()), motions, features, retriever.encode_motions, unit, frames)
        found |= {place: answer.segments for place, answer in zip(questions, located, strict=True)}
    return [found[place] for place in range(len(asked))]


def uniform_segments(frames: int, sub_texts: int) -> Segments:
    """Equal shares of the motion."""
    cuts = [round(frames * n / sub_texts) for n in range(sub_texts + 1)]
    return list(pairwise(cuts))


def change_point_segments(
    motion: NDArray[np.float32], std: NDArray[np.float32], sub_texts: int, unit: int
) -> Segments:
    """The cut that leaves the least variance of the features (each over its `std`) within segments: no text is read."""
    edges = unit_edges(len(motion), unit)
    scaled = (motion / std).astype(np.float64)
    sums = np.concatenate([np.zeros((1, scaled.shape[1])), scaled.cumsum(0)])[edges]
    squares = np.concatenate([[0.0], (scaled**2).sum(1).cumsum()])[edges]
    U = len(edges) - 1
    costs = np.full((U, U + 1), np.inf)
    for i, j in combinations(range(U + 1), 2):
        total = sums[j] - sums[i]
        costs[i, j] = squares[j] - squares[i] - (total**2).sum() / (edges[j] - edges[i])
    found = best_partition(np.broadcast_to(costs, (sub_texts, U, U + 1)))
    return [(int(edges[a]), int(edges[b])) for a, b in pairwise(found.edges)]


def boundary_error(found: Segments, true: Segments, fps: float) -> float:
    """Mean distance in seconds between the N-1 inner boundaries and the true ones."""
    return fmean(abs(a[1] - b[1]) for a, b in zip(found[:-1], true[:-1], strict=True)) / fps


def localization_metrics(
    items: Sequence[Example],
    retriever: Retriever,
    decompose: Callable[[Sequence[str]], list[list[str]]],
    std: NDArray[np.float32],
    fps: float,
    unit_seconds: float,
) -> dict[str, Any]:
    """Boundary errors with the true sub-texts, with decomposed ones, and of the two baselines.

    Decomposed sub-texts are compared where there are as many as true ones; `decomposition_agrees` is that share, in
    percent, of captions of several sub-texts.
    """
    unit = unit_frames(unit_seconds, fps)
    fitting = [item for item in items if len(item.sub_texts) <= len(unit_edges(len(item.motion), unit)) - 1]
    cut = decompose([item.caption for item in fitting])
    agreeing = [
        (item, texts) for item, texts in zip(fitting, cut, strict=True) if len(texts) == len(item.sub_texts)
    ]
    located = located_segments([*((item, item.sub_texts) for item in fitting), *agreeing], retriever, unit)
    own, decomposed = located[: len(fitting)], located[len(fitting) :]
    errors = {
        "true_sub_texts": [boundary_error(a, b.segments, fps) for a, b in zip(own, fitting, strict=True)],
        "decomposed": [
            boundary_error(a, b.segments, fps) for a, (b, _) in zip(decomposed, agreeing, strict=True)
        ],
        "uniform": [
            boundary_error(uniform_segments(len(item.motion), len(item.sub_texts)), item.segments, fps)
            for item in fitting
        ],
        "change_point": [
            boundary_error(
                change_point_segments(item.motion, std, len(item.sub_texts), unit), item.segments, fps
            )
            for item in fitting
        ],
    }
    held_out = [error for error, item in zip(errors["true_sub_texts"], fitting, strict=True) if item.held_out]
    return {
        "captions": len(items),
        "too_short_for_unit": len(items) - len(fitting),
        "decomposition_agrees": 100 * len(agreeing) / len(fitting),
        "seconds": {name: _spread(values) for name, values in errors.items() if values},
        "seconds_held_out_combinations": _spread(held_out) if held_out else None,
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "mean": fmean(values),
        "median": median(values),
        "std": stdev(values) if len(values) > 1 else 0.0,
        "count": len(values),
    }
