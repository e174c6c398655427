"""In the pictures of a film the arm that goes up is the one that goes up, and time passes as it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mate_hf.errors import MateError
from mate_hf.plotting import film_files
from mate_hf.plotting.film import Film, shown_frames
from mate_hf.plotting.film_files import find_ffmpeg, write_gif, write_mp4
from mate_hf.plotting.scene import Scene, scene_of
from mate_hf.utils.outputs import FILE, Output
from tests.plotting.raising_body import motion, raising

BLUE, ORANGE = (0, 114, 178), (213, 94, 0)


def place(path: Path) -> Output:
    return Output(path, FILE)


def highest(picture: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int]:
    """Row and column of the uppermost pixels of a colour, between titles and legend."""
    picture = picture[40:-44]
    rows, columns = np.nonzero((np.abs(picture.astype(int) - colour) < 12).all(-1))
    return int(rows.min()) + 40, int(np.median(columns[rows == rows.min()]))


def both() -> Scene:
    return scene_of(
        [motion(raising("left")), motion(raising("right"))], ["raises the left arm", "raises the right arm"]
    )


def test_the_left_arm_goes_up_on_the_left_and_the_right_one_on_the_right() -> None:
    film = Film(both())
    pictures = list(film.frames(range(40)))
    assert len(pictures) == 40
    assert pictures[0].shape == (film.size[1], film.size[0], 3)
    assert all(side % 2 == 0 for side in film.size)
    middle = film.size[0] // 2
    first, last = ([picture[:, :middle], picture[:, middle:]] for picture in (pictures[0], pictures[-1]))
    # Seen from ahead, to its left: the left hand comes out at the right of the head, the right one at the left.
    for panel, (up, down, side) in enumerate([(BLUE, ORANGE, 1), (ORANGE, BLUE, -1)]):
        raised, hanging = highest(last[panel], up), highest(last[panel], down)
        assert raised[0] < hanging[0] - 60
        assert side * (raised[1] - hanging[1]) > 5
        assert highest(first[panel], up)[0] > raised[0] + 60


def test_a_body_that_stays_while_another_goes_on_stands_as_it_ended() -> None:
    short, long = raising(frames=10), raising(frames=30)
    pictures = list(Film(scene_of([motion(short), motion(long)])).frames(range(30)))
    assert len(pictures) == 30
    # The clock is below.
    half = pictures[0].shape[1] // 2
    np.testing.assert_array_equal(pictures[9][:-44, :half], pictures[29][:-44, :half])
    assert (pictures[9][:-44, half:] != pictures[29][:-44, half:]).any()


@pytest.mark.parametrize(
    ("fps", "frames", "pictures", "hundredths"),
    [(20.0, 20, 20, 100), (12.5, 25, 25, 200), (30.0, 15, 15, 50), (120.0, 60, 25, 50), (20.0, 1, 1, 5)],
)
def test_a_gif_takes_as_long_as_the_motion(
    tmp_path: Path, fps: float, frames: int, pictures: int, hundredths: int
) -> None:
    write_gif(scene_of([motion(raising(frames=frames), fps)]), place(tmp_path / "a.gif"))
    with Image.open(tmp_path / "a.gif") as gif:
        durations = []
        for number in range(gif.n_frames):
            gif.seek(number)
            durations.append(gif.info.get("duration", 50))
        assert gif.convert("RGB").getpixel((3, 100)) == (255, 255, 255)
    assert len(durations) == pictures
    assert sum(durations) == 10 * hundredths


def test_frames_that_are_passed_over_are_passed_over_evenly() -> None:
    scene = scene_of([motion(raising(frames=60), 120.0)])
    assert np.diff(shown_frames(scene, 50.0)).tolist().count(2) == 15
    assert shown_frames(scene, 50.0)[:6] == [0, 2, 4, 7, 9, 12]
    assert shown_frames(scene, 120.0) == list(range(60))


def test_an_mp4_has_every_frame(tmp_path: Path) -> None:
    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        pytest.skip("no ffmpeg: pip install 'mate-hf[video]'")
    write_mp4(both(), place(tmp_path / "a.mp4"), ffmpeg)
    assert (tmp_path / "a.mp4").read_bytes()[4:8] == b"ftyp"
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "a.mp4"))
    assert (frames, seconds) == (40, pytest.approx(2.0, abs=0.05))


def test_an_ffmpeg_that_fails_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\necho 'no encoder of that name' >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(MateError, match=r"made no MP4 \(no encoder of that name\)"):
        write_mp4(both(), place(tmp_path / "a.mp4"), str(broken))
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["ffmpeg"]


def test_too_long_a_gif_is_refused_before_it_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_files, "MOST_GIF_PICTURES", 39)
    with pytest.raises(MateError, match=r"40 pictures; a GIF holds at most 39.*\.mp4 or \.html"):
        write_gif(both(), place(tmp_path / "a.gif"))


def test_titles_are_text(tmp_path: Path) -> None:
    film = Film(scene_of([motion(raising(frames=2))], [r"pays $\frac{$" + " and more" * 30 + "\x1b[31m"]))
    assert film.size[1] > 600
    assert len(list(film.frames([0, 1]))) == 2
