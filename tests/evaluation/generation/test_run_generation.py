"""`mate evaluate generation` on folders: what it measures, and every way a folder can be wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.coordinates import scaled
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from mate_hf.evaluation.generation import Gaussian, frechet_distance
from mate_hf.evaluation.generation.captions import read_captions
from mate_hf.guo_evaluator import Token, WordVectors, open_evaluator, save_evaluator
from mate_hf.modeling import EvaluatorConfig, EvaluatorModel
from tests.data.walking_body import walking

COUNT = 70
HEIGHT = 3

Evaluate = Callable[..., tuple[int, str]]


def squeezed(text: str) -> str:
    return "".join(text.split())


def motion(random: np.random.Generator, frames: int) -> np.ndarray:
    features = random.normal(size=(frames, 263)).astype(np.float32)
    features[:, HEIGHT] = 0.9
    return features


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """real/ generated/ texts/ evaluator/: 70 motions of 40 to 99 frames."""
    random = np.random.default_rng(0)
    for part in ("real", "generated", "texts"):
        (tmp_path / part).mkdir()
    for number in range(COUNT):
        frames = 40 + 4 * (number % 15)
        for part in ("real", "generated"):
            np.save(tmp_path / part / f"{number:03d}.npy", motion(random, frames))
        line = f"walks {number}#walk/VERB word{number % 7}/NOUN#0.0#0.0\nanother#x/X#0.0#0.0\n"
        (tmp_path / "texts" / f"{number:03d}.txt").write_text(line, encoding="utf-8")
    torch.manual_seed(0)
    sizes = {"movement_width": 8, "motion_hidden": 8, "text_hidden": 8, "feature_width": 6, "word_width": 6}
    words = ["sos", "eos", "unk", "walk", *(f"word{number}" for number in range(7))]
    vectors = WordVectors(words, torch.randn(len(words), 6))
    save_evaluator(EvaluatorModel(EvaluatorConfig(**sizes)), vectors, tmp_path / "evaluator")
    return tmp_path


@pytest.fixture
def evaluate(folders: Path) -> Evaluate:
    """`evaluate(*flags)`: exit code and what was said."""

    def run(*flags: str) -> tuple[int, str]:
        paths = [
            part
            for name in ("real", "generated", "texts", "evaluator")
            if f"--{name}" not in flags
            for part in (f"--{name}", str(folders / name))
        ]
        done = CliRunner().invoke(
            app,
            [
                "evaluate",
                "generation",
                *paths,
                "--diversity-pairs",
                "20",
                "--out",
                str(folders / "out.json"),
                *flags,
            ],
        )
        # Where a line breaks depends on how long the folder's name is.
        return done.exit_code, "".join(done.output.split())

    return run


def test_a_seed_that_is_none_is_refused(evaluate: Evaluate) -> None:
    assert evaluate("--seed", "-1") == (1, "error:seed:-1;expectedawholenumberfrom0to2**32-1.")


def test_the_metrics_are_those_of_the_features(folders: Path, evaluate: Evaluate) -> None:
    assert evaluate("--repeats", "3", "--protocol", "remodiffuse")[0] == 0
    results = json.loads((folders / "out.json").read_text(encoding="utf-8"))
    names = [f"{number:03d}" for number in range(COUNT)]
    evaluator = open_evaluator(folders / "evaluator")
    real, generated = (
        np.concatenate(
            [evaluator.motion_features([np.load(folders / part / f"{name}.npy")]) for name in names]
        )
        for part in ("real", "generated")
    )
    text = evaluator.text_features(read_captions(folders / "texts", names))
    found = results["metrics"]["generated"]
    expected = frechet_distance(Gaussian().add(real), Gaussian().add(generated))
    assert found["FID"]["mean"] == pytest.approx(expected, rel=1e-4)
    distance = np.linalg.norm(text.astype(float) - generated, axis=1).mean()
    assert found["MM-Dist"]["mean"] == pytest.approx(distance, rel=1e-5)
    assert found["MM-Dist"]["repeats"] == 3
    # All pairs count, whatever the batches.
    assert found["MM-Dist"]["half_width"] == pytest.approx(0, abs=1e-9)
    assert results["items"] == COUNT
    assert results["protocol"] == "remodiffuse"


def test_the_standard_drops_the_last_batch_and_repeats_the_same_draws(
    folders: Path, evaluate: Evaluate
) -> None:
    assert evaluate("--repeats", "2")[0] == 0
    first = json.loads((folders / "out.json").read_text(encoding="utf-8"))
    assert evaluate("--repeats", "2")[0] == 0
    again = json.loads((folders / "out.json").read_text(encoding="utf-8"))
    assert first["metrics"] == again["metrics"]
    assert first["data_hash"] == again["data_hash"]
    assert first["metrics"]["generated"]["MM-Dist"]["half_width"] > 0
    top = first["metrics"]["generated"]["R-Precision top 1"]["mean"] * 64 * 2
    assert top == pytest.approx(round(top))


def test_folders_of_generations_are_the_repeats(folders: Path, evaluate: Evaluate) -> None:
    random = np.random.default_rng(1)
    for generation in ("0", "1"):
        shutil.copytree(folders / "generated", folders / "several" / generation)
        for file in (folders / "several" / generation).glob("*.npy"):
            np.save(file, motion(random, len(np.load(file))))
    assert evaluate("--generated", str(folders / "several"), "--repeats", "2")[0] == 0
    results = json.loads((folders / "out.json").read_text(encoding="utf-8"))
    assert results["generations"] == 2
    assert results["metrics"]["generated"]["FID"]["half_width"] > 0
    code, said = evaluate("--generated", str(folders / "several"), "--repeats", "5")
    assert (code, squeezed("2 generations, but 5 repeats") in said) == (1, True)


def test_multimodality_is_of_folders_of_one_caption(folders: Path, evaluate: Evaluate) -> None:
    random = np.random.default_rng(2)
    for caption in ("a", "b"):
        (folders / "many" / caption).mkdir(parents=True)
        for number in range(12):
            np.save(folders / "many" / caption / f"{number}.npy", motion(random, 44))
    assert evaluate("--multimodality", str(folders / "many"), "--repeats", "2")[0] == 0
    results = json.loads((folders / "out.json").read_text(encoding="utf-8"))
    assert results["metrics"]["generated"]["MultiModality"]["mean"] > 0
    (folders / "many" / "a" / "0.npy").unlink()
    code, said = evaluate("--multimodality", str(folders / "many"))
    assert (code, squeezed("equally many motions in each") in said) == (1, True)


def remove_some(folders: Path) -> None:
    for number in (3, 5):
        (folders / "generated" / f"{number:03d}.npy").unlink()


def put_nan(folders: Path) -> None:
    features = np.load(folders / "generated" / "004.npy")
    features[7, 2] = np.nan
    np.save(folders / "generated" / "004.npy", features)


def another_rate(folders: Path) -> None:
    for file in (folders / "generated").glob("*.npy"):
        np.save(file, np.repeat(np.load(file), 3, axis=0)[::2])


def another_width(folders: Path) -> None:
    for file in (folders / "generated").glob("*.npy"):
        np.save(file, np.load(file)[:, :251])


def normalise(folders: Path) -> None:
    for file in (folders / "generated").glob("*.npy"):
        features = np.load(file)
        features[:, HEIGHT] = 0.0
        np.save(file, features)


def all_the_same(folders: Path) -> None:
    same = np.load(folders / "generated" / "000.npy")
    for file in (folders / "generated").glob("*.npy"):
        np.save(file, same)


def too_few(folders: Path) -> None:
    for number in range(20, COUNT):
        (folders / "real" / f"{number:03d}.npy").unlink()


def no_caption(folders: Path) -> None:
    (folders / "texts" / "004.txt").unlink()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (remove_some, "no generated motion for 2 of 70 ids (003, 005). Generate them"),
        (put_nan, "generated/004.npy: NaN, infinite or huge numbers in 1 frames, first in frame 7"),
        (another_rate, "1.50 times as long as the real ones of the same id"),
        (another_width, "motions of kit (251 features, 12.5 fps)"),
        (normalise, "the features look normalised"),
        (all_the_same, "all 70 rows are identical"),
        (too_few, "20 pairs; the field ranks 32 together"),
        (no_caption, "no caption for 004"),
    ],
)
def test_wrong_folders_are_refused_by_name(
    harm: Callable[[Path], None], message: str, folders: Path, evaluate: Evaluate
) -> None:
    harm(folders)
    code, said = evaluate()
    assert code == 1
    assert squeezed(message) in said
    assert not (folders / "out.json").exists()


def test_a_list_of_ids_limits_what_is_measured(folders: Path, evaluate: Evaluate) -> None:
    remove_some(folders)
    ids = folders / "test.txt"
    ids.write_text("\n".join(f"{number:03d}" for number in range(6, COUNT)), encoding="utf-8")
    assert evaluate("--ids", str(ids))[0] == 0
    assert json.loads((folders / "out.json").read_text(encoding="utf-8"))["items"] == COUNT - 6


def test_captions_come_with_their_tokens_or_are_parsed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("he walks#he/PRON walk/VERB#0.0#0.0\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("he walks\n", encoding="utf-8")
    written, parsed = read_captions(tmp_path, ["a", "b"])
    assert written == parsed == [Token("he", "PRON"), Token("walk", "VERB")]
    lines = tmp_path / "captions.jsonl"
    lines.write_text('{"id": "b", "caption": "he walks"}\n', encoding="utf-8")
    assert read_captions(lines, ["b"]) == [parsed]


def test_captions_are_read_as_training_reads_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(
        b"\xef\xbb\xbfhe makes move #1#he/PRON make/VERB move/NOUN#0.0#0.0\rother#x/X#0.0#0.0\r"
    )
    (tmp_path / "b.txt").write_text("he picks #1\n", encoding="utf-8")
    tagged, bare = read_captions(tmp_path, ["a", "b"])
    assert tagged == [Token("he", "PRON"), Token("make", "VERB"), Token("move", "NOUN")]
    assert [token.word for token in bare] == ["he", "pick"]
    lines = tmp_path / "captions.jsonl"
    lines.write_text('\ufeff{"id": "b", "caption": "he\u2028walks"}\r\n', encoding="utf-8")
    [[he, walks]] = read_captions(lines, ["b"])
    assert (he.word, walks.word) == ("he", "walk")


class TestBodies:
    """Motions of humans: in the same units and axes as the real ones, or refused with the option that makes them so."""

    @pytest.fixture
    def human(self, folders: Path) -> Path:
        for number in range(COUNT):
            joints = walking(41 + 4 * (number % 15), number)
            np.save(folders / "real" / f"{number:03d}.npy", joints_to_features(joints, HUMANML3D))
            np.save(folders / "generated" / f"{number:03d}.npy", joints_to_features(joints, HUMANML3D))
        return folders

    @staticmethod
    def change(folder: Path, change: Callable[[np.ndarray], np.ndarray], only: str = "*") -> None:
        for file in folder.glob(f"{only}.npy"):
            np.save(file, change(np.load(file)))

    @pytest.fixture
    def mm(self) -> Callable[[np.ndarray], np.ndarray]:
        return lambda features: scaled(features, HUMANML3D, 1000.0)

    def test_in_another_unit_are_refused_and_taken_when_told(
        self, human: Path, evaluate: Evaluate, mm: Callable[[np.ndarray], np.ndarray]
    ) -> None:
        assert evaluate("--repeats", "1")[0] == 0
        before = json.loads((human / "out.json").read_text(encoding="utf-8"))
        assert before["warnings"] == []
        self.change(human / "generated", mm)
        code, said = evaluate("--repeats", "1")
        assert (code, squeezed("Give --scale 0.001.") in said) == (1, True)
        assert evaluate("--repeats", "1", "--scale", "0.001")[0] == 0
        after = json.loads((human / "out.json").read_text(encoding="utf-8"))
        for name, found in after["metrics"]["generated"].items():
            assert found["mean"] == pytest.approx(
                before["metrics"]["generated"][name]["mean"], rel=1e-3, abs=1e-3
            )

    def test_of_which_one_is_in_another_unit_are_refused_by_its_name(
        self, human: Path, evaluate: Evaluate, mm: Callable[[np.ndarray], np.ndarray]
    ) -> None:
        self.change(human / "generated", mm, "004")
        code, said = evaluate()
        assert (code, squeezed("generated/004.npy: a leg and the trunk of 1454 m") in said) == (1, True)

    def test_real_ones_are_judged_too(
        self, human: Path, evaluate: Evaluate, mm: Callable[[np.ndarray], np.ndarray]
    ) -> None:
        self.change(human / "real", mm)
        code, said = evaluate()
        assert (
            code,
            squeezed("convert each with `mate features IN.npy OUT.npy` and --scale 0.001") in said,
        ) == (1, True)

    def test_at_another_rate_are_resampled_when_told(self, human: Path, evaluate: Evaluate) -> None:
        for number in range(COUNT):
            joints = walking(3 * (40 + 4 * (number % 15)) + 1, number, fps=60)
            np.save(human / "generated" / f"{number:03d}.npy", joints)
        code, said = evaluate()
        assert (code, squeezed("written at 60.") in said) == (1, True)
        assert evaluate("--repeats", "1", "--fps", "60")[0] == 0
        found = json.loads((human / "out.json").read_text(encoding="utf-8"))["metrics"]["generated"]
        assert found["FID"]["mean"] == pytest.approx(0, abs=1e-3)

    def test_odd_ones_are_counted(self, human: Path, evaluate: Evaluate) -> None:
        random = np.random.default_rng(0)
        self.change(human / "generated", lambda features: motion(random, len(features)), "00[0-4]")
        code, said = evaluate("--repeats", "1")
        assert code == 0
        assert squeezed("warning: generated: 5 motions") in said


def test_ids_may_name_inner_folders(folders: Path, evaluate: Evaluate) -> None:
    for part in ("real", "generated", "texts"):
        (folders / part / "humanml").mkdir()
        for file in list((folders / part).glob("*.*")):
            file.rename(folders / part / "humanml" / file.name)
    assert evaluate("--repeats", "1")[0] == 0
    results = json.loads((folders / "out.json").read_text(encoding="utf-8"))
    assert (results["items"], results["generations"]) == (COUNT, 1)


def test_a_damaged_motion_of_either_side_is_named(folders: Path, evaluate: Evaluate) -> None:
    (folders / "generated" / "007.npy").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"
    )
    code, said = evaluate()
    assert (code, squeezed("generated/007.npy: not a usable .npy file: it is a Git LFS pointer") in said) == (
        1,
        True,
    )


def test_an_id_that_leads_out_of_the_folder_is_refused(folders: Path, evaluate: Evaluate) -> None:
    (folders / "ids.txt").write_text("000\n../texts/001\n")
    code, said = evaluate("--ids", str(folders / "ids.txt"))
    assert code == 1
    assert "../texts/001" in said
    assert not (folders / "out.json").exists()


def test_captions_are_read_in_their_folder_alone(folders: Path) -> None:
    (folders / "outside.txt").write_text("walks")
    with pytest.raises(MateError, match="no place inside"):
        read_captions(folders / "texts", ["../outside"])


def test_a_list_without_motions_is_named(folders: Path, evaluate: Evaluate) -> None:
    ids = folders / "test.txt"
    ids.write_text("\n", encoding="utf-8")
    status, said = evaluate("--ids", str(ids))
    assert status == 1
    assert squeezed("test.txt: no motion to measure: 0 ids") in said
