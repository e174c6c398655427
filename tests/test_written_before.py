"""Runs and exports of earlier commands give the numbers that they gave then: fixtures/written_*, each made by fixtures/write.py."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from tests.fixtures.readings import READINGS

WRITTEN = sorted((Path(__file__).parent / "fixtures").glob("written_*"))


@pytest.mark.parametrize(
    ("written", "name"),
    [(written, name) for written in WRITTEN for name in READINGS if (written / name).exists()],
    ids=lambda part: part.name if isinstance(part, Path) else part,
)
def test_it_opens_and_gives_the_recorded_numbers(
    written: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(written, tmp_path / "before")
    monkeypatch.chdir(tmp_path / "before")
    expected = torch.tensor(json.loads(Path("expected.json").read_text())[name])
    torch.testing.assert_close(READINGS[name](), expected, atol=1e-5, rtol=0)


def test_every_folder_of_runs_and_exports_is_read() -> None:
    read = set()
    for written in WRITTEN:
        folders = {path for path in [*written.glob("*/"), *written.glob("exports/*/")] if path.is_dir()}
        names = {folder.relative_to(written).as_posix() for folder in folders}
        assert names - {"text_encoder", "exports"} <= set(READINGS)
        assert names >= set(json.loads((written / "expected.json").read_text()))
        read |= names
    assert read >= set(READINGS)
