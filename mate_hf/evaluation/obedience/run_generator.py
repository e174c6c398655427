"""`mate evaluate obedience`: do a generator's bodies do as they are told?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.prompts import BUILT_IN, read_prompts
from mate_hf.evaluation.obedience.run_obedience import evaluate_obedience
from mate_hf.generation.pipeline import GUIDANCE, MotionPipeline
from mate_hf.generation.solvers import DEFAULT_STEPS
from mate_hf.runs.provenance import provenance_of
from mate_hf.utils.results import OBEDIENCE, Results
from mate_hf.utils.seeds import derived_seed, require_seed

BUILT_IN_NAME = "built-in"
PLACES = 10_000
"""Seeds that one measurement has for its prompts."""


def obedience_of_generator(
    model: str | Path,
    prompts: str | Path = BUILT_IN_NAME,
    out: str | Path | None = None,
    per_prompt: int = 4,
    seed: int = 0,
    steps: int = DEFAULT_STEPS,
    guidance: float = GUIDANCE,
    solver: str | None = None,
    which: str = "best",
    device: str = "cpu",
    text_encoder: str | None = None,
    any_encoder: bool = False,
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> dict[str, Any]:
    """Tell a generator what to do, and look at what its bodies do, by kinematics alone.

    Two generators that are measured with the same prompts and seed begin from the same noise, whatever encoders they have.

    Args:
        model: run of `mate train-generator` or `mate train-masked`, pipeline folder, or Hub id.
        prompts: `built-in`, those for the corpus of `mate prepare --synthetic`; or a file, see `read_prompts`.
        out: results, JSON.
        per_prompt: motions of each.
        seed: of their noise.
        steps, guidance, solver: see `MotionPipeline.__call__`.
        which, device, text_encoder, any_encoder: see `MotionPipeline.from_pretrained`.
        argv: the command to record.
        overwrite: replace another file that stands at `out`, too.

    Returns:
        Provenance, and what `Obedience.to_json` has: percent obeyed with 95 % intervals by class, probe and word; pairs told apart;
        sliding feet and jerk.

    Raises:
        MateError: no generator, no prompts, numbers out of range, or `out` holds something else.
    """
    require_seed(seed)
    file = BUILT_IN if str(prompts) == BUILT_IN_NAME else Path(prompts)
    kept = Results(out, OBEDIENCE, overwrite, reads=[model, file])
    told = read_prompts(file)
    pipe = MotionPipeline.from_pretrained(model, which, device, text_encoder, any_encoder)

    for prompt in told:
        prompt.require_frames(pipe.kind.fps)
        try:
            pipe.frames_of(prompt.seconds)
        except MateError as error:
            raise MateError(f"{prompt.where}: {error}") from error

    def generate(texts: list[str], seconds: list[float], of: int) -> list[NDArray[np.float32]]:
        seeds = [derived_seed(of * PLACES + place) for place in range(len(texts))]
        made = pipe(texts, seconds, seed=seeds, steps=steps, guidance=guidance, solver=solver, progress=True)
        return [joints / pipe.kind.metre for joints in made.joints]

    found = evaluate_obedience(generate, told, per_prompt, seed, pipe.kind.fps)
    return kept.keep(
        {
            **provenance_of(argv, hashlib.sha256(file.read_bytes()).hexdigest(), seed),
            "text_encoder": pipe.model.config.text_encoder,
            "steps": steps,
            "guidance": guidance,
            "solver": solver,
            **found.to_json(),
        }
    )
