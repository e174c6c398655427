"""Features that are kept lie in the folder that keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_files import MotionFiles
from mate_hf.errors import MateError
from tests.data.folders import some_motion
from tests.data.made_up_motion import made_up_motion


def test_features_are_kept_and_taken_in_their_folder_alone(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    np.save(tmp_path / "evil.npy", some_motion(0))
    files = MotionFiles(tmp_path / "joints", HUMANML3D, hold_joints=True, kept=kept)
    with pytest.raises(MateError, match="no place inside"):
        files.features("../evil")


def test_features_are_not_kept_behind_a_link_that_leads_out(tmp_path: Path) -> None:
    for folder in ("joints/walks", "kept", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    np.save(tmp_path / "joints" / "walks" / "1.npy", made_up_motion(HUMANML3D))
    files = MotionFiles(tmp_path / "joints", HUMANML3D, hold_joints=True, kept=tmp_path / "kept")
    (tmp_path / "kept" / "walks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MateError, match="a link leads out of"):
        files.features("walks/1")
    (tmp_path / "kept" / "walks").unlink()
    files.features("walks/1")
    assert (tmp_path / "kept" / "walks" / "1.npy").is_file()
    assert not list((tmp_path / "elsewhere").iterdir())
