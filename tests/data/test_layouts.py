"""What users really have on disk: nested ids, half-filled folders, downloads; taken where unambiguous, else told with the way out."""

from __future__ import annotations

import shutil
from pathlib import Path

import datasets
import numpy as np
import pytest
from datasets import DatasetDict, load_from_disk

from mate_hf.data.corpus import open_corpus, read_corpus, save_corpus
from mate_hf.data.motion_files import find_motion_files, motion_folder
from mate_hf.data.split_lists import read_ids, read_listed
from mate_hf.errors import MateError
from tests.data.folders import content, small_corpus, some_motion, write_lists, write_motion
from tests.data.walking_body import walking


def joints_corpus(folder: Path, count: int = 8) -> Path:
    for seed in range(count):
        write_motion(folder, f"{seed:06d}", walking(60, seed))
    names = [f"{seed:06d}" for seed in range(count)]
    write_lists(folder, " ".join(names[:-2]), names[-2], names[-1])
    return folder


class TestIds:
    def test_may_name_inner_folders(self, tmp_path: Path) -> None:
        flat = read_corpus(joints_corpus(tmp_path / "flat"))
        nested = joints_corpus(tmp_path / "nested")
        for holder in ("new_joints", "texts"):
            inner = nested / holder / "humanml"
            inner.mkdir()
            for file in list((nested / holder).glob("*.*")):
                file.rename(inner / file.name)
        for name in ("train", "val", "test"):
            ids = (nested / f"{name}.txt").read_text().split()
            (nested / f"{name}.txt").write_text("".join(f"humanml/{one}\n" for one in ids))
        corpus = read_corpus(nested, kept=tmp_path / "kept")
        assert corpus.splits["train"]["id"][0] == "humanml/000000"
        np.testing.assert_array_equal(corpus.splits["train"].motions[1], flat.splits["train"].motions[1])
        again = read_corpus(nested, kept=tmp_path / "kept")
        assert content(again.splits["train"]) == content(corpus.splits["train"])

    def test_may_end_as_their_files_do(self, tmp_path: Path) -> None:
        file = tmp_path / "ids.txt"
        file.write_bytes(b"\xef\xbb\xbf./000001.npy\r\n humanml/000002.txt \r000003\n\nv1.5\n.npy\n")
        assert read_ids(file) == ["000001", "humanml/000002", "000003", "v1.5", ".npy"]

    def test_named_by_a_user_are_read_alike_and_once(self, tmp_path: Path) -> None:
        (tmp_path / "ids.txt").write_text("a\na.npy\n")
        with pytest.raises(MateError, match="1 ids stand there more than once"):
            read_listed(tmp_path / "ids.txt")
        with pytest.raises(MateError, match="not found; expected an id a line"):
            read_listed(tmp_path / "none.txt")

    @pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "a/../../outside", "nul\0"])
    def test_that_lead_elsewhere_are_refused_by_name_and_read_nothing(
        self, tmp_path: Path, name: str
    ) -> None:
        folder = joints_corpus(tmp_path / "in" / "corpus")
        shutil.copy(folder / "new_joints" / "000000.npy", tmp_path / "in" / "outside.npy")
        shutil.copy(folder / "texts" / "000000.txt", tmp_path / "in" / "outside.txt")
        with (folder / "train.txt").open("a") as listed:
            listed.write(f"{name}\n")
        corpus = read_corpus(folder, kept=tmp_path / "deep" / "kept")
        [refused] = corpus.report.refused
        assert refused.id == name
        assert "no place inside" in refused.reason
        assert not list((tmp_path / "deep").rglob("*outside*"))

    def test_of_which_none_has_a_file_are_shown_beside_one(self, tmp_path: Path) -> None:
        folder = joints_corpus(tmp_path)
        write_lists(folder, "a b", "c", "d")
        with pytest.raises(
            MateError, match=r"none of the 4 ids .* The lists say 'a', the folder holds 000000\.npy"
        ):
            read_corpus(folder)

    def test_with_a_link_for_a_file_are_read(self, tmp_path: Path) -> None:
        folder = joints_corpus(tmp_path / "corpus")
        file = folder / "new_joints" / "000001.npy"
        shutil.move(file, tmp_path / "elsewhere.npy")
        file.symlink_to(tmp_path / "elsewhere.npy")
        assert read_corpus(folder).report.refused == []


class TestFeaturesBesideJoints:
    def test_are_not_read_where_they_are_few(self, tmp_path: Path) -> None:
        folder = joints_corpus(tmp_path)
        (folder / "new_joint_vecs").mkdir()
        np.save(folder / "new_joint_vecs" / "000000.npy", some_motion(0))
        corpus = read_corpus(folder)
        assert corpus.report.motions_from == "new_joints"
        assert corpus.report.splits["train"].motions == 6
        assert (
            "new_joint_vecs/ holds 1 of the 8 ids, new_joints/ 8: new_joints/ was read."
            in corpus.report.warnings[0]
        )
        assert motion_folder(folder).folder.name == "new_joints"

    def test_of_another_corpus_are_not_read(self, tmp_path: Path) -> None:
        folder = joints_corpus(tmp_path)
        (folder / "new_joint_vecs").mkdir()
        np.save(folder / "new_joint_vecs" / "012314.npy", some_motion(0))
        assert read_corpus(folder).report.motions_from == "new_joints"

    def test_are_read_where_one_is_lacking_and_it_is_said(self, tmp_path: Path) -> None:
        folder = joints_corpus(tmp_path)
        (folder / "new_joint_vecs").mkdir()
        for seed in range(7):
            np.save(folder / "new_joint_vecs" / f"{seed:06d}.npy", some_motion(seed))
        files = find_motion_files(folder, [f"{seed:06d}" for seed in range(8)])
        assert files.folder.name == "new_joint_vecs"
        assert "new_joint_vecs/ was read" in files.warning

    def test_are_read_alone_without_a_word(self, tmp_path: Path) -> None:
        assert not find_motion_files(small_corpus(tmp_path), ["a", "b"]).warning


class TestDownloads:
    """From the Hub, or saved by `datasets`, on disk."""

    @pytest.fixture
    def pushed(self, tmp_path: Path) -> Path:
        """A repository as `push_to_hub` lays it out, downloaded."""
        save_corpus(read_corpus(small_corpus(tmp_path / "in")), tmp_path / "prepared")
        repository = tmp_path / "snapshot"
        for part in ("data", "motions"):
            (repository / part).mkdir(parents=True)
        for name, split in load_from_disk(tmp_path / "prepared").items():
            split.to_parquet(repository / "data" / f"{name}-00000-of-00001.parquet")
        table = load_from_disk(tmp_path / "prepared" / "motions")
        table.to_parquet(repository / "motions" / "train-00000-of-00001.parquet")
        (repository / "README.md").write_text(
            "---\nconfigs:\n- config_name: default\n  data_files:\n"
            + "".join(f"  - split: {name}\n    path: data/{name}-*\n" for name in ("train", "val", "test"))
            + "- config_name: motions\n  data_files:\n  - split: train\n    path: motions/train-*\n---\n"
        )
        return repository

    def test_a_snapshot_of_parquet_opens(self, tmp_path: Path, pushed: Path) -> None:
        corpus = open_corpus(pushed, tmp_path / "cache")
        assert corpus.splits["train"]["id"][:] == ["a", "b"]
        np.testing.assert_array_equal(corpus.splits["val"].motions[0], some_motion(2))

    def test_a_snapshot_of_pointers_is_named(self, tmp_path: Path, pushed: Path) -> None:
        for file in pushed.rglob("*.parquet"):
            file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
        with pytest.raises(MateError, match=r"parquet is a Git LFS pointer.*Download the whole repository"):
            open_corpus(pushed, tmp_path / "cache")

    def rows(self, seeds: range) -> datasets.Dataset:
        return datasets.Dataset.from_dict(
            {
                "id": [f"m{seed}" for seed in seeds],
                "caption": ["he walks"] * len(seeds),
                "motion": [some_motion(seed).tolist() for seed in seeds],
                "length": [60] * len(seeds),
            }
        )

    def test_a_single_saved_dataset_is_a_training_split(self, tmp_path: Path) -> None:
        self.rows(range(3)).save_to_disk(tmp_path / "one")
        corpus = open_corpus(tmp_path / "one")
        assert list(corpus.splits) == ["train"]
        np.testing.assert_array_equal(corpus.splits["train"].motions[2], some_motion(2))

    def test_a_part_of_a_prepared_corpus_points_to_the_whole(self, tmp_path: Path) -> None:
        save_corpus(read_corpus(small_corpus(tmp_path / "in")), tmp_path / "out")
        for part in ("train", "motions"):
            with pytest.raises(MateError, match=r"a part of the prepared corpus .*out\. Give that folder"):
                open_corpus(tmp_path / "out" / part)

    @pytest.mark.parametrize("name", ["validation", "valid", "dev"])
    def test_a_validation_split_on_disk_is_val(self, tmp_path: Path, name: str) -> None:
        DatasetDict({"train": self.rows(range(2)), name: self.rows(range(2, 3))}).save_to_disk(
            tmp_path / "out"
        )
        with pytest.raises(MateError, match="column motion is"):
            open_corpus(tmp_path / "out")
        save_corpus(read_corpus(small_corpus(tmp_path / "in")), tmp_path / "ours")
        ours = load_from_disk(tmp_path / "ours")
        shutil.rmtree(tmp_path / "out")
        DatasetDict({name: ours["val"], "train": ours["train"]}).save_to_disk(tmp_path / "out")
        shutil.copytree(tmp_path / "ours" / "motions", tmp_path / "out" / "motions")
        assert sorted(open_corpus(tmp_path / "out").splits) == ["train", "val"]
        DatasetDict({name: ours["val"], "train": ours["train"], "val": ours["val"]}).save_to_disk(
            tmp_path / "two"
        )
        shutil.copytree(tmp_path / "ours" / "motions", tmp_path / "two" / "motions")
        with pytest.raises(MateError, match="two are a validation split"):
            open_corpus(tmp_path / "two")


class TestListsOfValidation:
    @pytest.mark.parametrize("name", ["validation", "valid", "dev"])
    def test_have_several_names(self, tmp_path: Path, name: str) -> None:
        folder = small_corpus(tmp_path / "in")
        expected = read_corpus(folder).splits["val"]["id"][:]
        (folder / "val.txt").rename(folder / f"{name}.txt")
        corpus = read_corpus(folder)
        assert corpus.splits["val"]["id"][:] == expected
        assert not any("val.txt" in warning for warning in corpus.report.warnings)

    def test_two_of_them_are_refused(self, tmp_path: Path) -> None:
        folder = small_corpus(tmp_path / "in")
        shutil.copy(folder / "val.txt", folder / "validation.txt")
        with pytest.raises(MateError, match=r"in: val\.txt and validation\.txt are both .*Remove one"):
            read_corpus(folder)


class TestNoCorpus:
    def test_says_what_the_folder_holds(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").touch()
        (tmp_path / "new_joints").mkdir()
        with pytest.raises(
            MateError, match=r"no \.parquet in it\nIt holds notes\.txt and the folder new_joints\."
        ):
            open_corpus(tmp_path)

    def test_names_a_run_and_an_export(self, tmp_path: Path) -> None:
        small_corpus(tmp_path / "run" / "data")
        (tmp_path / "run" / "config.yaml").touch()
        (tmp_path / "run" / "best").mkdir()
        with pytest.raises(MateError, match=r"run: a training run; expected a corpus\. .*run/data is one"):
            open_corpus(tmp_path / "run")
        (tmp_path / "export").mkdir()
        (tmp_path / "export" / "mate_export.json").touch()
        with pytest.raises(MateError, match=r"export: an export; expected a corpus\.$"):
            open_corpus(tmp_path / "export")

    def test_points_to_the_corpus_above_or_below(self, tmp_path: Path) -> None:
        folder = small_corpus(tmp_path / "HumanML3D" / "HumanML3D")
        with pytest.raises(MateError, match=r"HumanML3D/HumanML3D is one: give that\."):
            open_corpus(folder.parent)
        with pytest.raises(MateError, match=r"HumanML3D/HumanML3D is one: give that\."):
            open_corpus(folder / "texts")
        small_corpus(folder.parent / "KIT-ML")
        with pytest.raises(MateError, match=r"These are: .*HumanML3D, .*KIT-ML\. Give one of them"):
            open_corpus(folder.parent)

    def test_that_is_an_archive_is_to_be_unpacked(self, tmp_path: Path) -> None:
        shutil.make_archive(str(tmp_path / "data"), "zip", small_corpus(tmp_path / "in"))
        with pytest.raises(
            MateError, match=r"It is a file of [\d,]+ bytes\. It is a zip archive\. Unpack it first"
        ):
            open_corpus(tmp_path / "data.zip")
