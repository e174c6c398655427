"""Tell a generator what to do, look at what its bodies do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.outcomes import Obedience, Outcome
from mate_hf.evaluation.obedience.probes import measured
from mate_hf.evaluation.obedience.prompts import Prompt
from mate_hf.evaluation.obedience.quality import quality, quality_of_motions
from mate_hf.evaluation.obedience.seen_body import SeenBody, see
from mate_hf.utils.json_files import brief
from mate_hf.utils.seeds import require_seed

Generate = Callable[[list[str], list[float], int], Sequence[NDArray[Any]]]
"""Prompts, the seconds of each, a seed -> joints (T, J, 3) of each, metres, y up. The noise of a motion may depend on the seed, its
place in the list and the seconds, not on the words: opposite prompts are asked for at the same place with the same seed."""

SEED_STEP = 1000
"""Between the seeds of two measurements, so that neighbouring ones share no noise."""


def evaluate_obedience(
    generate: Generate,
    prompts: Sequence[Prompt],
    per_prompt: int = 4,
    seed: int = 0,
    fps: float = 20.0,
    real: Iterable[NDArray[Any]] | None = None,
) -> Obedience:
    """How often generated bodies do as they are told.

    Args:
        generate: see `Generate`; called up to three times for each of `per_prompt`.
        prompts: what to tell, see `read_prompts` and `built_in_prompts`.
        per_prompt: motions of each, from 1 to 1,000.
        seed: of the noise, 0 to 2**32 - 1.
        fps: frames per second of what is generated, and of `real`.
        real: motions (T, J, 3) to hold sliding feet and jerk against.

    Raises:
        MateError: no prompts, one too short to be judged, numbers out of range, or motions that are fewer than asked for or no bodies.
    """
    if not prompts:
        raise MateError("evaluate_obedience: no prompts.")
    if not 1 <= per_prompt <= SEED_STEP:
        raise MateError(f"per_prompt: {per_prompt}; expected 1 to {SEED_STEP}.")
    require_seed(seed)
    for prompt in prompts:
        prompt.require_frames(fps)
    asked = _asked(prompts)
    takes = [_take(generate, asked, seed * SEED_STEP + number, fps) for number in range(per_prompt)]
    outcomes = tuple(_outcome(prompt, takes) for prompt in prompts)
    found = {"generated": quality([take[place] for take in takes] for place in takes[0])}
    if real is not None:
        found["real"] = quality_of_motions(real, fps)
    return Obedience(outcomes, per_prompt, seed, found)


Said = tuple[str, float]
"""Words and seconds."""

Pair = frozenset[Said]
"""A prompt and its counterpart, or a prompt alone."""

Take = dict[tuple[Pair, Said], SeenBody]
"""The bodies of one seed."""


def _said(prompt: Prompt) -> tuple[Said, ...]:
    words = (prompt.text, prompt.counterpart) if prompt.counterpart else (prompt.text,)
    return tuple((text, prompt.seconds) for text in words)


def _asked(prompts: Sequence[Prompt]) -> list[list[tuple[Pair, Said]]]:
    """Lists of what to generate together: opposites at the same place of the first two, the rest in the third."""
    pairs = {frozenset(_said(prompt)): _said(prompt) for prompt in reversed(prompts) if prompt.counterpart}
    paired = {said for pair in pairs for said in pair}
    alone = {said: None for prompt in prompts for said in _said(prompt) if said not in paired}
    lists = [[(pair, said[side]) for pair, said in pairs.items()] for side in (0, 1)]
    return [part for part in (*lists, [(frozenset([said]), said) for said in alone]) if part]


def _take(generate: Generate, asked: list[list[tuple[Pair, Said]]], seed: int, fps: float) -> Take:
    take: Take = {}
    for part in asked:
        texts, seconds = [said[0] for _, said in part], [said[1] for _, said in part]
        made = generate(texts, seconds, seed)
        if len(made) != len(part):
            raise MateError(
                f"The generator made {len(made)} motions of {len(part)} prompts; expected one of each."
            )
        for place, joints in zip(part, made, strict=True):
            take[place] = see(joints, fps, f"generated for {brief(place[1][0])}")
    return take


def _outcome(prompt: Prompt, takes: list[Take]) -> Outcome:
    said = _said(prompt)
    pair = frozenset(said)
    if not prompt.counterpart and (pair, said[0]) not in takes[0]:
        # Its motions were generated beside those of its counterpart, which another prompt names.
        pair = next(key for key, own in takes[0] if own == said[0])
    values, *others = (
        tuple(measured(prompt.probe, take[pair, own], prompt.of) for take in takes) for own in said
    )
    return Outcome(prompt, values, *others)
