"""A disk that is full, failing or not to be written, at everything that writes: one sentence, and all as it was."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from transformers.utils import logging

from mate_hf.data.conversion import convert_file
from mate_hf.data.corpus import load_corpus
from mate_hf.data.preparation import prepare
from mate_hf.data.prepared import save_corpus
from mate_hf.data.shards import prepare_shard
from mate_hf.data.synthetic import write_synthetic_corpus
from mate_hf.errors import MateError
from mate_hf.exports.formats import export
from mate_hf.generation import MotionPipeline
from mate_hf.localization.join import join
from mate_hf.motion_files.writing import write_motion
from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.plotting.film_files import write_gif
from mate_hf.plotting.player import write_page
from mate_hf.plotting.scene import scene_of
from mate_hf.reports.run_report import report
from mate_hf.runs.folder import RunFolder
from mate_hf.text.decomposition.cache import AnswerCache
from mate_hf.text.decomposition.decompose import decompose_file
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.text_features import cached_text_features
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.training.records import Records
from mate_hf.utils.files import write_json
from mate_hf.utils.outputs import FILE, Output
from mate_hf.utils.parts import Parts
from mate_hf.utils.results import COMPARISON, Results
from tests.cli.test_writers import built, state
from tests.generation.conftest import generator, pipe
from tests.plotting.raising_body import motion, raising
from tests.tiny import CAPTIONS
from tests.utils.limits import files_of_at_most

__all__ = ["built", "generator", "pipe"]

Writer = Callable[[Path, Path, MotionPipeline], object]


def figure(ending: str) -> Writer:
    def write(_: Path, out: Path, __: MotionPipeline) -> None:
        drawn = new_figure(2, 2)
        drawn.add_subplot().plot(np.arange(5))
        save_figure(drawn, Output(out.with_suffix(ending), FILE))

    return write


def joints(ending: str) -> Writer:
    return lambda world, out, pipe: write_motion(out.with_suffix(ending), raising(frames=6), 20)


def exported(format: str) -> Writer:
    return lambda world, out, pipe: export(world / "run", out, format, base=str(world / "encoder"))


def page(_: Path, out: Path, __: MotionPipeline) -> None:
    write_page(scene_of([motion(raising(frames=6))], ["a"]), Output(out.with_suffix(".html"), FILE))


def film(_: Path, out: Path, __: MotionPipeline) -> None:
    write_gif(scene_of([motion(raising(frames=2))], ["a"]), Output(out.with_suffix(".gif"), FILE))


def features_of_text(world: Path, out: Path, _: MotionPipeline) -> None:
    encoder = open_text_encoder(str(world / "encoder"))
    cached_text_features(CAPTIONS, encoder, encoder, out)


def answers(_: Path, out: Path, __: MotionPipeline) -> None:
    kept = AnswerCache(out, "model")
    try:
        kept.put("a", "b")
    finally:
        kept.close()


WRITERS: dict[str, Writer] = {
    "json": lambda world, out, pipe: write_json(out, {"a": "x" * 50}),
    "results": lambda world, out, pipe: Results(out, COMPARISON).keep({"neighbours": {}, "pairs": []}),
    "settings": lambda world, out, pipe: RunFolder(out.parent).write_settings({"a": 1, "padding": "x" * 50}),
    "vocabulary": lambda world, out, pipe: Vocabulary.from_captions(CAPTIONS).save(out),
    "records forgotten": lambda world, out, pipe: Records(world / "log.jsonl").forget_after(1),
    "records": lambda world, out, pipe: Records(out).append({"step": 1, "loss": 0.123456789}),
    "a part": lambda world, out, pipe: Parts(out, {}).write("a", ["x" * 50]),
    "prepare": lambda world, out, pipe: prepare(str(world / "corpora" / "raw"), out, workers=1),
    "a shard": lambda world, out, pipe: prepare_shard(world / "corpora" / "raw", out, "1/2", workers=1),
    "join": lambda world, out, pipe: join([world / "shard"], out),
    "a corpus": lambda world, out, pipe: save_corpus(load_corpus(world / "prepared"), out),
    "synthetic": lambda world, out, pipe: write_synthetic_corpus(out, 20, workers=1, progress=False),
    "features": lambda world, out, pipe: convert_file(world / "features.npy", out, inverse=True),
    "decompose": lambda world, out, pipe: decompose_file(world / "captions.txt", out),
    "answers": answers,
    "text features": features_of_text,
    "export hf": exported("hf"),
    "export adapter": exported("adapter"),
    "generator": lambda world, out, pipe: pipe.save_pretrained(out),
    "npy": joints(".npy"),
    "bvh": joints(".bvh"),
    "glb": joints(".glb"),
    "png": figure(".png"),
    "svg": figure(".svg"),
    "pdf": figure(".pdf"),
    "gif": film,
    "html": page,
    "report": lambda world, out, pipe: report(world / "run", out.with_suffix(".html")),
}
LASTING = [name for name in WRITERS if name not in ("records", "answers")]
"""Those that end with a name for what is whole; the others add to a file."""


@pytest.fixture(autouse=True)
def no_bars() -> Iterator[None]:
    """pytest keeps what they say in a file, which the limit would hold as well."""
    logging.disable_progress_bar()
    yield
    logging.enable_progress_bar()


@pytest.fixture
def world(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "world")
    (tmp_path / "world" / "run" / "config.yaml").write_text(f"text_encoder: {tmp_path}/world/encoder\n")
    (tmp_path / "world" / "log.jsonl").write_text('{"step": 1, "loss": 0.25}\n')
    return tmp_path / "world"


def refused(write: Callable[[], object]) -> str:
    with pytest.raises(MateError) as told:
        write()
    line = str(told.value)
    assert "\n" not in line
    assert ".writing" not in line.replace(".out.writing", ""), line
    return line


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_write_meets_is_said_and_nothing_is_left(world: Path, pipe: MotionPipeline, name: str) -> None:
    """The size of files stands for that of the disk: any library meets it, and no other rights are needed."""
    place = world / "there" if name != "records forgotten" else world
    place.mkdir(exist_ok=True)
    before = state(world)

    def write() -> None:
        with files_of_at_most(20):
            WRITERS[name](world, place / "out", pipe)

    line = refused(write)
    assert any(word in line for word in ("File too large", "a part of it", "disk I/O error")), line
    assert any(word in line for word in ("Choose a place", "choose a", "name another")), line
    found = state(world)
    # Lines that were begun, and what a broken run takes up again.
    begun = {"there/out"} if name in ("records", "answers", "text features") else set()
    assert {path for path in found if path not in before and not path.startswith("there/.out.parts")} <= begun
    assert {path: found[path] for path in before} == before
    WRITERS[name](world, place / "out", pipe)


@pytest.mark.parametrize(
    ("number", "said", "remedy"),
    [
        (errno.ENOSPC, "No space left on device", "Free some room there"),
        (errno.EDQUOT, "Disk quota exceeded", "Remove some files of yours"),
        (errno.EROFS, "Read-only file system", "Choose a place that can be written"),
        (errno.EIO, "Input/output error", "Look after that disk"),
    ],
)
@pytest.mark.parametrize("name", LASTING)
def test_what_the_disk_says_in_the_end_is_heard(
    world: Path,
    pipe: MotionPipeline,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
    said: str,
    remedy: str,
) -> None:
    """Disks on a network take what they are given, and say only when they are waited for that they had no room."""
    if number != errno.ENOSPC and name not in ("json", "a corpus", "export hf"):
        pytest.skip("one way for all: three stand for the others")
    place = world / "there" if name != "records forgotten" else world
    place.mkdir(exist_ok=True)
    before = state(world)

    def full(_: int) -> NoReturn:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        line = refused(lambda: WRITERS[name](world, place / "out", pipe))
    assert said in line
    assert remedy in line
    found = {path: what for path, what in state(world).items() if not path.startswith("there/.out.parts")}
    if name == "text features":
        # The folder of all of them.
        assert found.pop("there/out") == "folder"
    assert found == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    yield folder
    # At once, even where a table is still mapped into memory.
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 4096)
            except OSError:
                return filler


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_a_disk_that_is_full(world: Path, pipe: MotionPipeline, small_disk: Path, name: str) -> None:
    if name == "records forgotten":
        shutil.move(world / "log.jsonl", small_disk / "log.jsonl")
    place = small_disk / "there"
    place.mkdir()
    filler = fill(small_disk)
    before = state(small_disk)
    line = refused(
        lambda: WRITERS[name](small_disk if name == "records forgotten" else world, place / "out", pipe)
    )
    assert any(word in line for word in ("No space left on device", "disk is full", "a part of it")), line
    known = {
        path: what
        for path, what in state(small_disk).items()
        if path not in ("there/out", "there/.out.parts")
    }
    assert known == before
    filler.unlink()
    if name not in ("a corpus", "prepare", "a shard", "join", "synthetic", "export hf", "generator", "gif"):
        WRITERS[name](small_disk if name == "records forgotten" else world, place / "out", pipe)


@pytest.mark.slow
def test_a_disk_that_can_only_be_read(world: Path, pipe: MotionPipeline, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for name in WRITERS:
        if name != "records forgotten":
            line = refused(lambda name=name: WRITERS[name](world, small_disk / "out", pipe))  # type: ignore[misc]
            assert "Read-only file system" in line or "unable to open database file" in line, (name, line)
