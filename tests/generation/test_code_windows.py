"""Windows of codes: every code is said once, none is longer than the generator sees, and each goes on from the one before."""

from __future__ import annotations

import itertools

import pytest

from mate_hf.generation.code_windows import CARRIED, code_windows

LONGEST = 49


@pytest.mark.parametrize("frames", [1, 4, 5, 120, 196, 197, 199, 240, 1200])
def test_a_motion_of_any_length_is_said_once(frames: int) -> None:
    windows = code_windows(3, [0], [frames], LONGEST, 4)
    reached = 0
    for window in windows:
        assert window.motion == 3
        assert window.end - window.start <= LONGEST
        assert window.start <= reached < window.end
        if reached:
            # As much of what came before is seen as fits, and enough to go on from.
            assert reached - window.start >= CARRIED
            assert window.end - window.start == LONGEST
        reached = window.end
    assert reached == -(-frames // 4)
    assert len(windows) == 1 if frames <= 196 else len(windows) > 1


def test_actions_follow_one_another_each_from_the_last_codes_of_the_one_before() -> None:
    windows = code_windows(0, [5, 2, 5], [82, 40, 300], LONGEST, 4)
    assert [(window.prompt, window.start, window.end) for window in windows][:2] == [(5, 0, 20), (2, 12, 30)]
    third = windows[2:]
    assert [window.prompt for window in third] == [5, 5]
    assert third[0].start == 30 - CARRIED
    assert third[-1].end == -(-422 // 4)
    for before, after in itertools.pairwise(windows):
        assert after.start <= before.end - CARRIED < before.end < after.end


def test_every_action_has_a_code_however_short() -> None:
    windows = code_windows(0, [0, 1, 2], [4, 1, 8], LONGEST, 4)
    assert [window.prompt for window in windows] == [0, 1, 2]
    assert [window.end for window in windows] == [1, 2, 4]
    tiny = code_windows(0, [0], [20], 1, 4)
    assert [(window.start, window.end) for window in tiny] == [(n, n + 1) for n in range(5)]
