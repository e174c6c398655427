"""Prepared corpora on disk and on the Hub: what was saved is opened, and refusals name what was tried."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import datasets
import numpy as np
import pytest
from datasets import Dataset, DatasetDict, concatenate_datasets, load_from_disk

from mate_hf.data.corpus import Corpus, load_corpus, open_corpus, read_corpus, save_corpus
from mate_hf.errors import MateError
from tests.data.folders import CAPTION, content, small_corpus, some_motion, write_lists, write_motion


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    folder = small_corpus(tmp_path / "in")
    write_motion(folder, "b", some_motion(5, 90), f"{CAPTION}\nsits#x/X#1.0#4.0\nlies#x/X#8.0#9.0")
    write_lists(folder, "a b gone", "c", "d")
    return read_corpus(folder)


def hub_rows(seeds: range, frames: int = 60) -> Dataset:
    """As plain as a Hub dataset can be: nested lists of float64, no column `clip`."""
    motions = [some_motion(seed, frames).tolist() for seed in seeds]
    names = [f"m{seed}" for seed in seeds]
    return Dataset.from_dict(
        {"id": names, "caption": names, "motion": motions, "length": [frames] * len(motions)}
    )


def test_a_saved_corpus_comes_back_the_same(corpus: Corpus, tmp_path: Path) -> None:
    save_corpus(corpus, tmp_path / "out")
    back = load_corpus(tmp_path / "out")
    assert {name: content(split) for name, split in back.splits.items()} == {
        name: content(split) for name, split in corpus.splits.items()
    }
    assert back.kind is corpus.kind
    assert back.report == corpus.report
    assert len(back.report.refused) == 2
    np.testing.assert_array_equal(back.mean, corpus.mean)
    np.testing.assert_array_equal(back.std, corpus.std)


def test_plain_datasets_and_numpy_open_what_was_saved(corpus: Corpus, tmp_path: Path) -> None:
    save_corpus(corpus, tmp_path / "out")
    row = load_from_disk(tmp_path / "out")["train"][0]
    stored = load_from_disk(tmp_path / "out" / "motions").with_format("numpy")[row["motion_row"]]
    assert stored["id"] == row["id"] == "a"
    np.testing.assert_array_equal(stored["motion"], some_motion(0))
    assert stored["motion"].dtype == np.float32
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "Mean.npy"), corpus.mean)
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "Std.npy"), corpus.std)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["splits"]["train"]["rows"] == 3


def test_saving_over_something_needs_permission(corpus: Corpus, tmp_path: Path) -> None:
    save_corpus(corpus, tmp_path / "out")
    with pytest.raises(MateError, match="exists already"):
        save_corpus(corpus, tmp_path / "out")
    save_corpus(load_corpus(tmp_path / "out"), tmp_path / "out", overwrite=True)
    assert load_corpus(tmp_path / "out").splits["train"].captions.num_rows == 3


def test_a_disk_that_fills_up_leaves_what_stood_there(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_corpus(corpus, tmp_path / "out")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("numpy.save", full)
        with pytest.raises(MateError, match="No space left"):
            save_corpus(corpus, tmp_path / "out", overwrite=True)
    assert load_corpus(tmp_path / "out").splits["train"].captions.num_rows == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_an_output_folder_that_cannot_be_written_is_named(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MateError, match=r"cannot write .*file/out"):
        save_corpus(corpus, tmp_path / "file" / "out")


def test_every_layout_opens_through_one_door(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_corpus(corpus, tmp_path / "out")
    hub = DatasetDict(train=hub_rows(range(2)), validation=hub_rows(range(2, 3)), test=hub_rows(range(0)))
    monkeypatch.setattr(datasets, "load_dataset", lambda name, cache_dir: hub)
    assert list(open_corpus("someone/motions").splits) == ["train", "val"]
    for data in (tmp_path / "in", str(tmp_path / "out"), "someone/motions"):
        opened = open_corpus(data)
        np.testing.assert_array_equal(opened.splits["train"].motions[0], some_motion(0))
        np.testing.assert_array_equal(opened.splits["val"].motions[0], some_motion(2))


def test_a_hub_dataset_of_captions_and_motions_opens(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_corpus(corpus, tmp_path / "out")
    pushed = load_from_disk(tmp_path / "out")
    # The Hub's viewer makes nested lists of arrays.
    table = Dataset.from_list(load_from_disk(tmp_path / "out" / "motions").to_list())
    repository = {None: pushed, "motions": DatasetDict(train=table)}
    monkeypatch.setattr(
        datasets, "load_dataset", lambda name, config=None, cache_dir=None: repository[config]
    )
    opened = open_corpus("someone/motions")
    assert {name: content(split) for name, split in opened.splits.items()} == {
        name: content(split) for name, split in corpus.splits.items()
    }
    pushed["val"] = pushed["val"].remove_columns("motion_row")
    with pytest.raises(MateError, match=r"motion_row missing"):
        open_corpus("someone/motions")


class TestMotionsAreStoredOnce:
    def test_however_many_captions_and_splits_speak_of_them(self, tmp_path: Path) -> None:
        folder = small_corpus(tmp_path / "in")
        write_motion(folder, "b", some_motion(5, 90), f"{CAPTION}\nsits#x/X#1.0#4.0\nlies#x/X#0.0#0.0")
        write_lists(folder, "a b", "c b", "d")
        save_corpus(read_corpus(folder), tmp_path / "out")
        table = load_from_disk(tmp_path / "out" / "motions")
        assert table["id"][:] == ["a", "b", "c", "d"]
        back = load_corpus(tmp_path / "out")
        np.testing.assert_array_equal(back.splits["val"].motions[2], some_motion(5, 90)[20:80])

    def test_a_corpus_made_of_another_links_its_files(self, corpus: Corpus, tmp_path: Path) -> None:
        save_corpus(corpus, tmp_path / "first")
        save_corpus(load_corpus(tmp_path / "first"), tmp_path / "second")
        [one], [other] = (
            sorted((tmp_path / name / "motions").glob("*.arrow")) for name in ("first", "second")
        )
        assert one.samefile(other)
        shutil.rmtree(tmp_path / "first")
        assert content(load_corpus(tmp_path / "second").splits["train"]) == content(corpus.splits["train"])

    def test_where_links_cannot_be_made_files_are_copied(
        self,
        corpus: Corpus,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def no_link(*_: object) -> None:
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        save_corpus(corpus, tmp_path / "first")
        monkeypatch.setattr("os.link", no_link)
        save_corpus(load_corpus(tmp_path / "first"), tmp_path / "second")
        assert "second: the motions were copied" in caplog.text
        assert content(load_corpus(tmp_path / "second").splits["train"]) == content(corpus.splits["train"])

    def test_rows_that_held_their_motions_give_them_to_a_table(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        train = concatenate_datasets([hub_rows(range(2)), hub_rows(range(1))])
        hub = DatasetDict(train=train, val=hub_rows(range(1, 3)))
        monkeypatch.setattr(datasets, "load_dataset", lambda name, cache_dir: hub)
        opened = open_corpus("someone/motions")
        save_corpus(opened, tmp_path / "out")
        back = load_corpus(tmp_path / "out")
        assert back.splits["train"]["motion_row"][:] == [0, 1, 0]
        for name, split in opened.splits.items():
            for row in range(len(split)):
                np.testing.assert_array_equal(back.splits[name].motions[row], split.motions[row])


def test_a_hub_dataset_gets_clips_statistics_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = concatenate_datasets([hub_rows(range(2)), hub_rows(range(1))])
    monkeypatch.setattr(datasets, "load_dataset", lambda name, cache_dir: DatasetDict(train=train))
    corpus = open_corpus("someone/motions")
    assert corpus.splits["train"]["clip"][:] == ["m0", "m1", "m0"]
    frames = np.concatenate([some_motion(0), some_motion(1)])
    np.testing.assert_allclose(corpus.mean, frames.mean(axis=0, dtype=np.float64), atol=1e-6)
    counts = corpus.report.splits["train"]
    assert (counts.motions, counts.clips, counts.rows, counts.frames) == (2, 2, 3, 120)
    assert corpus.report.source == "someone/motions"


def test_a_hub_dataset_of_captions_alone_says_how_its_motions_come_along(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_corpus(corpus, tmp_path / "out")
    captions = load_from_disk(tmp_path / "out")

    def load_dataset(name: str, config: str | None = None, cache_dir: object = None) -> DatasetDict:
        if config:
            raise ValueError(f"BuilderConfig '{config}' not found. Available: ['default']")
        return captions

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(MateError, match=r'motions"\)\.push_to_hub\("org/motions", "motions"\)'):
        open_corpus("org/motions")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({"id": ["a"], "caption": ["b"]}, "motion missing"),
        ({"id": ["a"], "caption": ["b"], "motion": ["x"], "length": [1]}, "expected frames of numbers"),
        ({"id": ["a"], "caption": ["b"], "motion": [[]], "length": [0]}, "expected frames of numbers"),
        ({"id": ["a"], "caption": ["b"], "motion": [[[0.0] * 9]], "length": [1]}, "9 features; expected 263"),
    ],
)
def test_a_hub_dataset_of_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, rows: dict[str, list[object]], reason: str
) -> None:
    hub = DatasetDict(train=Dataset.from_dict(rows))
    monkeypatch.setattr(datasets, "load_dataset", lambda name, cache_dir: hub)
    with pytest.raises(MateError, match=rf"someone/motions.*{reason}"):
        open_corpus("someone/motions")


def test_what_is_no_corpus_is_refused_with_all_that_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> None:
        raise ConnectionError("Couldn't reach the Hub")

    monkeypatch.setattr(datasets, "load_dataset", offline)
    with pytest.raises(MateError, match=r"no such path\n- Hub dataset: ConnectionError: Couldn't reach"):
        open_corpus("someone/motions")
    for data in (tmp_path / "nowhere", "a folder/of mine"):
        with pytest.raises(MateError, match=r"no such path\n- Hub dataset: not a Hub id"):
            open_corpus(data)
    with pytest.raises(
        MateError, match=r"no dataset_dict.json in it\n- HumanML3D or KIT-ML folder: no train.txt"
    ):
        open_corpus(tmp_path)
    with pytest.raises(MateError, match=r"not a prepared corpus \(no dataset_dict.json\)"):
        load_corpus(tmp_path)


def test_a_damaged_prepared_corpus_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    save_corpus(corpus, out)
    (out / "report.json").write_text("{")
    with pytest.raises(MateError, match="damaged prepared corpus"):
        load_corpus(out)
    (out / "report.json").unlink()
    state = out / "train" / "state.json"
    whole = state.read_text()
    state.write_text(json.dumps({**json.loads(whole), "_data_files": []}))
    with pytest.raises(MateError, match="damaged prepared corpus"):
        load_corpus(out)
    state.write_text(whole)
    for file in (out / "train").glob("*.arrow"):
        file.write_bytes(b"")
    with pytest.raises(MateError, match="damaged prepared corpus"):
        load_corpus(out)


def test_a_prepared_corpus_without_its_statistics_computes_them(corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    save_corpus(corpus, out)
    for name in ("Mean.npy", "report.json"):
        (out / name).unlink()
    back = load_corpus(out)
    assert back.report.statistics_from == "training split"
    assert back.report.splits["train"].rows == 3
    assert np.isfinite(back.mean).all()


def test_without_a_training_split_nothing_is_opened(corpus: Corpus, tmp_path: Path) -> None:
    DatasetDict(test=corpus.splits["test"].captions).save_to_disk(tmp_path / "out")
    with pytest.raises(MateError, match="splits test; expected a training split"):
        load_corpus(tmp_path / "out")
