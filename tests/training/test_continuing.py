"""A run goes on as what it was: what may change is said, what may not stops before anything is written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mate_hf.data.preparation import prepare
from mate_hf.errors import MateError
from mate_hf.utils.locks import Lock
from tests.tiny import TINY_SIZES, flags, make_corpus
from tests.training.conftest import Run


def contents(run: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in run.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lr": 0.5}, r"lr was 0\.001 .* is 0\.5 now"),
        ({"batch_size": 4}, "batch_size was 8 .* is 4 now"),
        ({"seed": 7, "tau": 0.3}, r"(tau|seed) was .* \(and (tau|seed)\)"),
        ({"trainable": "all"}, "trainable was embeddings .* is all now"),
    ],
)
def test_another_setting_stops_with_both_values_and_the_run_untouched(
    run: Run, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    run(tmp_path, epochs=1)
    before = contents(tmp_path)
    with pytest.raises(MateError, match=said):
        run(tmp_path, epochs=2, resume="last", **change)
    assert contents(tmp_path) == before


def test_what_may_change_is_said(run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, epochs=1)
    assert run(tmp_path, epochs=2, log_steps=1, num_workers=1, resume="last")["steps"] == 4
    said = capfd.readouterr().err
    for line in ("epochs is 2 now (was 1).", "log_steps is 1 now (was 10).", "num_workers is 1 now (was 0)."):
        assert line in said


def test_a_finished_run_says_so_and_stays_as_it_is(
    run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    results = run(tmp_path, epochs=1)
    before = contents(tmp_path)
    assert run(tmp_path, epochs=1, log_steps=3, resume="last") == results
    assert "is finished (2 steps): nothing is left to train" in capfd.readouterr().err
    assert contents(tmp_path) == before


def test_what_a_killed_run_left_goes_even_where_nothing_is_left_to_train(run: Run, tmp_path: Path) -> None:
    """Killed after `results.json` stood, or a checkpoint had lost its name, and before what they were made in and moved to was gone."""
    run(tmp_path, epochs=1, keep_checkpoints=1, checkpoint_steps=1)
    before = contents(tmp_path)
    checkpoints = tmp_path / "checkpoints"
    for left in (tmp_path / ".results.json.writing", checkpoints / ".step_00000001.old"):
        left.mkdir()
        (left / "lock").touch()
    shutil.copytree(checkpoints / "step_00000002", checkpoints / "step_00000001")
    run(tmp_path, epochs=1, keep_checkpoints=1, checkpoint_steps=1, resume="last")
    assert contents(tmp_path) == before
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.parametrize("captions", ["other words", "fewer words"])
def test_another_corpus_stops_with_the_run_untouched(
    run: Run, corpus: Path, tmp_path: Path, captions: str
) -> None:
    folder = make_corpus(tmp_path / "folder")
    for file in (folder / "texts").iterdir():
        lines = file.read_text().splitlines()
        kept = [line.replace("left", "north") for line in lines] if captions == "other words" else lines[:1]
        file.write_text("\n".join(kept) + "\n")
    prepare(folder, tmp_path / "other")
    run(tmp_path / "run", epochs=1)
    before = contents(tmp_path / "run")
    with pytest.raises(MateError, match=r"began with another (corpus|vocabulary)"):
        run(tmp_path / "run", epochs=2, resume="last", data=tmp_path / "other")
    assert contents(tmp_path / "run") == before


def test_the_same_corpus_under_another_name_is_the_same(run: Run, corpus: Path, tmp_path: Path) -> None:
    run(tmp_path / "run", epochs=1)
    shutil.copytree(corpus, tmp_path / "moved")
    assert run(tmp_path / "run", epochs=2, resume="last", data=tmp_path / "moved")["steps"] == 4


def test_another_folder_never_takes_the_place_of_the_runs_own_corpus(run: Run, tmp_path: Path) -> None:
    folders = [make_corpus(tmp_path / name, seed=seed) for seed, name in enumerate("ab")]
    run(tmp_path / "run", epochs=1, data=folders[0])
    before = contents(tmp_path / "run")
    with pytest.raises(MateError, match=r"began with the data of .*/a, now it is .*/b"):
        run(tmp_path / "run", epochs=2, resume="last", data=folders[1])
    assert contents(tmp_path / "run") == before
    link = tmp_path / "link"
    link.symlink_to(folders[0])
    assert run(tmp_path / "run", epochs=2, resume="last", data=link)["steps"] == 4


def test_a_run_killed_before_its_first_checkpoint_begins_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoints" / ".step_00000002").mkdir(parents=True)
    with pytest.raises(MateError, match=r"holds no checkpoint\. Start without --resume"):
        run(tmp_path / "run", epochs=1, resume="last")
    assert run(tmp_path / "run", epochs=1)["steps"] == 2


def test_a_run_that_is_being_trained_lets_no_second_one_in(run: Run, tmp_path: Path) -> None:
    run(tmp_path, epochs=1)
    before = contents(tmp_path)
    held = Lock(tmp_path / ".lock", "it")
    held.take()
    for options in ({"resume": "last"}, {"overwrite": True}):
        with pytest.raises(MateError, match=rf"is being written by process {os.getpid()} of"):
            run(tmp_path, epochs=2, **options)
    assert contents(tmp_path) == before
    held.release()
    assert run(tmp_path, epochs=2, resume="last")["steps"] == 4
    assert not (tmp_path / ".lock").exists()


def test_half_precision_that_a_cpu_has_not_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MateError, match="mixed_precision fp16: a CPU trains in float32 or bf16"):
        run(tmp_path, epochs=1, mixed_precision="fp16")


def test_processes_of_torchrun_find_each_other_without_a_word_about_cpus(
    corpus: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    settings = {**TINY_SIZES, "data": corpus, "text_encoder": text_encoders["bert"], "max_steps": 1}
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    environment = {name: value for name, value in os.environ.items() if name != "ACCELERATE_USE_CPU"}
    done = subprocess.run(
        [
            sys.executable,
            *launcher,
            "mate_hf.training.train",
            *flags(**settings, output_dir=tmp_path / "run"),
        ],
        env={**environment, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    [checkpoint] = (tmp_path / "run" / "checkpoints").iterdir()
    assert (checkpoint / "random_1.json").is_file()


def test_a_log_that_cannot_be_read_stops_with_the_run_untouched(run: Run, tmp_path: Path) -> None:
    run(tmp_path, epochs=1)
    (tmp_path / "log.jsonl").write_bytes(bytes(range(256)))
    before = contents(tmp_path)
    with pytest.raises(MateError, match=r"log\.jsonl: cannot be read .*Remove"):
        run(tmp_path, epochs=2, resume="last")
    assert contents(tmp_path) == before


def test_settings_that_nobody_recorded_are_said(
    run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, epochs=1)
    (tmp_path / "config.yaml").unlink()
    run(tmp_path, epochs=2, resume="last")
    assert "config.yaml says nothing, so nobody knows whether" in capfd.readouterr().err
