"""From a folder to a prepared Dataset that any code can open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import load_from_disk

from mate_hf.data import motion_files, preparation
from mate_hf.data.humanml3d import keep_features
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.preparation import load_prepared, open_prepared, prepare
from mate_hf.errors import MateError
from mate_hf.text import lemmas
from mate_hf.text.lemmas import Lemmatizer
from mate_hf.utils.parts import Parts
from tests.data.folders import CAPTION, content, write_lists, write_motion
from tests.data.made_up_motion import made_up_motion
from tests.tiny import make_corpus


def add_caption(corpus: Path, name: str, caption: str) -> None:
    with (corpus / "texts" / f"{name}.txt").open("a", encoding="utf-8") as file:
        file.write(f"{caption}#x/X#0.0#0.0\n")


def test_plain_datasets_opens_it_with_a_lemma_for_every_word(tmp_path: Path) -> None:
    prepare(str(make_corpus(tmp_path / "corpus", clips=6)), tmp_path / "out")
    row = load_from_disk(tmp_path / "out")["train"][0]
    motion = load_from_disk(tmp_path / "out" / "motions")[row["motion_row"]]["motion"]
    assert row["caption"] == "a person walks forward and turns left"
    assert row["lemmas"] == ["a", "person", "walk", "forward", "and", "turn", "left"]
    assert len(motion) == row["length"]


def test_a_caption_without_a_word_is_left_out_and_counted(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6)
    add_caption(corpus, "000000", "?!")
    prepared = prepare(str(corpus), tmp_path / "out")
    assert "?!" not in prepared.corpus.splits["train"]["caption"]
    assert prepared.corpus.report.splits["train"].excluded == {"captions without a word": 1}
    assert "captions without a word" in prepared.summary()


def test_prototypes_come_from_training_captions_alone(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6)
    add_caption(corpus, "000005", "somersaults")
    prepared = prepare(str(corpus), tmp_path / "out")
    assert prepared.vocabulary.prototype_id("walk") is not None
    assert prepared.vocabulary.prototype_id("somersault") is None


def test_an_existing_output_is_kept(tmp_path: Path) -> None:
    corpus = str(make_corpus(tmp_path / "corpus", clips=6))
    prepare(corpus, tmp_path / "out")
    with pytest.raises(MateError, match="exists already"):
        prepare(corpus, tmp_path / "out")


def test_a_cache_serves_its_own_corpus_only(tmp_path: Path) -> None:
    first, second = (str(make_corpus(tmp_path / name, clips=6, seed=seed)) for seed, name in enumerate("ab"))
    for corpus in (first, first, second):
        assert open_prepared(corpus, tmp_path / "cache", reuse=True).corpus.report.source == corpus
    assert load_prepared(tmp_path / "cache").corpus.report.source == second


def test_a_changed_folder_is_read_again_unless_a_run_goes_on(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6)
    open_prepared(str(corpus), tmp_path / "cache")
    add_caption(corpus, "000000", "somersaults")
    for reuse, expected in ((True, None), (False, 1)):
        vocabulary = open_prepared(str(corpus), tmp_path / "cache", reuse).vocabulary
        assert (vocabulary.prototype_id("somersault") is not None) == (expected is not None)


def test_a_prepared_folder_is_used_where_it_lies(tmp_path: Path) -> None:
    prepare(str(make_corpus(tmp_path / "corpus", clips=6)), tmp_path / "out")
    open_prepared(str(tmp_path / "out"), tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_two_processes_share_the_work_and_write_the_same(tmp_path: Path) -> None:
    for seed, name in enumerate("abcd"):
        motion = made_up_motion(HUMANML3D, frames=61 + seed)
        write_motion(
            tmp_path / "joints", name, motion, f"{CAPTION}\nhe sits down {'very ' * seed}slowly#x/X#0.0#0.0"
        )
    write_lists(tmp_path / "joints", "a b d", test="c")
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    said = []
    for processes in (1, 2):
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
        command = ["prepare", tmp_path / "joints", tmp_path / str(processes)]
        done = subprocess.run(
            [sys.executable, *launcher, "-m", "mate_hf.cli", *map(str, command)],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        said.append(done.stdout)
        assert not list(tmp_path.glob(f".{processes}*"))
    # The main process alone reports.
    assert said[0] == said[1]
    one, two = (load_prepared(tmp_path / name) for name in ("1", "2"))
    assert one.vocabulary == two.vocabulary
    for name, split in one.corpus.splits.items():
        assert content(two.corpus.splits[name]) == content(split)


def test_a_process_keeps_its_own_part_of_features_and_lemmas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lemmas, "_SHARE", 2)
    for name in "abcd":
        write_motion(tmp_path / "joints", name, made_up_motion(HUMANML3D, frames=61))
    write_lists(tmp_path / "joints", "a b d", test="c")
    keep_features(tmp_path / "joints", tmp_path / "kept", 1, 2)
    # Of a, b, d and c in the order of the lists every second.
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["b.npy", "c.npy"]
    parts = Parts(tmp_path / "out", {})
    parts.claim()
    lemmas.keep_lemmas([f"he walks {number}" for number in range(8)], parts, 0, 2)
    assert len(list(parts.folder.glob("lemmas-*.jsonl"))) == 2


class TestABrokenPreparation:
    """It goes on where it stopped: no motion is turned into features twice, no caption read twice."""

    @pytest.fixture
    def joints(self, tmp_path: Path) -> Path:
        for seed, name in enumerate("abc"):
            write_motion(tmp_path / "joints", name, made_up_motion(HUMANML3D, frames=61 + seed))
        write_lists(tmp_path / "joints", "a b", test="c")
        return tmp_path / "joints"

    @pytest.fixture
    def worked(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What was done, in order."""
        done: list[str] = []
        convert, read = motion_files.joints_to_features, Lemmatizer._read

        def converting(*given: Any, **named: Any) -> Any:
            done.append("features")
            return convert(*given, **named)

        def reading(self: Lemmatizer, captions: list[str]) -> Any:
            done.append("lemmas")
            return read(self, captions)

        monkeypatch.setattr(motion_files, "joints_to_features", converting)
        monkeypatch.setattr(Lemmatizer, "_read", reading)
        return done

    @staticmethod
    def broken(monkeypatch: pytest.MonkeyPatch, joints: Path, out: Path) -> None:
        def fail(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(preparation, "save_corpus", fail)
            with pytest.raises(KeyboardInterrupt):
                prepare(str(joints), out)
        assert not out.exists()

    def test_repeats_nothing_and_ends_alike(
        self, tmp_path: Path, joints: Path, worked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = prepare(str(joints), tmp_path / "whole")
        self.broken(monkeypatch, joints, tmp_path / "out")
        worked.clear()
        resumed = prepare(str(joints), tmp_path / "out")
        assert not worked
        assert not list(tmp_path.glob(".out*"))
        for name, split in whole.corpus.splits.items():
            assert content(resumed.corpus.splits[name]) == content(split)
        assert resumed.vocabulary == whole.vocabulary

    def test_trusts_no_features_of_joints_that_changed(
        self, tmp_path: Path, joints: Path, worked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.broken(monkeypatch, joints, tmp_path / "out")
        np.save(joints / "new_joints" / "a.npy", made_up_motion(HUMANML3D, frames=71))
        worked.clear()
        assert prepare(str(joints), tmp_path / "out").corpus.splits["train"]["length"][0] == 70
        assert "features" in worked
