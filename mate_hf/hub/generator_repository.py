"""What `mate push` uploads of a generator: denoiser, text encoder or its Hub id, a picture of what it does, and the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.exports.report import REPORT_FILE, list_files, recorded_base
from mate_hf.generation.opening import GENERATORS, TEXT_ENCODER
from mate_hf.generation.pipeline import SECONDS, MotionPipeline
from mate_hf.generation.saving import write_generator
from mate_hf.hub.generator_card import Picture, Pushed, render_generator_card
from mate_hf.hub.names import is_on_hub
from mate_hf.plotting.skeleton import plot_strip
from mate_hf.runs.folder import RunFolder
from mate_hf.utils.files import write_json
from mate_hf.utils.model_kinds import model_type_in
from mate_hf.utils.terminal import note
from mate_hf.utils.weights import file_beside

PROMPT = "a person walks in a clockwise circle"
"""What the picture shows where nobody says: left and right, time and path are in it."""

PICTURE = "motion.png"
SEED = 0


@dataclass(frozen=True)
class Reference:
    """Where everybody finds an encoder: its Hub id, at one revision."""

    name: str
    revision: str | None


def is_generator(run: str | Path, which: str) -> bool:
    """Whether a run folder, or a model's or pipeline's, holds a generator.

    Raises:
        MateError: no model there.
    """
    return model_type_in(RunFolder(Path(run)).model(which)) in GENERATORS


def write_generator_repository(
    run: str | Path,
    repo_id: str,
    folder: Path,
    which: str = "best",
    text_encoder: str | None = None,
    results: Sequence[Path] = (),
    prompt: str | None = None,
) -> str:
    """Write all of the repository but its card to `folder`, open it as anybody will, and draw what it does.

    An encoder that stands on the Hub stays there, at the revision that was opened; any other one travels with the generator.

    Args:
        text_encoder: by what name the generator's encoder is to be known, or where it lies now; by default as in training.
        results: files of `mate evaluate` for the card, beside the run's own.
        prompt: what the picture shows.

    Returns:
        The card.

    Raises:
        MateError: no generator, or its encoder is not at hand or not the one it was trained with.
    """
    pipe = MotionPipeline.from_pretrained(run, which, text_encoder=text_encoder)
    reference = write_with_encoder(pipe, RunFolder(Path(run)).model(which), folder, text_encoder)
    name, revision = (None, None) if reference is None else (reference.name, reference.revision)
    opened = MotionPipeline.from_pretrained(folder)
    picture = _picture(opened, folder / PICTURE, prompt or PROMPT)
    known_as = pipe.model.config.text_encoder if text_encoder is None else text_encoder
    base = recorded_base(Path(known_as))
    report = {"format": "generator", "base": name, "files": list_files(folder)}
    write_json(folder / REPORT_FILE, report)
    return render_generator_card(
        Pushed(repo_id, opened, known_as, base, reference is not None, revision, picture), Path(run), results
    )


def write_with_encoder(
    pipe: MotionPipeline, source: Path, folder: Path, text_encoder: str | None = None
) -> Reference | None:
    """Write a generator that opens anywhere; where its encoder stays on the Hub, say where.

    Args:
        source: the folder that the pipeline was opened from.
        text_encoder: see `write_generator_repository`.
    """
    reference = _reference(pipe, source, text_encoder)
    name, revision = (None, None) if reference is None else (reference.name, reference.revision)
    write_generator(pipe.actor, pipe.encoder, folder, name, revision)
    return reference


def _reference(pipe: MotionPipeline, folder: Path, named: str | None) -> Reference | None:
    if named is None and (folder / TEXT_ENCODER).is_dir():
        return None
    config = pipe.model.config
    name = config.text_encoder if named is None else named
    if not is_on_hub(name):
        return None
    revision = config.text_revision if named is None else None
    # At the commit that was opened: a branch may move on, and the generator would refuse what it then finds.
    return Reference(name, _commit(name, revision) or revision)


def _commit(name: str, revision: str | None) -> str | None:
    """Which one the cache holds, by the folder that huggingface_hub keeps it in."""
    file = file_beside(name, "config.json", revision)
    return file.parent.name if file is not None and file.parent.parent.name == "snapshots" else None


def _picture(pipe: MotionPipeline, file: Path, prompt: str) -> Picture | None:
    try:
        made = pipe(prompt, SECONDS, seed=SEED)
        plot_strip(made.joints[0] / pipe.kind.metre, file, prompt, made.fps)
    except MateError as error:
        note(f"no picture on the card: {error}")
        return None
    return Picture(file.name, prompt, SECONDS, SEED)
