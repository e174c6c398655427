"""Sequences of actions made from clips: joined without a jump, told in order, split by combinations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.bandai_compositions import write_compositions
from benchmarks.bandai_sequences import SUBJECTS, join_clips, read_clips, tell, write_sequences
from mate_hf.data.kinds import KINDS
from mate_hf.data.motion_features import joints_to_features

CONTENTS = {"walk": "walks forward", "wave": "waves the left hand", "bow": "takes a bow", "run": "runs"}
STYLES = ("sad", "happy", "tired")


def clip(random: np.random.Generator) -> np.ndarray:
    """A body that drifts and turns: rest pose of random bones, moved rigidly."""
    frames = int(random.integers(50, 130))
    pose = random.normal(size=(22, 3)) * 0.1
    pose[:, 1] += 1
    pose[[2, 17], 0] -= 0.3
    pose[[1, 16], 0] += 0.3
    angle = np.linspace(0, random.uniform(-2, 2), frames)
    turn = np.stack([np.cos(angle), 0 * angle, np.sin(angle)], -1)
    across = np.stack([-np.sin(angle), 0 * angle, np.cos(angle)], -1)
    motion = np.stack([pose @ np.stack([t, [0, 1, 0], a], -1) for t, a in zip(turn, across, strict=True)])
    motion[..., 0] += np.linspace(0, random.uniform(-1, 1), frames)[:, None]
    return motion.astype(np.float32)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for part in ("new_joints", "texts"):
        (folder / part).mkdir()
    random = np.random.default_rng(0)
    rows = ["id,content,style,frames,split"]
    for content, phrase in CONTENTS.items():
        for style in STYLES:
            for split in ("train", "train", "test"):
                name = f"b{len(rows):03d}"
                motion = clip(random)
                np.save(folder / "new_joints" / f"{name}.npy", motion)
                lines = [
                    f"someone {phrase} in a {style} way.",
                    f"a {style} person {phrase}.",
                    f"someone is {phrase}.",
                ]
                text = "".join(f"{line}#x/X#0.0#0.0\n" for line in lines)
                (folder / "texts" / f"{name}.txt").write_text(text, encoding="utf-8")
                rows.append(f"{name},{content},{style},{len(motion)},{split}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def written(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    out = tmp_path_factory.mktemp("out") / "sequences"
    assert write_sequences(source, out, 40, seed=3) == {"train": 32, "val": 2, "test": 6}
    lines = (out / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return out, [json.loads(line) for line in lines]


def test_only_captions_whose_subject_can_be_left_unsaid_are_told(source: Path) -> None:
    clips = read_clips(source)
    assert {phrase for clip in clips for phrase in clip.phrases} == {
        f"{phrase} in a {style} way" for phrase in CONTENTS.values() for style in STYLES
    }


def test_training_shows_no_held_out_combination_and_every_test_sequence_one(
    source: Path, written: tuple[Path, list[dict[str, Any]]]
) -> None:
    held_out = {clip.phrases[0] for clip in read_clips(source) if clip.held_out}
    assert 0 < len(held_out) < len(CONTENTS) * len(STYLES)
    for row in written[1]:
        shows = any(phrase in row["caption"] for phrase in held_out)
        assert shows == (row["split"] == "test") == row["held_out"]


def test_words_have_the_frames_of_their_action(written: tuple[Path, list[dict[str, Any]]]) -> None:
    out, rows = written
    for row in rows:
        frames = len(np.load(out / "new_joints" / f"{row['id']}.npy")) - 1
        assert row["segments"][0][0] == 0
        assert row["segments"][-1][1] == frames
        assert frames <= 196
        assert all(
            before[1] == after[0] for before, after in zip(row["segments"], row["segments"][1:], strict=False)
        )
        assert " then ".join(row["sub_texts"]) == row["caption"]
        ranges = [(word["start"], word["end"]) for word in row["words"]]
        assert ranges[0] == (0, frames)
        for text, segment in zip(row["sub_texts"], row["segments"], strict=True):
            style = text.split()[-2]
            found = [tuple(r) for word, r in zip(row["words"], ranges, strict=True) if word["text"] == style]
            assert tuple(segment) in found


def test_a_caption_is_told_with_its_truth() -> None:
    told = tell(["walks", "sits down"], SUBJECTS[0], [(0, 30), (30, 70)])
    assert told["caption"] == "a person walks then sits down"
    assert [(word["text"], word["start"], word["end"]) for word in told["words"]] == [
        ("a", 0, 70),
        ("person", 0, 70),
        ("walks", 0, 30),
        ("then", 0, 70),
        ("sits", 30, 70),
        ("down", 30, 70),
    ]


def test_joins_neither_jump_nor_spin() -> None:
    random = np.random.default_rng(1)
    clips = [clip(random) for _ in range(3)]
    motion, segments = join_clips(clips, random)
    assert motion.dtype == np.float32
    assert len(segments) == 3
    # The root has no leap: between clips it moves no faster than within them.
    steps = np.linalg.norm(np.diff(motion[:, 0, [0, 2]], axis=0), axis=1)
    within = max(np.linalg.norm(np.diff(one[:, 0, [0, 2]], axis=0), axis=1).max() for one in clips)
    assert steps.max() <= within + 0.02
    features = joints_to_features(motion, KINDS["humanml3d"])
    # The first frame is HumanML3D's own affair: its heading is smoothed, that of the frame itself is not.
    assert np.abs(features[1:, 0]).max() < 0.15
    np.testing.assert_allclose(motion[0, 0, [0, 2]], 0, atol=1e-6)


def test_the_same_seed_writes_the_same(source: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sequences(source, tmp_path / name, 10, seed=5)
    for file in sorted((tmp_path / "a").rglob("*.*")):
        assert file.read_bytes() == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes()


def test_single_clips_are_split_by_the_same_combinations(source: Path, tmp_path: Path) -> None:
    counts = write_compositions(source, tmp_path / "out")
    rows = dict(line.split(",", 1) for line in (source / "labels.csv").read_text().splitlines()[1:])
    pairs = {
        split: {
            tuple(rows[name].split(",")[:2])
            for name in (tmp_path / "out" / f"{split}.txt").read_text().split()
        }
        for split in counts
    }
    assert pairs["train"]
    assert pairs["test"]
    assert not pairs["train"] & pairs["test"]
    assert {content for content, _ in pairs["test"]} <= {content for content, _ in pairs["train"]}
    assert {style for _, style in pairs["test"]} <= {style for _, style in pairs["train"]}
    held_out = {clip.name for clip in read_clips(source) if clip.held_out}
    assert set((tmp_path / "out" / "test.txt").read_text().split()) >= held_out
    assert (tmp_path / "out" / "new_joints" / f"{next(iter(rows))}.npy").is_file()
