"""`mate report`: a run as one page that can be sent to somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mate_hf.data.corpus import open_corpus
from mate_hf.data.motion_features import recover
from mate_hf.errors import MateError
from mate_hf.motion_files.reading import Motion
from mate_hf.plotting.player import page_of
from mate_hf.plotting.run_curves import plot_curves
from mate_hf.plotting.run_localization import plot_localization
from mate_hf.plotting.run_obedience import plot_obedience
from mate_hf.plotting.scene import Attention, Scene, scene_of
from mate_hf.reports.numbers import Measured, read_numbers
from mate_hf.reports.page import Page, folded, frame, paragraph, picture, table
from mate_hf.reports.word_figures import FIGURES, Words, open_words
from mate_hf.runs.folder import RunFolder
from mate_hf.utils.outputs import FILE, Output
from mate_hf.utils.results import OBEDIENCE, results_of
from mate_hf.utils.scratch import scratch_folder

BESIDE = ("retrieval.json", "words.json", "localization.json", "obedience.json")
"""Results that are read where they lie in the run."""

PROMPTS = ("a person raises the left arm", "a person walks forward and then turns right")

OF_WORDS = {
    "map": "Words of the training captions before and after tuning; what lies together is alike.",
    "contraries": "Cosines of contrary words with one another: frames should fade.",
    "displacement": "How far rows of the embedding table moved, by class of word.",
    "frequencies": "How often words occur in the training captions.",
}

SPREAD = (
    "In brackets: the 95 % interval. Of retrieval, choices and pointing it is Wilson's, as if every question were independent of the others; "
    "captions of one motion are not quite. It says nothing of what another seed would change; “mate ablate” trains several."
)


def report(
    run: str | Path,
    out: str | Path,
    data: str | None = None,
    generator: str | None = None,
    prompt: Sequence[str] = (),
    results: Sequence[str | Path] = (),
    split: str = "test",
    base: str | None = None,
    which: str = "best",
    overwrite: bool = False,
) -> Path:
    """Write what a run is, what came of it and how it looks, as one HTML page that needs no network.

    Args:
        run: run folder of `mate train`; of other trainings the page has curves and settings.
        out: `.html`.
        data: corpus of `mate localize`, of which a caption is drawn and two motions play.
        generator: run of `mate train-generator` or `mate train-masked`, or a pipeline; its motions play in place of the corpus's.
        prompt: sentences that it acts out, up to four.
        results: further files of `mate evaluate`; those that lie in the run are read anyway.
        split: train, val or test, of `data`.
        base: the text encoder the run was trained from, where it does not say or it lies elsewhere now.
        which: `best` or `last`.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file. What could not be shown is named at its end, with the reason.

    Raises:
        MateError: no run, results that cannot be read, another ending, or a file that exists.
    """
    folder, path = RunFolder(Path(run)), Path(out)
    if path.suffix.lower() != ".html":
        raise MateError(f"{path}: a report is a page; expected a name that ends in .html.")
    place = Output(path, FILE, overwrite, [run, data, generator, base, *results])
    place.require_free()
    settings, recorded = folder.settings(), folder.results()
    if not settings and not recorded:
        raise MateError(
            f"{run}: no config.yaml or results.json in it. Expected the folder of a training run."
        )
    page = Page(f"Report of {folder.path.resolve().name}")
    files = [folder.path / name for name in BESIDE if (folder.path / name).is_file()] + [
        Path(file) for file in results
    ]
    _trained(page, settings, recorded)
    _numbers(page, [read_numbers(file) for file in files])
    with scratch_folder("report") as scratch:
        _pictures(page, scratch, folder.path, files, base, which)
        _localized(page, scratch, folder.path, data, split, which)
    _motions(page, data, split, generator, list(prompt) or list(PROMPTS), which)
    with place.written() as fresh:
        fresh.write_text(page.render(), encoding="utf-8")
    return path


def _trained(page: Page, settings: dict[str, Any], recorded: dict[str, Any]) -> None:
    facts = [
        ("text encoder", settings.get("text_encoder", "not recorded")),
        ("corpus", settings.get("data", "not recorded")),
        *(
            (name, settings[name])
            for name in ("objective", "epochs", "seed")
            if settings.get(name) is not None
        ),
        *(
            (name.replace("_", " "), recorded[name])
            for name in ("steps", "data_hash", "commit", "command")
            if recorded.get(name)
        ),
    ]
    versions = recorded.get("versions")
    if isinstance(versions, dict):
        facts.append(("versions", ", ".join(f"{name} {value}" for name, value in versions.items())))
    if not recorded:
        page.missing.append("Steps, command, data hash and versions: the training has not ended.")
    every = folded("All settings", table(("setting", "value"), settings.items()))
    page.add("What was trained, and on what", table(("", ""), facts), every)


def _numbers(page: Page, measured: Sequence[Measured]) -> None:
    if not measured:
        page.missing.append(
            "Numbers: no results of `mate evaluate` lie in the run, and none were named (--results)."
        )
    for found in measured:
        rows = [(row.asked, row.found, row.beside or "–") for row in found.rows]
        shown = table(("what was asked", "found", "chance or stock"), rows)
        said = paragraph(found.said) if found.said else ""
        page.add(found.title, shown, said, paragraph(f"Command: {found.command}", quiet=True))
    if measured:
        page.add("How sure these numbers are", paragraph(SPREAD))


def _try(page: Page, what: str, make: Callable[[], str]) -> str:
    """A part of the page; where it cannot be made it is left out, which is said."""
    try:
        return make()
    except MateError as error:
        page.missing.append(f"{what}: {str(error).splitlines()[0]}")
        return ""


def _pictures(
    page: Page, scratch: Path, run: Path, files: Sequence[Path], base: str | None, which: str
) -> None:
    curves = "Losses and validations by step."
    parts = [_try(page, "Curves", lambda: picture(plot_curves(run, scratch / "curves.svg"), curves))]
    bodies = [file for file in files if results_of(file) == OBEDIENCE]
    if bodies:
        caption = "How many bodies obey, by class of prompt and probe, with 95 % intervals."
        parts.append(
            _try(page, "Obedience", lambda: picture(plot_obedience(bodies, scratch / "bodies.svg"), caption))
        )
    try:
        words = open_words(run, which, base)
    except MateError as error:
        page.missing.append(f"Pictures of words: {str(error).splitlines()[0]}")
    else:
        parts += [
            _try(page, f"Picture {name}", partial(_of_words, words, scratch, name, caption))
            for name, caption in OF_WORDS.items()
        ]
    if any(parts):
        page.add("Pictures", *parts)


def _of_words(words: Words, scratch: Path, name: str, caption: str) -> str:
    # Hundreds of names and fields as paths would be megabytes of SVG.
    place = Output(scratch / f"{name}.png", FILE)
    FIGURES[name](words, place)
    return picture(place.path, caption)


def _localized(page: Page, scratch: Path, run: Path, data: str | None, split: str, which: str) -> None:
    if data is None:
        page.missing.append("A caption over its motion: no corpus was named (--data).")
        return
    caption = "Which part of a motion each part of its caption tells of, and where each word looks."
    file = scratch / "localization.png"
    shown = _try(
        page,
        "A caption over its motion",
        lambda: picture(plot_localization(data, file, run, split, which=which), caption),
    )
    if shown:
        page.add("A caption over its motion", shown)


def _motions(
    page: Page, data: str | None, split: str, generator: str | None, prompts: list[str], which: str
) -> None:
    if generator is not None:
        what, make = (
            f"Made by {Path(generator).name}; drag to turn.",
            lambda: _made(generator, prompts, which),
        )
    elif data is not None:
        what, make = f"Of the corpus, {split} split; drag to turn.", lambda: _of_corpus(data, split)
    else:
        page.missing.append("Motions that play: no corpus (--data) and no generator (--generator) was named.")
        return
    shown = _try(page, "Motions that play", lambda: frame(page_of(make()), what))
    if shown:
        page.add("Motions", shown)


def _made(generator: str, prompts: list[str], which: str) -> Scene:
    # Of the extra `generation`, which a report without a generator does without.
    from mate_hf.generation import MotionPipeline

    pipe = MotionPipeline.from_pretrained(generator, which)
    made = pipe(prompts, return_attention=pipe.hears_words)
    motions = [Motion(joints / pipe.kind.metre, pipe.kind, made.fps) for joints in made.joints]
    return scene_of(motions, made.prompts, [Attention(words, weights) for words, weights in made.attention])


def _of_corpus(data: str, split: str) -> Scene:
    corpus = open_corpus(data)
    captions = corpus.split(split, data)
    first: dict[str, int] = {}
    for row, name in enumerate(captions["id"]):
        first.setdefault(name, row)
    rows = [*first.values()][:2]
    kind = corpus.kind
    motions = [
        Motion(recover(np.asarray(captions.motions[row], np.float64), kind) / kind.metre, kind, kind.fps)
        for row in rows
    ]
    return scene_of(motions, [captions.captions[row]["caption"] for row in rows])
