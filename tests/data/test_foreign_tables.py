"""Tables that others made or that were damaged: refused by name, or without what cannot be used; our own are not read again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest
from datasets import Array2D, Dataset, DatasetDict, Features, Value, load_from_disk
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data import assembled
from mate_hf.data.corpus import load_corpus, open_corpus, read_corpus, save_corpus
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from tests.data.folders import small_corpus, some_motion
from tests.data.walking_body import walking

Motion = np.ndarray


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    save_corpus(read_corpus(small_corpus(folder / "in")), folder / "out")
    return folder / "out"


@pytest.fixture
def copied(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "copy")
    return tmp_path / "copy"


def change_motions(corpus: Path, change: Callable[[Motion], Motion], row: int = 0) -> None:
    """Change one motion with `datasets`, as a user would."""
    table = load_from_disk(corpus / "motions").with_format("numpy")
    rows = [{"id": str(one["id"]), "motion": np.asarray(one["motion"])} for one in table]
    rows[row]["motion"] = change(rows[row]["motion"].copy())
    features = Features({"id": Value("string"), "motion": Array2D((None, 263), "float32")})
    shutil.rmtree(corpus / "motions")
    Dataset.from_list(rows, features).save_to_disk(corpus / "motions")


def with_nan(motion: Motion) -> Motion:
    motion[7, 2] = np.nan
    return motion


def offsets_of(array: pa.Array) -> np.ndarray:
    if hasattr(array, "offsets"):
        return array.offsets.to_numpy()
    return np.frombuffer(array.buffers()[1], np.int32)[: len(array) + 1]


class TestDamage:
    @pytest.mark.parametrize(
        ("part", "column", "inner"),
        [("train", "caption", 0), ("train", "id", 0), ("motions", "motion", 0), ("motions", "motion", 1)],
    )
    @pytest.mark.parametrize("value", [0x60000000, -1, 0x7FFFFFFF])
    def test_one_wrong_offset_is_refused(
        self, copied: Path, part: str, column: str, inner: int, value: int
    ) -> None:
        [file] = (copied / part).glob("*.arrow")
        array = load_from_disk(copied / part).data.column(column).chunk(0)
        array = array.storage if isinstance(array, pa.ExtensionArray) else array
        raw = offsets_of(array.values if inner else array).astype("<i4").tobytes()
        content = bytearray(file.read_bytes())
        place = bytes(content).find(raw)
        assert place >= 0
        middle = place + 4 * (len(raw) // 8)
        content[middle : middle + 4] = value.to_bytes(4, "little", signed=True)
        file.write_bytes(content)
        with pytest.raises(MateError, match=rf"{part}, column {column}: the file is damaged"):
            load_corpus(copied)

    def test_frames_of_another_width_are_refused(self, copied: Path) -> None:
        [file] = (copied / "motions").glob("*.arrow")
        array = load_from_disk(copied / "motions").data.column("motion").chunk(0).storage
        raw = array.values.offsets.to_numpy().astype("<i4").tobytes()
        content = bytearray(file.read_bytes())
        place = bytes(content).find(raw)
        # In order, and inside the file.
        content[place + 8 : place + 12] = (525).to_bytes(4, "little")
        file.write_bytes(content)
        with pytest.raises(MateError, match="frames that are not 263 numbers"):
            load_corpus(copied)

    @pytest.mark.parametrize(
        ("column", "value"),
        [("motion_row", 9), ("motion_row", -1), ("first_frame", 1), ("first_frame", -1), ("length", 61)],
    )
    def test_a_caption_of_frames_that_are_not_there_is_refused(
        self, copied: Path, column: str, value: int
    ) -> None:
        splits = load_from_disk(copied)
        rows = splits["train"].to_list()
        rows[1][column] = value
        motions, files = (
            copied / "motions",
            [copied / name for name in ("Mean.npy", "Std.npy", "report.json")],
        )
        splits["train"] = Dataset.from_list(rows, splits["train"].features)
        target = copied.with_name("changed")
        splits.save_to_disk(target)
        shutil.copytree(motions, target / "motions")
        for file in files:
            shutil.copy(file, target)
        with pytest.raises(MateError, match="split train: caption 1 speaks of frames"):
            load_corpus(target)

    def test_a_pointer_in_place_of_a_table_is_named(self, copied: Path) -> None:
        for file in (copied / "train").glob("*.arrow"):
            file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
        with pytest.raises(MateError, match=r"damaged prepared corpus \(.*arrow is a Git LFS pointer"):
            load_corpus(copied)

    @settings(deadline=None, max_examples=40)
    @given(st.sampled_from(["train", "motions"]), st.floats(0, 1), st.integers(0, 255))
    def test_whatever_byte_is_wrong_opening_never_ends_the_process(
        self, prepared: Path, tmp_path_factory: pytest.TempPathFactory, part: str, share: float, value: int
    ) -> None:
        broken = tmp_path_factory.mktemp("broken") / "copy"
        shutil.copytree(prepared, broken)
        [file] = (broken / part).glob("*.arrow")
        content = bytearray(file.read_bytes())
        content[int(share * (len(content) - 1))] = value
        file.write_bytes(content)
        try:
            corpus = load_corpus(broken)
        except MateError:
            return
        for split in corpus.splits.values():
            for row in range(len(split)):
                assert split.motions[row].shape[1] == 263
                assert isinstance(split["caption"][row], str)


class TestOurOwn:
    def test_is_not_read_again(self, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(assembled, "usable_rows", lambda *_: pytest.fail("motions were read"))
        load_corpus(prepared)

    def test_nor_when_copied_linked_or_of_a_version_that_left_no_mark(
        self, copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(assembled, "usable_rows", lambda *_: pytest.fail("motions were read"))
        save_corpus(load_corpus(copied), tmp_path / "linked")
        load_corpus(tmp_path / "linked")
        report = json.loads((copied / "report.json").read_text())
        assert report.pop("checked")
        (copied / "report.json").write_text(json.dumps(report))
        load_corpus(copied)

    def test_is_read_again_when_its_motions_were_changed(self, copied: Path) -> None:
        change_motions(copied, with_nan)
        with pytest.raises(
            MateError,
            match=r"1 captions cannot be used, the first: .*row 0: NaN or infinite numbers in 1 frames, first in frame 7\. `mate prepare",
        ):
            load_corpus(copied)
        corpus = open_corpus(copied)
        assert corpus.splits["train"]["id"][:] == ["b"]
        [refused] = corpus.report.refused
        assert (refused.split, refused.id) == ("train", "a")

    @pytest.mark.parametrize("name", ["report.json", "dataset_dict.json", "train/state.json"])
    def test_with_lists_nested_too_deep_is_refused(self, copied: Path, name: str) -> None:
        (copied / name).write_text("[" * 100_000)
        with pytest.raises(MateError, match=r"damaged prepared corpus|64 deep"):
            load_corpus(copied)

    def test_of_a_later_version_opens(self, copied: Path) -> None:
        report = json.loads((copied / "report.json").read_text())
        (copied / "report.json").write_text(json.dumps({**report, "invented": 1}))
        assert load_corpus(copied).report.kind == "humanml3d"


class TestOfTheHub:
    @pytest.fixture
    def hub(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        def offer(motions: list[Motion | None], **columns: list[object]) -> None:
            rows = {
                "id": [f"m{number}" for number in range(len(motions))],
                "caption": ["he walks"] * len(motions),
                "motion": [None if motion is None else motion.tolist() for motion in motions],
                "length": [0 if motion is None else len(motion) for motion in motions],
                **columns,
            }
            train = Dataset.from_dict(rows)
            monkeypatch.setattr(datasets, "load_dataset", lambda name, cache_dir: DatasetDict(train=train))

        return offer

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            (with_nan(some_motion(1)), "NaN or infinite numbers in 1 frames, first in frame 7"),
            (np.full((60, 263), np.inf, np.float32), "in 60 frames"),
            (some_motion(1, 3), "3 frames; a motion needs at least 4"),
            (joints_to_features(walking() * np.float32(100), HUMANML3D), "--scale 0.01"),
            (None, "0 frames"),
        ],
    )
    def test_a_motion_that_is_none_is_left_out_by_name(
        self, hub: Callable[..., None], bad: Motion | None, reason: str
    ) -> None:
        hub([some_motion(0), bad, some_motion(2)])
        corpus = open_corpus("someone/motions")
        assert corpus.splits["train"]["id"][:] == ["m0", "m2"]
        [refused] = corpus.report.refused
        assert refused.id == "m1"
        assert reason in refused.reason
        assert np.isfinite(corpus.mean).all()

    def test_captions_and_lengths_that_are_none_are_left_out(self, hub: Callable[..., None]) -> None:
        hub([some_motion(seed) for seed in range(4)], caption=["a", None, "c", "d"], length=[60, 60, 61, 60])
        corpus = open_corpus("someone/motions")
        assert corpus.splits["train"]["caption"][:] == ["a", "d"]
        reasons = [refused.reason for refused in corpus.report.refused]
        assert [reason.split(": ")[1] for reason in reasons] == [
            "its caption is null.",
            "its length is 61, its motion has 60 frames.",
        ]

    def test_a_length_that_is_not_said_is_that_of_the_motion(self, monkeypatch: pytest.MonkeyPatch) -> None:
        motions = [some_motion(seed, frames).tolist() for seed, frames in enumerate((60, 45, 70))]
        rows = Dataset.from_dict({"id": list("abc"), "caption": ["he walks"] * 3, "motion": motions})
        monkeypatch.setattr(datasets, "load_dataset", lambda name, cache_dir: DatasetDict(train=rows))
        train = open_corpus("someone/motions").splits["train"]
        assert list(train["length"][:]) == [60, 45, 70]
        np.testing.assert_array_equal(train.motions[1], some_motion(1, 45))

    def test_nothing_to_train_on_is_said(self, hub: Callable[..., None]) -> None:
        hub([with_nan(some_motion(0))])
        with pytest.raises(MateError, match=r"training split has no usable row; the first: .*NaN"):
            open_corpus("someone/motions")

    def test_centimetres_throughout_are_refused_with_a_way_out(self, hub: Callable[..., None]) -> None:
        hub([joints_to_features(walking(60, seed) * np.float32(100), HUMANML3D) for seed in range(6)])
        with pytest.raises(
            MateError, match=r"Write its motions as new_joint_vecs.*prepare that folder with --scale 0\.01"
        ):
            open_corpus("someone/motions")

    def test_human_motions_come_without_a_word(self, hub: Callable[..., None]) -> None:
        hub([joints_to_features(walking(60, seed), HUMANML3D) for seed in range(6)])
        report = open_corpus("someone/motions").report
        assert report.refused == []
        assert not any("motions" in warning for warning in report.warnings)

    def test_options_for_folders_are_refused(self, tmp_path: Path, prepared: Path) -> None:
        from mate_hf.data.preparation import prepare

        with pytest.raises(
            MateError, match=r"no HumanML3D or KIT-ML folder; --scale=0\.01 converts \.npy files"
        ):
            prepare(prepared, tmp_path / "x", scale=0.01)
