"""`mate generate`: prompts in, files of motions out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.generation.editing import Kept
from mate_hf.generation.pipeline import GUIDANCE, SECONDS, MotionPipeline
from mate_hf.generation.settings import lengths_of, require_count, sentences
from mate_hf.generation.solvers import DEFAULT_STEPS
from mate_hf.generation.writing import held, places_of, require_writable, shows_words, write_made
from mate_hf.utils.arrays import load_array
from mate_hf.utils.terminal import note

MODEL = "runs/generator"


def generate(
    prompts: str | Sequence[str],
    out: str | Path,
    model: str | Path = MODEL,
    seconds: float | Sequence[float] | None = None,
    num: int = 1,
    seed: int = 0,
    then: bool = False,
    edit: str | Path | None = None,
    keep_frames: str | None = None,
    keep_joints: str | None = None,
    strength: float = 1.0,
    features: bool = False,
    steps: int = DEFAULT_STEPS,
    guidance: float = GUIDANCE,
    solver: str | None = None,
    which: str = "best",
    device: str = "cpu",
    text_encoder: str | None = None,
    any_encoder: bool = False,
    overwrite: bool = False,
) -> list[Path]:
    """Act out prompts and write each motion to a file; see `MotionPipeline`.

    Args:
        prompts: sentences.
        out: `.npy` of joints (T,J,3), `.bvh` or `.glb`; of several motions NAME_0.npy, NAME_1.npy and so on, in the order of
            prompts. Or a picture, see `mate_hf.plot_skeleton`: `.html`, `.gif` or `.mp4`, which show up to four motions side by side, or a
            strip of one; the page also shows when each word is looked at.
        model: run of `mate train-generator` or `mate train-masked`, pipeline folder, or Hub id.
        seconds: of every motion, or of each prompt's; 6 by default.
        num: motions of each prompt.
        seed: fixes everything.
        then: prompts are one motion, acted out one after another.
        edit: `.npy` of a clip, joints or features, that the prompt is acted out around.
        keep_frames, keep_joints, strength: what of it stays, see `Kept.of` and `MotionPipeline.edit`.
        features: write features (T,width) in place of joints; `.npy` alone.
        steps, guidance, solver: see `MotionPipeline.__call__`.
        which, device, text_encoder, any_encoder: see `MotionPipeline.from_pretrained`.
        overwrite: replace files that stand there.

    Returns:
        The files.

    Raises:
        MateError: settings that do not fit together, no generator, or a file that exists.
    """
    said = sentences(prompts)
    edited = edit is not None
    _require(said, edited, then, seconds, keep_frames, keep_joints, strength)
    if features and Path(out).suffix.lower() != ".npy":
        raise MateError(f"{out}: features are written as .npy. Name such a file, or leave out --features.")
    require_count(num, len(said))
    count = num if then or edited else num * len(said)
    keep = Kept.of(keep_frames, keep_joints)
    places = places_of(Path(out), count, overwrite, edit)
    clip = None if edit is None else load_array(Path(edit))
    pipe = MotionPipeline.from_pretrained(model, which, device, text_encoder, any_encoder)
    with held(places) as places:
        if clip is not None:
            require_writable(places, max(clip.shape[:1], default=0), pipe.kind)
            made = pipe.edit(
                said[0], clip, keep, num, seed,
                strength=strength, steps=steps, guidance=guidance, solver=solver, progress=True,
            )  # fmt: skip
        else:
            lasts = lengths_of(_lasts(seconds), len(said), "an action" if then else "a prompt")
            frames = [pipe.frames_of(length) for length in lasts]
            require_writable(places, sum(frames) if then else max(frames), pipe.kind)
            act = pipe.sequence if then else pipe
            looks = shows_words(places) and pipe.hears_words
            made = act(
                said, lasts, num, seed,
                steps=steps, guidance=guidance, solver=solver, return_attention=looks, progress=True,
            )  # fmt: skip
        write_made(made, places, features, pipe.kind)
    for number, report in enumerate(made.edits):
        note(f"motion {number}: {report}." if len(made) > 1 else f"{report}.")
    return [place.path for place in places]


def _lasts(seconds: float | Sequence[float] | None) -> float | Sequence[float]:
    """Of all, where one number is said."""
    if seconds is None:
        return SECONDS
    return seconds[0] if isinstance(seconds, Sequence) and len(seconds) == 1 else seconds


def _require(
    prompts: Sequence[str],
    edited: bool,
    then: bool,
    seconds: float | Sequence[float] | None,
    keep_frames: str | None,
    keep_joints: str | None,
    strength: float,
) -> None:
    """Settings that have no meaning together are named."""
    if not edited and (keep_frames or keep_joints or strength != 1):
        raise MateError("keep-frames, keep-joints, strength: of what clip? Name it: --edit CLIP.npy.")
    if edited and (then or len(prompts) != 1 or seconds is not None):
        raise MateError(
            "edit: takes one prompt, and the clip's own length. Leave out --then, --seconds and other prompts."
        )
