"""The synthetic corpus on disk: a HumanML3D folder, and beside it the truth that real corpora do not have."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from mate_hf.data.corpus_licence import LICENCE_FILE, OWN_TEXT
from mate_hf.data.synthetic.captions import Caption, tell_differently
from mate_hf.data.synthetic.performing import perform
from mate_hf.data.synthetic.scenario import Timeline, draw_timeline
from mate_hf.data.synthetic.splits import MOTION_STREAM, Part, assign, scenario_of
from mate_hf.data.synthetic.timing import FPS
from mate_hf.errors import MateError
from mate_hf.utils.outputs import SYNTHETIC, Output
from mate_hf.utils.seeds import require_seed
from mate_hf.utils.terminal import terminal_of_bars
from mate_hf.utils.workers import FEW_MOTIONS, fair_workers, ordered_map, require_workers

CAPTIONS_PER_MOTION = 3

FEWEST_MOTIONS, MOST_MOTIONS = 20, 10_000_000
"""Fewer would leave a split without a motion, and more find no disk."""

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Record:
    """What the index files say about one motion."""

    name: str
    split: str
    frames: int
    held_out: bool
    truth: tuple[str, ...]


def write_synthetic_corpus(
    out: str | Path,
    motions: int = 3000,
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
    overwrite: bool = False,
) -> dict[str, int]:
    """Write a procedural motion-text corpus with exact truth, whole or not at all.

    `out` becomes a HumanML3D folder: `new_joints/<id>.npy` (T, 22, 3) float32 in metres at 20 fps with
    41 <= T <= 197, `texts/<id>.txt` (three captions), `train.txt`, `val.txt`, `test.txt` (80 : 5 : 15), and
    `truth.jsonl`: one line a caption, in the order of ids and of their text files, with

    - `id`, `split`, `held_out` (it shows a combination of `actions.HELD_OUT`; only in the test split),
    - `caption`, `sub_texts` in order of occurrence, `segments` [[start, end), ...] of the sub-texts,
    - `words` [{text, start, end}, ...] in caption order,
    - `actions` [{kind, ..., start, end}, ...], what the motion was made from.

    A file `LICENSE` says whose it is.

    Frames count features, which are one fewer than joints. The same `motions` and `seed` give the same bytes,
    whatever `workers` is.

    Args:
        out: a path that does not exist yet, or an empty folder.
        motions: how many, at least 20.
        seed: not negative.
        workers: processes that act motions out; None: one a core where there are many.
        progress: show a progress bar on standard error.
        overwrite: replace what stands at `out`.

    Returns:
        Counts: motions, captions, frames, train, val, test, held_out.

    Raises:
        MateError: an argument is out of range, or `out` is in use and not to be replaced.
    """
    out = Path(out)
    workers = fair_workers(motions, FEW_MOTIONS) if workers is None else workers
    _check_numbers(motions, seed, workers)
    place = Output(out, SYNTHETIC, overwrite, may_be_empty=True)
    place.require_free()
    counts: Counter[str] = Counter()
    names: dict[str, list[str]] = {split: [] for split in SPLITS}
    with place.written() as folder, ordered_map(workers) as mapped:
        for inner in ("new_joints", "texts"):
            (folder / inner).mkdir(parents=True)
        records = mapped(partial(_write_motion, folder=folder, seed=seed), assign(motions, seed))
        console = terminal_of_bars()
        with (folder / "truth.jsonl").open("w", encoding="utf-8", newline="\n") as truth:
            for record in track(records, "acting", total=motions, console=console, disable=not progress):
                truth.writelines(line + "\n" for line in record.truth)
                names[record.split].append(record.name)
                counts.update(
                    motions=1, captions=len(record.truth), frames=record.frames, held_out=record.held_out
                )
        for split in SPLITS:
            _write_lines(folder / f"{split}.txt", names[split])
        (folder / LICENCE_FILE).write_text(OWN_TEXT, encoding="utf-8", newline="\n")
    return {**counts, **{split: len(names[split]) for split in SPLITS}}


def summary(counts: dict[str, int]) -> str:
    """What was written, in a sentence."""
    hours = counts["frames"] / FPS / 3600
    return (
        f"{counts['motions']:,} motions with {counts['captions']:,} captions, {hours:.1f} hours: {counts['train']:,} motions to "
        f"train, {counts['val']:,} to validate, {counts['test']:,} to test, {counts['held_out']:,} of these of combinations that "
        "training never shows."
    )


def _check_numbers(motions: int, seed: int, workers: int) -> None:
    if not FEWEST_MOTIONS <= motions <= MOST_MOTIONS:
        raise MateError(f"motions is {motions}; expected {FEWEST_MOTIONS} to {MOST_MOTIONS}.")
    require_seed(seed)
    require_workers(workers)


def _write_motion(part: Part, folder: Path, seed: int) -> Record:
    rng = np.random.default_rng([seed, MOTION_STREAM, part.index])
    scenario = scenario_of(part, seed)
    timeline = draw_timeline(scenario, rng)
    captions = tell_differently(timeline, CAPTIONS_PER_MOTION, rng)
    joints = perform(timeline, rng)
    name = f"{part.index:06d}"
    np.save(folder / "new_joints" / f"{name}.npy", joints)
    _write_lines(folder / "texts" / f"{name}.txt", [_text_line(caption) for caption in captions])
    about = {"id": name, "split": part.split, "held_out": scenario.held_out}
    truth = tuple(json.dumps({**about, **_truth(caption, timeline)}) for caption in captions)
    return Record(name, part.split, timeline[-1][0].end, scenario.held_out, truth)


def _text_line(caption: Caption) -> str:
    """HumanML3D's caption line: sentence, lemma/tag of every word, and 0.0 twice for the whole motion."""
    tagged = " ".join(f"{word.lemma}/{word.tag}" for word in caption.words)
    return f"{caption.text}#{tagged}#0.0#0.0"


def _truth(caption: Caption, timeline: Timeline) -> dict[str, Any]:
    spans = [span for segment in timeline for span in segment]
    return {
        "caption": caption.text,
        "sub_texts": caption.sub_texts,
        "segments": caption.segments,
        "words": [{"text": word.text, "start": word.start, "end": word.end} for word in caption.words],
        "actions": [
            {**{k: v for k, v in asdict(span.action).items() if v}, "start": span.start, "end": span.end}
            for span in spans
        ],
    }


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
