"""Localization (Eq. 1): segment encoding in length-sorted batches against one by one, the whole stage, cost by length.

python -m benchmarks.segments [--motions 32] [--repeats 5] [--threads 2] [--out segments.json]

The retrieval model has the size of a preset and random weights: what it says does not matter here, what it costs does.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.localization.locate import Question, locate
from mate_hf.localization.partition import best_partition, usable_segments
from mate_hf.localization.segment_features import Segment, encode_segments
from mate_hf.localization.units import unit_edges
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.training import configs
from mate_hf.training.retrieval_arguments import parse_arguments

CONFIGS = Path(configs.__file__).parent
LONGEST, UNIT = 196, 10
LENGTHS = (50, 100, 150, 200, 300, 400)
ONE_BY_ONE = 1


def main(
    preset: Annotated[str, typer.Option(help="Size of the retrieval model: tmr, opentma or atm.")] = "tmr",
    motions: Annotated[
        int, typer.Option(help="Motions of 60 to 196 frames, two or three sub-texts each.")
    ] = 32,
    repeats: Annotated[int, typer.Option(help="Counted turns; medians are reported.")] = 5,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print what localization costs."""
    torch.set_num_threads(threads)
    stage = Stage(preset, device)
    results: dict[str, Any] = {
        "preset": preset,
        "device": device,
        "encoding": encoding(stage, motions, repeats),
        "stage": whole_stage(stage, motions, repeats),
        "by_length": [by_length(stage, frames, repeats) for frames in LENGTHS],
    }
    lengths = results["by_length"]
    show("One motion of three sub-texts", list(lengths[0]), [list(row.values()) for row in lengths])
    record(out, results, sys.argv)


class Stage:
    """A retrieval model at random weights and made-up motions."""

    def __init__(self, preset: str, device: str) -> None:
        torch.manual_seed(0)
        config = (
            CONFIGS / f"retrieval_{preset}.yaml"
            if preset != "quickstart"
            else CONFIGS / "quickstart_retrieval.yaml"
        )
        settings = parse_arguments(["--config", str(config), "--data", "none", "--output_dir", "none"]).flat()
        sizes = {name: settings[name] for name in ("layers", "latent_size", "heads", "feedforward")}
        self.model = TMRModel(TMRConfig(**sizes)).eval().to(torch.device(device))
        self.random = np.random.default_rng(0)

    @torch.no_grad()
    def encode(self, motion: Tensor, mask: Tensor) -> Tensor:
        """E_m: raw features (B,T,F), mask (B,T) -> unit vectors (B,D)."""
        found = self.model.encode_motion(motion.to(self.model.device), mask.to(self.model.device)).mean
        return F.normalize(found, dim=-1).cpu()

    def motion(self, frames: int) -> NDArray[np.float32]:
        """Raw features (frames, 263)."""
        return self.random.normal(size=(frames, 263)).astype(np.float32)

    def motions(self, count: int) -> list[NDArray[np.float32]]:
        """Motions of the lengths of HumanML3D."""
        return [self.motion(int(frames)) for frames in self.random.integers(60, LONGEST + 1, count)]


def segments_of(place: int, frames: int, sub_texts: int = 3) -> list[Segment]:
    """All segments that some partition can use."""
    edges = unit_edges(frames, UNIT)
    usable = np.argwhere(usable_segments(len(edges) - 1, sub_texts))
    return [Segment(place, int(edges[i]), int(edges[j])) for i, j in usable]


def encoding(stage: Stage, count: int, repeats: int) -> dict[str, Any]:
    """All segments of some motions, batched and one by one."""
    motions = stage.motions(count)
    segments = [
        segment for place, motion in enumerate(motions) for segment in segments_of(place, len(motion))
    ]
    batched = partial(encode_segments, motions, segments, stage.encode)
    cases = {"batched": batched, "one by one": partial(batched, frames_per_batch=ONE_BY_ONE)}
    difference = (cases["batched"]() - cases["one by one"]()).abs().max().item()
    seconds = take_turns(cases, repeats, warmups=0)
    found = {
        "segments": len(segments),
        "seconds": {name: median(times) for name, times in seconds.items()},
        "ratio": ratio(seconds, "one by one", "batched"),
        "largest_difference": difference,
    }
    show(
        f"{len(segments)} segments of {count} motions: {found['ratio']:.1f} x, features differ by {difference:.0e} at most",
        ["encoding", "seconds", "segments / s"],
        [[name, median(times), len(segments) / median(times)] for name, times in seconds.items()],
    )
    return found


def whole_stage(stage: Stage, count: int, repeats: int) -> dict[str, Any]:
    """Captions localized a second, sub-texts encoded beforehand, and the share of everything that is not E_m."""
    motions = stage.motions(count)
    questions = [
        Question(place, tuple(f"{place}-{n}" for n in range(int(stage.random.integers(2, 4)))))
        for place in range(count)
    ]
    width = stage.model.config.latent_size
    features = {
        text: F.normalize(torch.randn(width), dim=0) for question in questions for text in question.sub_texts
    }
    spent = 0.0

    def timed(motion: Tensor, mask: Tensor) -> Tensor:
        nonlocal spent
        started = time.perf_counter()
        found = stage.encode(motion, mask)
        spent += time.perf_counter() - started
        return found

    seconds = take_turns(
        {"stage": partial(locate, questions, motions, features, timed, UNIT)}, repeats, warmups=0
    )
    found = {
        "localizations_per_second": count / median(seconds["stage"]),
        "share_outside_encoder": 1 - spent / sum(seconds["stage"]),
    }
    show(
        "The whole stage",
        ["localizations / s", "share of time outside E_m"],
        [[found["localizations_per_second"], f"{found['share_outside_encoder']:.1%}"]],
    )
    return found


def by_length(stage: Stage, frames: int, repeats: int) -> dict[str, Any]:
    """One motion: segments grow with the square of its units, frames to encode with the cube."""
    motion, segments = stage.motion(frames), segments_of(0, frames)
    units = len(unit_edges(frames, UNIT)) - 1
    costs = stage.random.random((3, units, units + 1))
    seconds = take_turns(
        {
            "encode": partial(encode_segments, [motion], segments, stage.encode),
            "partition": partial(best_partition, costs),
        },
        repeats,
    )
    return {
        "frames": frames,
        "units": units,
        "segments": len(segments),
        "frames_encoded": sum(segment.end - segment.start for segment in segments),
        "encode_ms": 1e3 * median(seconds["encode"]),
        "partition_ms": 1e3 * median(seconds["partition"]),
    }


if __name__ == "__main__":
    typer.run(main)
