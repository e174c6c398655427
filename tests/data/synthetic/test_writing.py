"""Is the folder whole, repeatable, and split as it says?"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mate_hf.data.synthetic import HELD_OUT, Action, write_synthetic_corpus, writing
from mate_hf.errors import MateError


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def actions_of(line: dict[str, Any]) -> list[Action]:
    return [Action(**{k: v for k, v in a.items() if k not in ("start", "end")}) for a in line["actions"]]


def test_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_synthetic_corpus(tmp_path / name, motions=20, seed=seed, progress=False)
    first = contents(tmp_path / "a")
    assert first == contents(tmp_path / "b")
    acted, acted_otherwise = (
        {
            line["id"]: [action["kind"] for action in line["actions"]]
            for line in map(json.loads, (tmp_path / name / "truth.jsonl").read_text().splitlines())
            if line["split"] == "train"
        }
        for name in ("a", "c")
    )
    both = set(acted) & set(acted_otherwise)
    assert sum(acted[name] != acted_otherwise[name] for name in both) > len(both) / 2


def test_two_processes_write_the_same_bytes_as_one(tmp_path: Path) -> None:
    for workers in (1, 2):
        write_synthetic_corpus(tmp_path / str(workers), motions=40, workers=workers, progress=False)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_truth_repeats_ids_splits_and_captions_in_file_order(
    corpus: Path, truth: list[dict[str, Any]]
) -> None:
    lines = iter(truth)
    for path in sorted((corpus / "texts").iterdir()):
        frames = len(np.load(corpus / "new_joints" / f"{path.stem}.npy"))
        for text in path.read_text(encoding="utf-8").splitlines():
            line = next(lines)
            caption, tagged, start, end = text.split("#")
            assert (line["id"], line["caption"], start, end) == (path.stem, caption, "0.0", "0.0")
            assert len(tagged.split()) == len(line["words"])
            assert all(len(item.split("/")) == 2 and item.split("/")[1].isupper() for item in tagged.split())
            assert line["segments"][-1][1] == frames - 1
            assert max(word["end"] for word in line["words"]) <= frames - 1
    assert next(lines, None) is None
    for split in ("train", "val", "test"):
        names = (corpus / f"{split}.txt").read_text(encoding="utf-8").split()
        assert names == sorted({line["id"] for line in truth if line["split"] == split})
    assert {path.stem for path in (corpus / "new_joints").iterdir()} == {line["id"] for line in truth}


def test_joints_are_what_readers_of_humanml3d_expect(corpus: Path) -> None:
    for path in (corpus / "new_joints").iterdir():
        joints = np.load(path)
        assert joints.dtype == np.float32
        assert joints.shape[1:] == (22, 3)
        assert 41 <= len(joints) <= 197


def test_held_out_combinations_are_in_test_only_and_all_of_them(truth: list[dict[str, Any]]) -> None:
    shown: Counter[int] = Counter()
    for line in truth:
        combinations = [n for n, c in enumerate(HELD_OUT) if any(c.holds(a) for a in actions_of(line))]
        assert line["held_out"] == bool(combinations)
        if combinations:
            assert line["split"] == "test"
            shown.update(combinations)
    assert set(shown) == set(range(len(HELD_OUT)))
    assert any(line["split"] == "test" and not line["held_out"] for line in truth)


def test_words_of_held_out_combinations_are_common_in_training(truth: list[dict[str, Any]]) -> None:
    trained = [action for line in truth if line["split"] == "train" for action in actions_of(line)]
    for attribute in ("kind", "direction", "side", "count", "speed"):
        seen = Counter(getattr(action, attribute) for action in trained)
        for combination in HELD_OUT:
            assert not getattr(combination, attribute) or seen[getattr(combination, attribute)] >= 9


def test_left_and_right_are_equally_frequent_for_every_action_outside_the_held_out(
    truth: list[dict[str, Any]],
) -> None:
    last = max(line["id"] for line in truth)
    assert int(last) % 2 == 1
    counts: Counter[tuple[str, str]] = Counter()
    for line in truth:
        if not line["held_out"] and line["split"] != "test":
            for action in actions_of(line):
                kind = "gait" if action.travels else action.kind
                counts.update([(kind, action.side or action.direction)])
    for kind, way in list(counts):
        opposite = {
            "left": "right",
            "clockwise": "counterclockwise",
            "forward": "backward",
            "up": "down",
        }.get(way)
        if opposite:
            assert counts[kind, way] == counts[kind, opposite] > 0


def test_splits_have_their_shares(truth: list[dict[str, Any]]) -> None:
    sizes = Counter(line["split"] for line in truth if line["caption"])
    assert sizes["train"] / len(truth) == pytest.approx(0.80, abs=0.02)
    assert sizes["test"] / len(truth) == pytest.approx(0.15, abs=0.02)
    assert sizes["val"] / len(truth) == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"motions": 19}, "motions is 19; expected 20 to 10000000"),
        ({"seed": -1}, "seed: -1; expected a whole number from 0"),
        ({"workers": 0}, "workers: 0; expected 1 to"),
    ],
)
def test_arguments_out_of_range_are_refused_by_name(
    tmp_path: Path, wrong: dict[str, int], message: str
) -> None:
    with pytest.raises(MateError, match=message):
        write_synthetic_corpus(tmp_path / "out", progress=False, **wrong)
    assert not list(tmp_path.iterdir())


def test_files_of_others_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for out in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(MateError, match="new path or an empty folder"):
            write_synthetic_corpus(out, motions=20, progress=False)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    counts = write_synthetic_corpus(tmp_path, motions=20, progress=False)
    assert counts["captions"] == len((tmp_path / "truth.jsonl").read_text().splitlines()) == 60
    assert json.loads((tmp_path / "truth.jsonl").read_text().splitlines()[0])["id"] == "000000"


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def interrupted(timeline: Any, rng: Any) -> Any:
        written.append(timeline)
        if len(written) == 8:
            raise KeyboardInterrupt
        return np.zeros((41, 22, 3), np.float32)

    monkeypatch.setattr(writing, "perform", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_synthetic_corpus(tmp_path / "out", motions=20, progress=False)
    assert not list(tmp_path.iterdir())


def test_a_corpus_is_replaced_on_demand_only(tmp_path: Path) -> None:
    write_synthetic_corpus(tmp_path / "out", 20, progress=False)
    first = (tmp_path / "out" / "truth.jsonl").read_bytes()
    with pytest.raises(MateError, match="Choose another"):
        write_synthetic_corpus(tmp_path / "out", 20, seed=1, progress=False)
    assert (tmp_path / "out" / "truth.jsonl").read_bytes() == first
    write_synthetic_corpus(tmp_path / "out", 20, seed=1, progress=False, overwrite=True)
    assert (tmp_path / "out" / "truth.jsonl").read_bytes() != first
