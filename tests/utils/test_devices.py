"""A device is asked for by a name that somebody may have written wrong, or that this machine lacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

import mate_hf
from mate_hf.errors import MateError
from mate_hf.utils.devices import device_of

ROOT = Path(mate_hf.__file__).parent


def test_a_device_that_is_there_is_given() -> None:
    assert device_of("cpu") == torch.device("cpu")
    assert device_of(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu9", "", "cuda:99", "meta", "xpu:7", "cpu:-1"])
def test_any_other_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(MateError, match=rf"^device {name!r}: .*Expected cpu") as refused:
        device_of(name)
    assert "\n" not in str(refused.value)


def test_nobody_else_takes_a_device_by_its_name() -> None:
    taking = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if re.search(
            r"torch\.device\((?!\"(cpu|meta)\")|Module\.to\(\w[\w.]*, device\)",
            path.read_text(encoding="utf-8"),
        )
        and not {"modeling", "training"} & set(path.relative_to(ROOT).parts)
    }
    assert taking == {"utils/devices.py"}
