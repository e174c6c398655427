"""A corpus folder becomes rows: what is kept, how it is cut, and that nothing is lost without a word."""

from __future__ import annotations

import errno
import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from mate_hf.data.corpus import Corpus, read_corpus
from mate_hf.data.kinds import HUMANML3D, KINDS, KIT, MotionKind
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from tests.data.folders import CAPTION, content, small_corpus, some_motion, write_lists, write_motion
from tests.data.made_up_motion import made_up_motion


def motion(corpus: Corpus, split: str, row: int) -> np.ndarray:
    return corpus.splits[split].motions[row]


def reasons(corpus: Corpus) -> dict[str, str]:
    return {refusal.id: refusal.reason for refusal in corpus.report.refused}


def test_each_caption_of_a_motion_is_a_row_in_the_order_of_the_split_list(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_motion(folder, "M1", some_motion(9), f"{CAPTION}\n\n  turns left #x/X#nan#nan\r\n")
    write_lists(folder, "b M1 a", "c", "d")
    train = read_corpus(folder).splits["train"]
    assert train["id"][:] == train["clip"][:] == ["b", "M1", "M1", "a"]
    assert train["caption"][:] == ["a person walks", "a person walks", "turns left", "a person walks"]
    assert train["length"][:] == [60] * 4
    assert train["start"][:] == [0.0] * 4
    assert train["end"][:] == [3.0] * 4
    np.testing.assert_array_equal(train.motions[2], np.load(folder / "new_joint_vecs" / "M1.npy"))


def test_reading_twice_gives_the_same_rows_and_leaves_the_folder_alone(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path / "in")
    before = sorted(tmp_path.rglob("*"))
    first, second = read_corpus(folder), read_corpus(folder)
    for name in first.splits:
        assert content(first.splits[name]) == content(second.splits[name])
    assert first.report == second.report
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.usefixtures("quick_workers")
def test_two_processes_read_the_same_rows_and_refuse_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mate_hf.data.humanml3d.SHARE", 2)
    folder = small_corpus(tmp_path / "in")
    names = [f"m{number}" for number in range(9)]
    for number, name in enumerate(names):
        write_motion(folder, name, some_motion(number, 40 + number), f"{CAPTION}\nturns#x/X#9.0#9.5")
    (folder / "new_joint_vecs" / "m4.npy").unlink()
    write_lists(folder, " ".join(names), "c", "d")
    one, two = (read_corpus(folder, workers=workers) for workers in (1, 2))
    assert one.report == two.report
    assert "m4" in reasons(two)
    assert {name: content(split) for name, split in one.splits.items()} == {
        name: content(split) for name, split in two.splits.items()
    }
    np.testing.assert_array_equal(one.mean, two.mean)


def test_a_changed_file_is_read_anew_from_the_same_cache(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path / "in")
    read_corpus(folder, tmp_path / "cache")
    write_motion(folder, "a", some_motion(77))
    np.testing.assert_array_equal(
        motion(read_corpus(folder, tmp_path / "cache"), "train", 0), some_motion(77)
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_caption_with_times_gets_the_frames_between_them_at_the_true_frame_rate(
    tmp_path: Path, kind: MotionKind
) -> None:
    folder = small_corpus(tmp_path, kind, frames=120)
    write_motion(folder, "a", some_motion(0, 120, kind), f"{CAPTION}\nsits#sit/VERB#1.5#4.7")
    corpus = read_corpus(folder)
    assert corpus.kind is kind
    whole, part = map(corpus.splits["train"].row, (0, 1))
    assert (whole["clip"], part["clip"], part["id"]) == ("a", "a_1.5_4.7", "a")
    assert (part["start"], part["end"]) == pytest.approx((1.5, 4.7))
    assert part["length"] == int(4.7 * kind.fps) - int(1.5 * kind.fps)
    np.testing.assert_array_equal(
        part["motion"], np.asarray(whole["motion"])[int(1.5 * kind.fps) : int(4.7 * kind.fps)]
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_training_clips_have_the_lengths_of_the_field_and_test_clips_any(
    tmp_path: Path, kind: MotionKind
) -> None:
    lengths = (kind.shortest - 1, kind.shortest, kind.longest - 1, kind.longest)
    for frames in (*lengths, 4, 3):
        write_motion(tmp_path, f"n{frames}", some_motion(frames, frames, kind))
    write_lists(
        tmp_path, *[" ".join(f"n{frames}" for frames in lengths)] * 2, f"n{lengths[0]} n{lengths[-1]} n4 n3"
    )
    corpus = read_corpus(tmp_path)
    for name in ("train", "val"):
        assert corpus.splits[name]["length"][:] == [kind.shortest, kind.longest - 1]
        assert corpus.report.splits[name].excluded == {
            f"motions shorter than {kind.shortest} frames": 1,
            f"motions of {kind.longest} frames or more": 1,
        }
    assert corpus.splits["test"]["length"][:] == [lengths[0], lengths[-1], 4]
    assert reasons(corpus)["n3"].endswith("n3.npy: 3 frames; a motion needs at least 4.")


def test_sub_clips_are_filtered_in_training_and_kept_in_the_test_split(tmp_path: Path) -> None:
    texts = f"{CAPTION}\nstands#x/X#0.0#1.0\nwaits#x/X#0.0#0.1"
    for name in "ad":
        write_motion(tmp_path, name, some_motion(0), texts)
    write_lists(tmp_path, "a", "", "d")
    corpus = read_corpus(tmp_path)
    assert corpus.splits["train"]["clip"][:] == ["a"]
    assert corpus.report.splits["train"].excluded == {"captions of sub-clips shorter than 40 frames": 2}
    assert corpus.splits["test"]["clip"][:] == ["d", "d_0.0_1.0"]
    assert corpus.report.splits["test"].excluded == {"captions of sub-clips shorter than 4 frames": 1}


def test_a_caption_that_ends_after_its_motion_is_cut_to_it_and_counted(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_motion(folder, "a", some_motion(0), "sits#x/X#0.5#9.0\nlies#x/X#3.0#9.0")
    corpus = read_corpus(folder)
    row = corpus.splits["train"].row(0)
    assert (row["clip"], row["length"], row["start"], row["end"]) == ("a_0.5_9.0", 50, 0.5, 3.0)
    assert corpus.report.splits["train"].adjusted == {"captions that end after their motion, cut to it": 1}
    assert "'lies' lies from 3 s to 9 s of 3 s" in reasons(corpus)["a"]


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def with_frame(value: float) -> np.ndarray:
    broken = some_motion(0).astype(np.float64)
    broken[7, 5] = value
    return broken


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda file: file.unlink(), "not found"),
        (truncated, "not a usable .npy file"),
        (lambda file: file.write_bytes(b""), "not a usable .npy file"),
        (lambda file: file.write_text("1 2 3"), "not a usable .npy file"),
        (lambda file: np.save(file, np.array([{}], dtype=object), allow_pickle=True), "pickled objects"),
        (lambda file: np.save(file, np.array([["x"] * 263] * 60)), "real numbers"),
        (lambda file: np.save(file, with_frame(np.nan)), "1 frames, first in frame 7"),
        (lambda file: np.save(file, with_frame(np.inf)), "1 frames, first in frame 7"),
        (lambda file: np.save(file, with_frame(1e39)), "1 frames, first in frame 7"),
        (lambda file: np.save(file, some_motion(0, 60, KIT)), r"shape (60, 251); expected (frames, 263)"),
        (lambda file: np.save(file, np.zeros((60, 100))), "shape (60, 100)"),
        (lambda file: np.save(file, np.zeros(60)), "shape (60,)"),
        (lambda file: np.save(file, some_motion(0, 3)), "3 frames"),
    ],
)
def test_one_unusable_motion_is_named_and_the_others_are_read(tmp_path: Path, break_it, reason: str) -> None:  # type: ignore[no-untyped-def]
    folder = small_corpus(tmp_path)
    file = folder / "new_joint_vecs" / "a.npy"
    break_it(file)
    corpus = read_corpus(folder)
    assert corpus.splits["train"]["id"][:] == ["b"]
    assert list(reasons(corpus)) == ["a"]
    assert str(file) in reasons(corpus)["a"]
    assert reason in reasons(corpus)["a"]
    assert corpus.report.splits["train"].listed == 2
    assert corpus.report.splits["train"].motions == 1


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (b"a person walks\n", "line 1: 1 fields"),
        (b"a person walks#a/DET#0.0\n", "line 1: 3 fields"),
        (b"\n  #a/DET#0.0#0.0\n", "line 2: the caption is empty"),
        (b"walks#a/DET#zero#0.0\n", "line 1: a time of 'zero'"),
        (b"walks#a/DET#0.0#inf\n", "line 1: an infinite time"),
        (b"walks#a/DET#2.0#1.0\n", "line 1: from 2 s to 1 s"),
        (b"walks#a/DET#2.0#2.0\n", "line 1: from 2 s to 2 s"),
        (b"walks#a/DET#-1.0#2.0\n", "line 1: from -1 s to 2 s"),
        (b"caf\xe9#a/DET#0.0#0.0\n", "not UTF-8 (byte 3)"),
        (b"\n", "empty, so the motion has no caption"),
        (None, "not found, so the motion has no caption"),
    ],
)
def test_an_unusable_caption_is_named_and_the_others_are_read(
    tmp_path: Path, texts: bytes | None, reason: str
) -> None:
    folder = small_corpus(tmp_path)
    file = folder / "texts" / "a.txt"
    file.unlink() if texts is None else file.write_bytes(texts)
    corpus = read_corpus(folder)
    assert corpus.splits["train"]["id"][:] == ["b"]
    assert list(reasons(corpus)) == ["a"]
    assert str(file) in reasons(corpus)["a"]
    assert reason in reasons(corpus)["a"]


def test_good_lines_beside_a_bad_one_are_kept(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_motion(folder, "a", some_motion(0), f"no fields\n{CAPTION}")
    corpus = read_corpus(folder)
    assert corpus.splits["train"]["id"][:] == ["a", "b"]
    assert "line 1" in reasons(corpus)["a"]


def test_an_id_listed_twice_is_read_once_and_counted(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_lists(folder, "a b a", "c", "d a")
    corpus = read_corpus(folder)
    assert corpus.splits["train"]["id"][:] == ["a", "b"]
    assert corpus.report.splits["train"].excluded == {"ids listed twice": 1}
    assert corpus.report.splits["train"].listed == 2
    assert "1 ids are in more than one split list." in corpus.report.warnings


def test_missing_and_empty_validation_splits_are_left_out_with_a_warning(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_lists(folder, "a b", "", "gone")
    corpus = read_corpus(folder)
    assert list(corpus.splits) == ["train"]
    (folder / "val.txt").unlink()
    warnings = " ".join(corpus.report.warnings + read_corpus(folder).report.warnings)
    for part in ("val.txt: empty", "val.txt: missing", "test: no usable row"):
        assert part in warnings


def test_without_a_training_split_there_is_no_corpus(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_lists(folder, "gone lost", "c", "d")
    with pytest.raises(MateError, match=r"training split has no usable row(.|\n)*gone.npy: not found"):
        read_corpus(folder)
    write_lists(folder, "", "c", "d")
    with pytest.raises(MateError, match=r"train\.txt: empty"):
        read_corpus(folder)
    (folder / "train.txt").unlink()
    with pytest.raises(MateError, match=r"train\.txt: missing"):
        read_corpus(folder)
    with pytest.raises(MateError, match="no such folder"):
        read_corpus(folder / "elsewhere")


def test_a_folder_without_motions_says_what_was_expected(tmp_path: Path) -> None:
    write_lists(tmp_path, "a")
    with pytest.raises(MateError, match="new_joint_vecs/ or new_joints/"):
        read_corpus(tmp_path)
    write_motion(tmp_path, "a", np.zeros((50, 77)))
    with pytest.raises(MateError, match=r"77 features; expected 263 \(humanml3d\) or 251 \(kit\)"):
        read_corpus(tmp_path)


def test_one_file_of_another_kind_does_not_decide_the_kind(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_motion(folder, "a", some_motion(0, 60, KIT))
    corpus = read_corpus(folder)
    assert corpus.kind is HUMANML3D
    assert list(reasons(corpus)) == ["a"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("legacy_sign", [False, True])
def test_joints_become_features_where_a_folder_has_no_features(
    tmp_path: Path, kind: MotionKind, legacy_sign: bool
) -> None:
    joints = made_up_motion(kind).astype(np.float32)
    write_motion(tmp_path, "a", joints)
    write_lists(tmp_path, "a")
    threads = torch.get_num_threads()
    corpus = read_corpus(tmp_path, legacy_sign=legacy_sign)
    assert torch.get_num_threads() == threads
    assert (corpus.kind, corpus.report.motions_from) == (kind, "new_joints")
    np.testing.assert_array_equal(
        motion(corpus, "train", 0), joints_to_features(joints, kind, legacy_sign=legacy_sign)
    )


def test_float64_motions_are_cast(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    exact = np.random.default_rng(0).normal(size=(60, 263))
    write_motion(folder, "a", exact)
    np.testing.assert_array_equal(motion(read_corpus(folder), "train", 0), exact.astype(np.float32))


def test_statistics_count_each_training_motion_once_and_average_std_within_groups(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    write_motion(folder, "a", 1e6 + some_motion(0), f"{CAPTION}\n{CAPTION}\nsits#x/X#0.0#2.5")
    write_motion(folder, "b", 1e6 + some_motion(1, 90))
    corpus = read_corpus(folder)
    frames = np.concatenate([1e6 + some_motion(0), 1e6 + some_motion(1, 90)]).astype(np.float64)
    std = frames.std(axis=0)
    for group in corpus.kind.feature_slices.values():
        std[group] = std[group].mean()
    np.testing.assert_allclose(corpus.mean, frames.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(corpus.std, std, rtol=1e-6)
    assert corpus.report.statistics_from == "training split"


def test_a_group_that_never_changes_has_a_std_of_one_and_is_named(tmp_path: Path) -> None:
    still = some_motion(0)
    still[:, HUMANML3D.feature_slices["contacts"]] = 1.0
    write_motion(tmp_path, "a", still)
    write_lists(tmp_path, "a")
    corpus = read_corpus(tmp_path)
    assert corpus.std[-4:].tolist() == [1.0] * 4
    assert any("contacts never changes" in warning for warning in corpus.report.warnings)


def test_the_folders_own_statistics_are_used(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    np.save(folder / "Mean.npy", np.full(263, 3.0))
    np.save(folder / "Std.npy", np.full(263, 2.0))
    corpus = read_corpus(folder)
    assert (corpus.mean[0], corpus.std[0], corpus.mean.dtype) == (3.0, 2.0, np.float32)
    assert corpus.report.statistics_from == "files"


@pytest.mark.parametrize(
    ("std", "reason"),
    [
        (np.ones(251), "Std.npy: shape .251"),
        (np.r_[np.ones(262), 0], "feature 262 has a Std of 0"),
        (np.r_[np.ones(262), np.nan], "Std.npy: shape .263.*finite"),
    ],
)
def test_statistics_that_would_break_training_are_refused(
    tmp_path: Path, std: np.ndarray, reason: str
) -> None:
    folder = small_corpus(tmp_path)
    np.save(folder / "Mean.npy", np.zeros(263))
    np.save(folder / "Std.npy", std)
    with pytest.raises(MateError, match=reason):
        read_corpus(folder)


def test_the_report_says_it_all_in_a_few_lines(tmp_path: Path) -> None:
    folder = small_corpus(tmp_path)
    (folder / "texts" / "b.txt").unlink()
    summary = read_corpus(folder).report.summary()
    for part in (
        "humanml3d from",
        "new_joint_vecs",
        "train: 1 captions of 1 clips (1 of 2 ids)",
        "b.txt: not found",
    ):
        assert part in summary


def test_a_full_disk_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("datasets.arrow_writer.ArrowWriter.write_table", full)
    monkeypatch.setattr("datasets.arrow_writer.ArrowWriter.write_batch", full)
    with pytest.raises(MateError, match=r"the motions could not be written to .*No space left"):
        read_corpus(small_corpus(tmp_path / "in"), tmp_path / "cache")
    (tmp_path / "file").write_text("")
    with pytest.raises(MateError, match=r"cannot keep the corpus in .*file"):
        read_corpus(tmp_path / "in", tmp_path / "file")


def test_rows_on_disk_outlive_the_corpus_and_go_with_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_exit: list[Callable[[], None]] = []
    monkeypatch.setattr("atexit.register", lambda *call, **options: at_exit.append(partial(*call, **options)))
    rows = read_corpus(small_corpus(tmp_path / "in"), tmp_path / "cache").splits["train"]
    gc.collect()
    assert rows.captions.map(lambda row: {"words": len(row["caption"].split())})["words"][:] == [3, 3]
    assert rows.motions[1].shape == (60, 263)
    for call in at_exit:
        call()
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.real
def test_the_mocap_corpus_is_read_whole(shared_data: Path) -> None:
    corpus = read_corpus(shared_data / "cmu_humanml3d")
    counts = {name: (counts.listed, counts.rows) for name, counts in corpus.report.splits.items()}
    assert counts == {"train": (213, 580), "val": (17, 47), "test": (39, 117)}
    assert corpus.report.refused == []
