"""Sequences of two or three actions made from clips of one action, with the truth that such clips give for free.

    python -m benchmarks.bandai_sequences ../shared/data/bandai OUT --motions 1200 --seed 0

Reads a folder in the layout of ../shared/data/bandai (`new_joints/`, `texts/`, `labels.csv` with id, content and style) and
writes a HumanML3D folder and `truth.jsonl`, as `mate prepare --synthetic` does. Clips are cut around their middle, set one
after another where the last one ended and facing where it faced, and joined by a third of a second of interpolation; captions
are joined by "then". Splits are compositional: a fifth of the (content, style) pairs is in no training or validation
sequence, and every test sequence shows one of them. A training sequence draws from the source's training clips alone, a test
sequence from those of held-out pairs and the source's test clips.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.captions_file import read_annotations
from mate_hf.data.kinds import KINDS
from mate_hf.errors import MateError
from mate_hf.modeling.word_spans import find_words
from mate_hf.utils.arrays import load_array
from mate_hf.utils.files import written_whole

KIND = KINDS["humanml3d"]
SUBJECTS = ("a person", "someone", "a figure", "the person")
SHORTEST, LONGEST, WHOLE = 24, 100, 180
"""Frames of an action, and of all together without the joins. Uneven, or cutting in equal parts would be right already."""

JOIN = 7
"""Frames of interpolation between two clips."""

HELD_OUT_EVERY = 5
SHARES = {"train": 0.8, "val": 0.05, "test": 0.15}


@dataclass(frozen=True)
class Clip:
    """One action. `phrases`: what its captions say of a subject that is said elsewhere."""

    name: str
    content: str
    split: str
    held_out: bool
    phrases: tuple[str, ...]


def read_clips(folder: Path) -> list[Clip]:
    """Clips of which at least one caption has a subject that can be left unsaid."""
    clips = []
    for row, held_out in read_labels(folder):
        phrases = _phrases(folder / "texts" / f"{row['id']}.txt")
        if phrases:
            clips.append(Clip(row["id"], row["content"], row["split"], held_out, phrases))
    return clips


def read_labels(folder: Path) -> list[tuple[dict[str, str], bool]]:
    """Rows of `labels.csv`, and whether the clip's pair of content and style is held out."""
    with (folder / "labels.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    pairs = sorted({(row["content"], row["style"]) for row in rows})
    # Contents and styles each keep pairs in training: what is held out is that they meet.
    held_out = {pair for number, pair in enumerate(pairs) if number % HELD_OUT_EVERY == 2}
    return [(row, (row["content"], row["style"]) in held_out) for row in rows]


def _phrases(texts: Path) -> tuple[str, ...]:
    found = []
    for annotation in read_annotations(texts)[0]:
        sentence = annotation.caption.rstrip(".")
        subject = next((who for who in SUBJECTS if sentence.startswith(f"{who} ")), None)
        if subject is not None:
            phrase = sentence[len(subject) + 1 :]
            if not phrase.startswith("is "):
                found.append(phrase)
    return tuple(found)


def draw_clips(clips: list[Clip], split: str, random: np.random.Generator) -> list[Clip]:
    """Two or three clips of different contents that may stand in this split."""
    if split == "test":
        known = [clip for clip in clips if clip.held_out or clip.split == "test"]
        firsts = [clip for clip in known if clip.held_out]
    else:
        known = firsts = [clip for clip in clips if not clip.held_out and clip.split == "train"]
    drawn = [_of_some_content(firsts, set(), random)]
    while len(drawn) < 2 or (len(drawn) == 2 and random.random() < 0.5):
        drawn.append(_of_some_content(known, {clip.content for clip in drawn}, random))
    return [drawn[place] for place in random.permutation(len(drawn))]


def _of_some_content(clips: list[Clip], used: set[str], random: np.random.Generator) -> Clip:
    """Contents are very uneven: each is as likely as its clips' number's root."""
    contents = sorted({clip.content for clip in clips} - used)
    weights = np.sqrt([sum(clip.content == content for clip in clips) for content in contents])
    content = contents[int(random.choice(len(contents), p=weights / weights.sum()))]
    known = [clip for clip in clips if clip.content == content]
    return known[int(random.integers(len(known)))]


def join_clips(
    motions: list[NDArray[np.float32]], random: np.random.Generator
) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    """Joint positions (T,22,3) and the feature frames [start, end) of each clip; a join belongs half to either side."""
    lengths = random.integers(SHORTEST, LONGEST + 1, len(motions))
    lengths = np.maximum(SHORTEST * 5 // 6, lengths * min(1.0, WHOLE / lengths.sum())).astype(int)
    first, *others = [_middle(motion, frames) for motion, frames in zip(motions, lengths, strict=True)]
    # As HumanML3D has it: from the origin, facing +z.
    whole, edges = _placed(first, np.zeros(3), 0.0), [0]
    for other in others:
        part = _placed(other, whole[-1, 0], _heading(whole[-1]))
        share = np.linspace(0, 1, JOIN + 2)[1:-1, None, None]
        edges.append(len(whole) + JOIN // 2)
        whole = np.concatenate([whole, (1 - share) * whole[-1] + share * part[0], part])
    edges.append(len(whole) - 1)
    return whole.astype(np.float32), list(pairwise(edges))


def _middle(motion: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    start = max(0, (len(motion) - frames) // 2)
    return motion[start : start + frames]


def _placed(motion: NDArray[np.float32], root: NDArray[np.floating], heading: float) -> NDArray[np.float32]:
    """The motion turned and moved so that its first frame stands over `root` (3,) and faces `heading`."""
    angle = heading - _heading(motion[0])
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    turned = motion @ turn.T
    shift = root - turned[0, 0]
    shift[1] = 0
    return (turned + shift).astype(np.float32)


def _heading(pose: NDArray[np.float32]) -> float:
    right_hip, left_hip, right_shoulder, left_shoulder = KIND.face_joints
    across = pose[left_hip] - pose[right_hip] + pose[left_shoulder] - pose[right_shoulder]
    # Left is +x where the body faces +z.
    return float(np.arctan2(-across[2], across[0]))


def tell(phrases: list[str], subject: str, segments: list[tuple[int, int]]) -> dict[str, Any]:
    """One caption with its truth."""
    sub_texts = [f"{subject} {phrases[0]}", *phrases[1:]]
    text, starts = sub_texts[0], [0]
    for part in sub_texts[1:]:
        text += " then "
        starts.append(len(text))
        text += part
    whole = (0, segments[-1][1])
    words = []
    for word, start, _ in find_words(text):
        place = max(number for number, begin in enumerate(starts) if begin <= start)
        said = starts[place] + len(sub_texts[place])
        # The subject does everything; "then" is no action.
        belongs = start < said and not (place == 0 and start < len(subject))
        first, end = segments[place] if belongs else whole
        words.append({"text": word, "start": first, "end": end})
    return {"caption": text, "sub_texts": sub_texts, "segments": segments, "words": words}


def write_sequences(source: Path, out: Path, motions: int, seed: int) -> dict[str, int]:
    """Write the folder, whole or not at all; how many sequences each split holds."""
    clips = read_clips(source)
    splits = [name for name, share in SHARES.items() for _ in range(round(share * motions))]
    names: dict[str, list[str]] = {name: [] for name in SHARES}
    lines_of_truth = []
    with written_whole(out, overwrite=False) as folder:
        for part in ("new_joints", "texts"):
            (folder / part).mkdir(parents=True)
        for number, split in enumerate(splits):
            random = np.random.default_rng([seed, number])
            drawn = draw_clips(clips, split, random)
            joints = [load_array(source / "new_joints" / f"{clip.name}.npy") for clip in drawn]
            motion, segments = join_clips(joints, random)
            name = f"s{number:05d}"
            np.save(folder / "new_joints" / f"{name}.npy", motion)
            told = {}
            for _ in range(3):
                phrases = [clip.phrases[int(random.integers(len(clip.phrases)))] for clip in drawn]
                caption = tell(phrases, SUBJECTS[int(random.integers(len(SUBJECTS)))], segments)
                told[caption["caption"]] = caption
            # Nobody here reads the tags.
            lines = [f"{text}#{'/X '.join(text.split())}/X#0.0#0.0\n" for text in told]
            (folder / "texts" / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
            about = {"id": name, "split": split, "held_out": any(clip.held_out for clip in drawn)}
            lines_of_truth += [json.dumps({**about, **caption}) + "\n" for caption in told.values()]
            names[split].append(name)
        (folder / "truth.jsonl").write_text("".join(lines_of_truth), encoding="utf-8")
        for split, listed in names.items():
            (folder / f"{split}.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")
    return {split: len(listed) for split, listed in names.items()}


def main() -> None:
    """Parse, write, say what was written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--motions", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    try:
        print(write_sequences(given.source, given.out, given.motions, given.seed))
    except MateError as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
