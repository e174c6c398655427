"""A training that is asked to end finishes its step, keeps it, and goes on from there as if nobody had asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.training.logs import RunLog
from mate_hf.utils import endings
from mate_hf.utils.distributed import require_everybody
from mate_hf.utils.last_words import last_words
from tests.tiny import TINY_SIZES, flags
from tests.training.conftest import Run
from tests.training.test_loop import assert_same_weights


@pytest.fixture(autouse=True)
def heeds_ctrl_c() -> Iterator[None]:
    """A shell that starts tests in the background has them ignore it, and so do their children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


Signals = Callable[..., None]


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> Signals:
    """`signals(step, *numbers)`: the process gets these when it has made so many steps; none with no numbers."""
    advance = RunLog.advance

    def when(step: int, *numbers: int, apart: float = 0.0) -> None:
        def watched(self: RunLog) -> None:
            advance(self)
            if self.done == step:
                for number in numbers:
                    signal.raise_signal(number)
                    time.sleep(apart)

        monkeypatch.setattr(RunLog, "advance", watched)

    return when


def names(run: Path) -> list[str]:
    return sorted(path.name for path in (run / "checkpoints").iterdir())


def ended(run: Run, out: Path, **options: object) -> object:
    with pytest.raises(SystemExit) as caught, last_words():
        run(out, **options)
    return caught.value.code


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_it_keeps_the_step_in_hand_and_says_so_once(
    run: Run,
    tmp_path: Path,
    signals: Signals,
    capfd: pytest.CaptureFixture[str],
    number: signal.Signals,
    status: int,
) -> None:
    before = signal.getsignal(number)
    signals(2, number)
    assert ended(run, tmp_path) == status
    assert names(tmp_path) == ["step_00000002"]
    said = [line for line in capfd.readouterr().err.splitlines() if "error" in line]
    assert len(said) == 1
    assert f"error: {number.name}: stopped after step 2 of " in said[0]
    assert "--resume last" in said[0]
    assert not (tmp_path / ".lock").exists()
    assert signal.getsignal(number) is before


def test_it_goes_on_bit_equal_wherever_it_was_stopped(run: Run, tmp_path: Path, signals: Signals) -> None:
    """In the middle of an epoch, after its last step, and after the run's last."""
    whole = run(tmp_path / "whole")
    steps = whole["steps"]
    epoch = steps // 2
    for step in (1, epoch):
        signals(step, signal.SIGTERM)
        assert ended(run, tmp_path / str(step)) == 143
        signals(0)
        results = run(tmp_path / str(step), resume="last")
        assert results["history"] == whole["history"]
        assert_same_weights(tmp_path / "whole", tmp_path / str(step))
    signals(steps, signal.SIGTERM)
    assert run(tmp_path / "last")["history"] == whole["history"]
    assert_same_weights(tmp_path / "whole", tmp_path / "last")


def test_accumulated_batches_are_finished_first(run: Run, tmp_path: Path, signals: Signals) -> None:
    options = {"gradient_accumulation_steps": 2, "batch_size": 4}
    whole = run(tmp_path / "whole", **options)
    signals(1, signal.SIGTERM)
    assert ended(run, tmp_path / "stopped", **options) == 143
    signals(0)
    assert run(tmp_path / "stopped", **options, resume="last")["history"] == whole["history"]
    assert_same_weights(tmp_path / "whole", tmp_path / "stopped")


def test_a_second_signal_is_not_put_off(
    run: Run, tmp_path: Path, signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "SAME", 0.01)
    signals(1, signal.SIGTERM, signal.SIGTERM, apart=0.05)
    assert ended(run, tmp_path) == 143
    assert names(tmp_path) == []


def test_a_signal_that_is_sent_twice_at_once_is_one(run: Run, tmp_path: Path, signals: Signals) -> None:
    """As `timeout` sends it: to the process and to its group."""
    signals(1, signal.SIGTERM, signal.SIGTERM)
    assert ended(run, tmp_path) == 143
    assert names(tmp_path) == ["step_00000001"]


def test_ctrl_c_in_a_notebook_keeps_the_step(run: Run, tmp_path: Path, signals: Signals) -> None:
    signals(1, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt, match="--resume last"):
        run(tmp_path)
    assert names(tmp_path) == ["step_00000001"]


def test_before_the_first_step_it_ends_at_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "mate_hf.training.loop.Training._write_settings", lambda _: signal.raise_signal(signal.SIGTERM)
    )
    assert ended(run, tmp_path) == 143
    assert names(tmp_path) == []


@pytest.mark.slow
def test_workers_outlive_what_is_sent_to_all(
    corpus: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    """By the command, and as systemd and Slurm end a job: every process gets the signal."""
    out = tmp_path / "run"
    options = {**TINY_SIZES, "data": corpus, "text_encoder": text_encoders["bert"], "output_dir": out}
    options |= {"epochs": 5000, "num_workers": 2, "mixed_precision": "no"}
    command = [sys.executable, "-m", "mate_hf.cli", "train", *flags(**options)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HOME": str(tmp_path)}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    wait_for(lambda: list((out / "checkpoints").glob("step_*")))
    os.killpg(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said[-2000:]
    assert "error: SIGTERM: stopped after step" in said
    assert "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        # Nobody is left of its group, which was that of the launcher.
        wait_for(lambda: os.killpg(process.pid, 0))


def wait_for(happened: Callable[[], object], seconds: float = 90) -> None:
    """Until it is so."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_an_error_of_the_backend_is_a_line_where_others_train(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = RuntimeError("[../third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer")
    require_everybody(lost)
    monkeypatch.setattr("mate_hf.utils.distributed.world_size", lambda: 2)
    monkeypatch.setattr("mate_hf.utils.distributed.rank", lambda: 1)
    require_everybody(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(MateError, match="process 1: another process of this training is gone"):
        require_everybody(lost)
