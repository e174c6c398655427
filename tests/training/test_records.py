"""log.jsonl after a resume holds each step once."""

from __future__ import annotations

from pathlib import Path

from mate_hf.training.records import Records


def test_a_resumed_run_forgets_what_it_will_write_again(tmp_path: Path) -> None:
    records = Records(tmp_path / "log.jsonl")
    for step in (10, 20, 30):
        records.append({"step": step, "train/loss": float(step)})
    records.forget_after(20)
    records.append({"step": 30, "train/loss": 0.5})
    assert [record["step"] for record in records.read()] == [10, 20, 30]
    assert records.read()[-1]["train/loss"] == 0.5


def test_a_line_cut_by_a_crash_does_not_stop_the_resume(tmp_path: Path) -> None:
    records = Records(tmp_path / "log.jsonl")
    records.append({"step": 10})
    with records.path.open("a") as file:
        file.write('{"step": 2')
    records.forget_after(15)
    assert records.read() == [{"step": 10}]


def test_a_run_without_records_starts_with_none(tmp_path: Path) -> None:
    records = Records(tmp_path / "log.jsonl")
    records.forget_after(0)
    assert records.read() == []
