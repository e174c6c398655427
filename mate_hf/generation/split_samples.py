"""`mate generate-split`: a generator's motions of a whole split, beside the real ones, as the field's metrics read them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mate_hf.data.corpus import open_corpus
from mate_hf.errors import MateError
from mate_hf.generation.pipeline import GUIDANCE, MotionPipeline
from mate_hf.generation.sample_folder import GENERATED, SEVERAL, SampledClips, save_motion
from mate_hf.generation.solvers import DEFAULT_STEPS
from mate_hf.utils.outputs import SAMPLES, Output
from mate_hf.utils.seeds import derived_seed, require_seed

SEVERAL_EACH = 30
"""Motions of one caption for MultiModality, as in the field."""

TOGETHER = 64
"""Clips that are acted out at a time."""

PLACES = 1_000_000
"""Seeds that one generation has for its clips."""


def generate_split(
    model: str | Path,
    data: str | Path,
    out: str | Path,
    split: str = "test",
    generations: int = 1,
    multimodality: int = 0,
    seed: int = 0,
    steps: int = DEFAULT_STEPS,
    guidance: float = GUIDANCE,
    solver: str | None = None,
    which: str = "best",
    device: str = "cpu",
    text_encoder: str | None = None,
    any_encoder: bool = False,
    overwrite: bool = False,
) -> int:
    """Act out the first caption of each clip of a split, as long as the clip is.

    Args:
        model: run of `mate train-generator` or `mate train-masked`, pipeline folder, or Hub id.
        data: corpus.
        out: folder for `real/`, `generated/0/`, ... and, where asked for, `multimodality/<id>/`: features (T,width) as `<id>.npy`; and
            `captions.jsonl` of `id` and `caption`. Ids are places in the split.
        split: of the corpus.
        generations: motions of each clip, each in a folder of all clips.
        multimodality: first so many clips of which 30 motions are made; 0 for none.
        seed: fixes everything. Two generators that are asked alike begin from the same noise.
        steps, guidance, solver: see `MotionPipeline.__call__`.
        which, device, text_encoder, any_encoder: see `MotionPipeline.from_pretrained`.
        overwrite: replace an earlier output.

    Returns:
        How many clips.

    Raises:
        MateError: no generator, no such split, another kind of motion, numbers out of range, or `out` exists.
    """
    for name, number, least in (
        ("generations", generations, 1),
        ("multimodality", multimodality, 0),
    ):
        if number < least:
            raise MateError(f"{name}: {number}; expected {least} or more.")
    require_seed(seed)
    place = Output(Path(out), SAMPLES, overwrite, reads=[model, data, text_encoder])
    with place.held() as held:
        pipe = MotionPipeline.from_pretrained(model, which, device, text_encoder, any_encoder)
        corpus = open_corpus(data)
        corpus.require_width(pipe.kind.width, f"the generator {model}")
        clips = SampledClips(corpus.split(split, str(data)))
        if multimodality > len(clips.names):
            raise MateError(f"multimodality: {multimodality}; {split} has {len(clips.names)} clips.")
        sampled = partial(pipe, steps=steps, guidance=guidance, solver=solver)
        names, captions, frames = clips.names, clips.captions, clips.frames

        def act(rows: Sequence[int], folder: Path, generation: int) -> None:
            for start in range(0, len(rows), TOGETHER):
                part = rows[start : start + TOGETHER]
                made = sampled(
                    [captions[row] for row in part],
                    [frames[row] / pipe.kind.fps for row in part],
                    seed=[derived_seed(seed + generation * PLACES + row) for row in part],
                    progress=True,
                )
                for row, features in zip(part, made.features, strict=True):
                    save_motion(folder / f"{names[row]}.npy", features)

        with held.written() as fresh:
            clips.save(fresh)
            for generation in range(generations):
                act(range(len(names)), fresh / GENERATED / str(generation), generation)
            for row in range(multimodality):
                several = fresh / SEVERAL / names[row]
                made = sampled(
                    captions[row], frames[row] / pipe.kind.fps, SEVERAL_EACH, derived_seed(seed + row)
                )
                for number, features in enumerate(made.features):
                    save_motion(several / f"{number:06d}.npy", features)
        return len(names)
