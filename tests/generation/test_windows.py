"""Windows cover a motion, fade into each other, and lose nothing on the way there and back."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.generation.windows import Mixer, windows_of

ACTIONS = st.lists(st.integers(1, 500), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(several=st.lists(ACTIONS, min_size=1, max_size=3), longest=st.sampled_from([40, 100, 196]))
def test_every_frame_is_acted_out_and_comes_back(several: list[list[int]], longest: int) -> None:
    windows = [
        window
        for motion, frames in enumerate(several)
        for window in windows_of(motion, range(len(frames)), frames, longest)
    ]
    lengths = [sum(frames) for frames in several]
    assert all(0 < window.end - window.start <= longest for window in windows)
    for motion, frames in enumerate(several):
        seen = torch.zeros(lengths[motion])
        for window in windows:
            if window.motion == motion:
                assert 0 <= window.start < window.end <= lengths[motion]
                seen[window.start : window.end] += 1
        assert bool((seen > 0).all())
        begin = 0
        for prompt, count in enumerate(frames):
            middle = begin + count // 2
            assert any(
                window.motion == motion and window.prompt == prompt and window.start <= middle < window.end
                for window in windows
            )
            begin += count
    mixer = Mixer(windows, len(several), max(lengths), torch.device("cpu"))
    motions = torch.zeros(len(several), max(lengths), 2)
    for row, length in zip(motions, lengths, strict=True):
        row[:length] = torch.randn(length, 2)
    torch.testing.assert_close(mixer.join(mixer.cut(motions)), motions, atol=1e-5, rtol=1e-5)


def test_one_action_fades_into_the_next() -> None:
    windows = windows_of(0, [0, 1], [50, 60], 196)
    assert [(window.start, window.end) for window in windows] == [(0, 58), (42, 110)]
    mixer = Mixer(windows, 1, 110, torch.device("cpu"))
    said = torch.zeros(2, 68, 1)
    said[1] = 1
    joined = mixer.join(said)[0, :, 0]
    assert not joined[:42].any()
    assert bool((joined[58:] == 1).all())
    assert bool((joined[41:59].diff() > 0).all())
