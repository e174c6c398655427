"""From a folder to a prepared Dataset that any code can open."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import load_from_disk
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data import motion_files, preparation
from mate_hf.data.humanml3d import keep_features
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_features import joints_to_features
from mate_hf.data.preparation import load_prepared, open_prepared, prepare
from mate_hf.data.prepared import load_corpus
from mate_hf.errors import MateError
from mate_hf.text import lemmas
from mate_hf.text.lemmas import Lemmatizer
from mate_hf.utils.parts import Parts
from tests.data.folders import CAPTION, content, write_lists, write_motion
from tests.data.made_up_motion import made_up_motion
from tests.data.walking_body import walking
from tests.tiny import make_corpus
from tests.together import together


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
    command = ["prepare", str(tmp_path / "joints")]
    alone = CliRunner().invoke(app, [*command, str(tmp_path / "1")])
    assert alone.exit_code == 0, alone.output
    said = together("-m", "mate_hf.cli", *command, tmp_path / "2")
    # The main process alone reports.
    assert said == alone.stdout
    assert not list(tmp_path.glob(".[12]*"))
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


class TestOwnOutputIsInput:
    def test_a_prepared_corpus_is_prepared_again_with_lemmas_of_today(self, tmp_path: Path) -> None:
        once = prepare(str(make_corpus(tmp_path / "corpus", clips=6)), tmp_path / "once")
        stale = load_from_disk(tmp_path / "once")
        stale = stale.map(lambda row: {"lemmas": ["stale" for _ in row["lemmas"]]})
        stale.save_to_disk(tmp_path / "stale")
        for name in ("motions", "Mean.npy", "Std.npy", "report.json"):
            source = tmp_path / "once" / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / "stale" / name)
        again = prepare(str(tmp_path / "stale"), tmp_path / "again")
        for name, split in once.corpus.splits.items():
            assert content(again.corpus.splits[name]) == content(split)
        assert again.vocabulary == once.vocabulary

    @pytest.mark.parametrize("form", ["of today", "0.1, a motion in each row"])
    def test_a_localized_one_keeps_its_segments_and_says_so(self, tmp_path: Path, form: str) -> None:
        if form == "of today":
            prepare(str(make_corpus(tmp_path / "corpus", clips=6)), tmp_path / "localized")
            captions = load_from_disk(tmp_path / "localized").map(
                lambda row: {"sub_texts": [row["caption"]], "segments": [[0, row["length"]]]}
            )
            captions.save_to_disk(tmp_path / "source")
            for name in ("motions", "Mean.npy", "Std.npy", "report.json"):
                source = tmp_path / "localized" / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / "source" / name)
        else:
            old = Path(__file__).parents[1] / "fixtures" / "version_0_1" / "localized"
            shutil.copytree(old, tmp_path / "source")
        before = load_corpus(tmp_path / "source")
        prepared = prepare(str(tmp_path / "source"), tmp_path / "out")
        for name, split in before.splits.items():
            after = prepared.corpus.splits[name]
            assert after.table is not None
            for column in ("caption", "sub_texts", "segments"):
                assert after[column][:] == split[column][:]
            for row in range(len(split)):
                np.testing.assert_array_equal(after.motions[row], split.motions[row])
        assert prepared.corpus.report.warnings.count(preparation.KEPT) == 1
        twice = prepare(str(tmp_path / "out"), tmp_path / "twice")
        assert twice.corpus.report.warnings.count(preparation.KEPT) == 1


class TestCoordinates:
    """A folder in other units or axes: refused with the options that mend it, and mended by them."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        for seed in range(8):
            write_motion(tmp_path / "in", f"{seed:06d}", walking(60, seed)[..., [0, 2, 1]] * np.float32(100))
        write_lists(tmp_path / "in", "000000 000001 000002 000003 000004 000005", "000006", "000007")
        return tmp_path / "in"

    def test_are_asked_for_and_then_taken(self, tmp_path: Path, folder: Path) -> None:
        with pytest.raises(MateError, match=r"Give --scale 0\.01 --up=z --left-handed\."):
            prepare(str(folder), tmp_path / "out")
        prepared = prepare(str(folder), tmp_path / "out", scale=0.01, up="z", left_handed=True)
        report = prepared.corpus.report
        assert (report.refused, report.written_in) == ([], {"scale": 0.01, "up": "z", "left_handed": True})
        assert not any("motions" in warning for warning in report.warnings)
        expected = joints_to_features(walking(60, 0), HUMANML3D)
        np.testing.assert_allclose(prepared.corpus.splits["train"].motions[0], expected, atol=1e-4)

    def test_are_part_of_what_is_kept_for_a_broken_run(
        self, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(preparation, "save_corpus", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                prepare(str(folder), tmp_path / "out", scale=0.02, up="z", left_handed=True)
        prepared = prepare(str(folder), tmp_path / "out", scale=0.01, up="z", left_handed=True)
        assert prepared.corpus.splits["train"].motions[0][0, 3] == pytest.approx(0.95, abs=0.02)

    def test_leave_the_folders_own_statistics_aside(self, tmp_path: Path, folder: Path) -> None:
        for name in ("Mean", "Std"):
            np.save(folder / f"{name}.npy", np.full(263, 50.0))
        corpus = prepare(str(folder), tmp_path / "out", scale=0.01, up="z", left_handed=True).corpus
        assert corpus.mean[3] == pytest.approx(0.95, abs=0.02)
        assert any("not used" in warning for warning in corpus.report.warnings)

    def test_one_file_in_another_unit_is_refused_by_name(self, tmp_path: Path) -> None:
        for seed in range(8):
            scale = np.float32(1000 if seed == 3 else 1)
            write_motion(tmp_path / "in", f"{seed:06d}", walking(60, seed) * scale)
        write_lists(tmp_path / "in", "000000 000001 000002 000003 000004 000005", "000006", "000007")
        report = prepare(str(tmp_path / "in"), tmp_path / "out").corpus.report
        [refused] = report.refused
        assert refused.id == "000003"
        assert "new_joints/000003.npy: a leg and the trunk of 1454 m" in refused.reason

    def test_no_bodies_at_all_are_counted_and_named(self, tmp_path: Path) -> None:
        summary = prepare(str(make_corpus(tmp_path / "corpus", clips=6)), tmp_path / "out").summary()
        assert (
            "warning: 6 motions have bones that no human body has (000000, 000001, 000002, ...)." in summary
        )


def test_an_id_that_leads_out_of_the_corpus_is_refused_and_nothing_is_written_there(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle" / "a" / "corpus"
    for holder in ("new_joints", "texts"):
        (bundle / holder / "walks").mkdir(parents=True)
    for name in ("000000", "walks/000001"):
        write_motion(bundle, name, made_up_motion(HUMANML3D))
    ids = ["../../../evil", str(tmp_path / "bundle" / "evil")]
    for source in (bundle / "new_joints" / "000000.npy", bundle / "texts" / "000000.txt"):
        shutil.copy(source, tmp_path / "bundle" / f"evil{source.suffix}")
    (bundle / "train.txt").write_text("\n".join(["000000", "walks/000001", *ids]) + "\n")
    (tmp_path / "home").mkdir()
    prepared = prepare(bundle, tmp_path / "home" / "work" / "out")
    assert sorted(set(prepared.corpus.splits["train"]["id"])) == ["000000", "walks/000001"]
    reasons = {refusal.id: refusal.reason for refusal in prepared.corpus.report.refused}
    assert set(reasons) == set(ids)
    assert all("no place inside" in reason for reason in reasons.values())
    assert not list((tmp_path / "home").rglob("evil*"))
    assert [path.name for path in (tmp_path / "home" / "work").iterdir()] == ["out"]


def test_a_split_whose_name_leads_out_is_refused(tmp_path: Path) -> None:
    prepare(make_corpus(tmp_path / "corpus", clips=6), tmp_path / "in" / "out")
    (tmp_path / "in" / "out" / "test").rename(tmp_path / "esc")
    names = {"splits": ["train", "val", "../../esc"]}
    (tmp_path / "in" / "out" / "dataset_dict.json").write_text(json.dumps(names))
    with pytest.raises(MateError, match=r"'\.\./\.\./esc': no place inside"):
        prepare(tmp_path / "in" / "out", tmp_path / "deep" / "er" / "again")
    assert not (tmp_path / "deep" / "er").exists() or not list((tmp_path / "deep").rglob("*.arrow"))


def test_a_command_that_fails_at_once_leaves_nothing_beside_its_output(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="not a corpus"):
        prepare(tmp_path / "nowhere", tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_that_are_none_are_refused_in_our_words(tmp_path: Path, workers: int) -> None:
    with pytest.raises(MateError, match=rf"workers: {workers}; expected 1 to"):
        prepare(make_corpus(tmp_path / "corpus", clips=6), tmp_path / "out", workers=workers)


def test_a_second_preparation_at_once_is_refused_and_the_first_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6)
    opened = preparation.open_corpus

    def meanwhile(*arguments: Any) -> Any:
        with pytest.raises(MateError, match="is being written by process"):
            prepare(make_corpus(tmp_path / "other", clips=6), tmp_path / "out")
        return opened(*arguments)

    monkeypatch.setattr(preparation, "open_corpus", meanwhile)
    prepare(corpus, tmp_path / "out")
    assert load_prepared(tmp_path / "out").corpus.report.source == str(corpus)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "other", "out"]


@pytest.mark.parametrize("name", ["rows", "scratch", "new", "motions-once"])
def test_an_output_may_have_any_name(tmp_path: Path, name: str) -> None:
    prepare(make_corpus(tmp_path / "corpus", clips=6), tmp_path / name)
    assert load_prepared(tmp_path / name).corpus.splits["train"]
