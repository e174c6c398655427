"""Whatever a PyTorch file is damaged by, it is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.utils.pickles import load_pickle


def test_a_zip_whose_end_names_other_disks_is_refused(tmp_path: Path) -> None:
    """Python's zip reader raises where it is asked whether that is one."""
    file = tmp_path / "weights.pt"
    torch.save({"a": torch.zeros(3)}, file)
    content = bytearray(file.read_bytes())
    locator = content.rindex(b"PK\x06\x07")
    content[locator + 16] = 7
    file.write_bytes(content)
    with pytest.raises(MateError, match=r"weights\.pt: not a whole PyTorch checkpoint.*multiple disks"):
        load_pickle(file)
