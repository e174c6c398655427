"""A split acted out: every clip once a generation, as long as the real one, in folders that are measured as they stand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.corpus import open_corpus
from mate_hf.data.motion_files import motion_folder
from mate_hf.data.split import first_rows_of_clips
from mate_hf.errors import MateError
from mate_hf.evaluation.generation.folders import open_generated, shared_names
from mate_hf.generation import MotionPipeline, split_samples
from mate_hf.generation.split_samples import generate_split
from tests.tiny import make_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus") / "folder", clips=18)


def test_every_clip_is_acted_out_beside_the_real_one(
    generator: Path, pipe: MotionPipeline, corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "samples"
    said = ["generate-split", generator, "--data", corpus, "--out", out, "--generations", 2, "--steps", 2]
    called = CliRunner().invoke(app, [*map(str, said), "--multimodality", "1", "--seed", "3"])
    assert called.exit_code == 0, called.output
    split = open_corpus(corpus).splits["test"]
    rows = first_rows_of_clips(split)
    captions = [json.loads(line) for line in (out / "captions.jsonl").read_text().splitlines()]
    assert [entry["caption"] for entry in captions] == [split["caption"][row] for row in rows]
    for entry, row in zip(captions, rows, strict=True):
        real = np.load(out / "real" / f"{entry['id']}.npy")
        np.testing.assert_array_equal(real, split.motions[row])
        made = [np.load(out / "generated" / str(n) / f"{entry['id']}.npy") for n in (0, 1)]
        assert made[0].shape == made[1].shape == real.shape
        assert not np.array_equal(*made)
    seconds = split["length"][rows[1]] / 20
    alone = pipe(split["caption"][rows[1]], seconds, seed=[4], steps=2).features[0]
    np.testing.assert_allclose(np.load(out / "generated" / "0" / "000001.npy"), alone, atol=1e-4)
    [several] = (out / "multimodality").iterdir()
    assert len(list(several.glob("*.npy"))) == 30
    real = motion_folder(out / "real")
    generations = open_generated(out / "generated", real)
    assert len(generations.repeats) == 2
    assert len(shared_names(real, generations, None)[0]) == len(rows)


def test_an_earlier_output_is_replaced_and_nothing_else(
    generator: Path, corpus: Path, tmp_path: Path
) -> None:
    generate_split(generator, corpus, tmp_path / "out", "val", steps=1)
    with pytest.raises(MateError, match="exists already"):
        generate_split(generator, corpus, tmp_path / "out", "val", steps=1)
    generate_split(generator, corpus, tmp_path / "out", "val", steps=1, overwrite=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(MateError, match="a folder of other things"):
        generate_split(generator, corpus, tmp_path / "other", "val", steps=1, overwrite=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split": "dev"}, "split 'dev'"),
        ({"generations": 0}, "generations: 0; expected 1"),
        ({"multimodality": 99}, "multimodality: 99; test has 3 clips"),
        ({"seed": -1}, "seed: -1"),
    ],
)
def test_what_does_not_fit_is_named(
    generator: Path, corpus: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(MateError, match=message):
        generate_split(generator, corpus, tmp_path / "out", steps=1, **changes)
    assert not (tmp_path / "out").exists()


def test_the_last_seed_of_all_is_one_too(generator: Path, corpus: Path, tmp_path: Path) -> None:
    count = generate_split(generator, corpus, tmp_path / "out", "val", generations=2, seed=2**32 - 1, steps=1)
    made = [np.load(file) for file in sorted((tmp_path / "out" / "generated").rglob("*.npy"))]
    assert len(made) == 2 * count
    assert len({motion.tobytes() for motion in made}) == len(made)


def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(
    generator: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_samples, "open_corpus", lambda _: pytest.fail("a corpus was read in vain"))
    with pytest.raises(MateError, match="cannot write /proc/out"):
        generate_split(generator, corpus, "/proc/out", steps=1)
