"""`mate plot generation`: generators side by side, told the same with the same noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.generation.pipeline import SECONDS, MotionPipeline
from mate_hf.generation.settings import sentences
from mate_hf.plotting.generation import Made, draw_generation
from mate_hf.plotting.run_skeleton import still_picture
from mate_hf.utils.named_paths import named_paths
from mate_hf.utils.visible import one_line

MOST_GENERATORS, MOST_STRIPS = 4, 24


def plot_generation(
    prompts: str | Sequence[str],
    generator: Sequence[str],
    out: str | Path,
    seconds: float = SECONDS,
    seed: int = 0,
    which: str = "best",
    device: str = "cpu",
    overwrite: bool = False,
) -> Path:
    """Let generators act out the same prompts from the same noise, and draw a strip of each motion.

    Args:
        prompts: what bodies are told, each a group of strips.
        generator: up to four, each a run, folder or Hub id, or NAME=PATH.
        out: `.png`, `.svg` or `.pdf`.
        seconds: of every motion.
        seed: of the noise, the same for all.
        which: model of a run, `best` or `last`.
        device: where motions are made.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file.

    Raises:
        MateError: no prompt, no generator or too many, generators of unlike skeletons, another ending, or a file that exists.
    """
    place = still_picture(out, overwrite, ())
    told = sentences(prompts)
    named = named_paths(generator, MOST_GENERATORS)
    if not named:
        raise MateError(
            "generator: none given. Name one or more: --generator stock=RUN --generator MATE=RUN."
        )
    if len(told) * len(named) > MOST_STRIPS:
        raise MateError(
            f"prompts: {len(told)} for {len(named)} generators; expected 1 to {MOST_STRIPS // len(named)}, for strips that can be told apart."
        )
    pipes = [(name, MotionPipeline.from_pretrained(path, which, device)) for name, path in named]
    kinds = {pipe.kind.name: name for name, pipe in pipes}
    if len(kinds) > 1:
        raise MateError(
            f"generator: skeletons of {', '.join(f'{name} ({kind})' for kind, name in kinds.items())} differ. Draw them apart."
        )
    with place.held() as place:
        made = {name: pipe(told, seconds, seed=seed, progress=True) for name, pipe in pipes}
        metre = pipes[0][1].kind.metre
        rows = [
            Made(one_line(prompt), one_line(name), made[name].joints[number] / metre)
            for number, prompt in enumerate(told)
            for name, _ in pipes
        ]
        draw_generation(rows, pipes[0][1].kind.fps, place)
    return place.path
