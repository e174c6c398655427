"""Films as files: `.gif` by Pillow, which comes with matplotlib, and `.mp4` by ffmpeg."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.plotting.film import Film, picture_count, shown_frames
from mate_hf.plotting.scene import Scene
from mate_hf.utils.outputs import Output
from mate_hf.utils.write_errors import SAID

FASTEST_GIF = 50.0
"""Pictures a second: browsers show a GIF of more than that slowly."""

FASTEST_MP4 = 60.0
MOST_GIF_PICTURES = 600
"""All pictures of a GIF are in memory until it is written."""

GIF_COLOURS = 96
PALETTE_PICTURES = 6
NEARLY_WHITE = 244


def write_gif(scene: Scene, place: Output) -> None:
    """Write a film that repeats itself, at the speed of the scene to a hundredth of a second.

    Raises:
        MateError: matplotlib is not installed, a motion too long for a GIF, or a place that is not free.
    """
    rate = min(scene.fps, FASTEST_GIF)
    require_short(place.path, scene.frames, scene.fps)
    numbers = shown_frames(scene, rate)
    film = Film(scene)
    from PIL import Image

    some = np.linspace(0, len(numbers) - 1, PALETTE_PICTURES).astype(int)
    palette = _palette([Image.fromarray(picture) for picture in film.frames(numbers[at] for at in some)])
    flat = [
        Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE)
        for picture in film.frames(numbers)
    ]
    ends = np.round(100 * np.arange(len(numbers) + 1) / rate)
    with place.written() as fresh:
        flat[0].save(
            fresh,
            format="GIF",
            save_all=True,
            append_images=flat[1:],
            duration=[int(10 * hundredths) for hundredths in np.diff(ends)],
            loop=0,
        )


def require_short(path: Path, frames: int, fps: float) -> None:
    """Ask whether so many frames go into a GIF.

    Raises:
        MateError: they do not.
    """
    pictures = picture_count(frames, fps, min(fps, FASTEST_GIF))
    if pictures > MOST_GIF_PICTURES:
        raise MateError(
            f"{path}: {pictures} pictures; a GIF holds at most {MOST_GIF_PICTURES} here. Write .mp4 or .html."
        )


def write_mp4(scene: Scene, place: Output, ffmpeg: str) -> None:
    """Write a film in H.264, which browsers and slides play.

    Args:
        ffmpeg: the program.

    Raises:
        MateError: matplotlib is not installed, ffmpeg fails, or a place that is not free.
    """
    film, rate = Film(scene), min(scene.fps, FASTEST_MP4)
    with place.written() as fresh:
        _encode(film.frames(shown_frames(scene, rate)), film.size, rate, fresh, ffmpeg)


def find_ffmpeg() -> str | None:
    """The program that comes with imageio-ffmpeg, or one that is installed."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return shutil.which("ffmpeg")


def _palette(chosen: Sequence[Any]) -> Any:
    """Colours of some of the pictures, for all of them."""
    from PIL import Image

    width, height = chosen[0].size
    sheet = Image.new("RGB", (width, height * len(chosen)))
    for row, frame in enumerate(chosen):
        sheet.paste(frame, (0, row * height))
    palette = sheet.quantize(GIF_COLOURS, method=Image.Quantize.MEDIANCUT)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    # Pillow finds the nearest colour to some units, so that white would become one that is nearly white.
    colours[(colours > NEARLY_WHITE).all(1)] = 255
    palette.putpalette(colours.ravel().tolist())
    return palette


def _encode(
    frames: Iterator[NDArray[np.uint8]], size: tuple[int, int], rate: float, out: Path, ffmpeg: str
) -> None:
    width, height = size
    command = [
        *(ffmpeg, "-y", "-loglevel", "error"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{rate:g}", "-i", "-"),
        *("-an", "-c:v", "libx264", "-crf", "20", "-pix_fmt", "yuv420p", "-movflags", "+faststart"),
        *("-f", "mp4", str(out)),
    ]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as process:
            assert process.stdin is not None
            try:
                for frame in frames:
                    process.stdin.write(frame.tobytes())
                process.stdin.close()
            except BrokenPipeError:
                pass
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
            if SAID.search(lines[-1]):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise MateError(f"{ffmpeg} made no MP4 ({lines[-1]}). Install another one, or write .gif.")
