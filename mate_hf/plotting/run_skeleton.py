"""`mate plot skeleton`: motions as a strip, a film, or a page, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.coordinates import Coordinates
from mate_hf.errors import MateError
from mate_hf.motion_files.reading import Motion, motion_of, read_motion
from mate_hf.plotting.figures import new_figure
from mate_hf.plotting.film_files import find_ffmpeg, require_short, write_gif, write_mp4
from mate_hf.plotting.player import write_page
from mate_hf.plotting.scene import MOST_MOTIONS, Attention, Scene, scene_of
from mate_hf.plotting.skeleton import plot_strip_at
from mate_hf.utils.outputs import FILE, Output, require_ending
from mate_hf.utils.terminal import note

STRIPS, MOVING = (".png", ".svg", ".pdf"), (".gif", ".mp4", ".html")
SUFFIXES = (*STRIPS, *MOVING)

NO_FFMPEG = "MP4 needs ffmpeg. Install it: pip install 'mate-hf[video]'"


def plot_skeleton(
    motions: str | Path | NDArray[Any] | Sequence[str | Path | NDArray[Any]],
    out: str | Path,
    title: str | Sequence[str] | None = None,
    heading: str = "",
    motion: int | None = None,
    scale: float | None = None,
    up: str | None = None,
    fps: float | None = None,
    left_handed: bool = False,
    overwrite: bool = False,
) -> Path:
    """Draw motions as stick figures, left blue and right orange.

    Every frame is kept. Bodies begin side by side, facing the same way.

    Args:
        motions: `.npy` files, or arrays: joints (T,22,3) or (T,21,3), or features (T,263) or (T,251), not normalised. Up to four for
            what moves.
        out: `.png`, `.svg` or `.pdf`, a strip of moments of one motion; `.gif` or `.mp4`, a film; `.html`, a page to turn and scrub it in, of
            one file that needs no network. Where no ffmpeg is found a GIF is written in place of an MP4, which a note says.
        title: of each motion; its file's name where None.
        heading: above all of them, in what moves.
        motion: which of N motions, from 0, where the files hold several.
        scale, up, left_handed: what they are written in, see `mate_hf.convert`.
        fps: frames per second; None: of their kind, 20 or KIT-ML's 12.5.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file that was written.

    Raises:
        MateError: no motion or too many, of different skeletons, unreadable or not finite, titles that do not fit them, another ending, a
            file that exists, or matplotlib is not installed.
    """
    sources = [motions] if isinstance(motions, (str, Path, np.ndarray)) else list(motions)
    files = [source for source in sources if isinstance(source, (str, Path))]
    place = picture_output(out, overwrite, files)
    require_few(len(sources), place.path)
    titles = _titles(sources, title)
    written_in = Coordinates(scale, up, fps, left_handed)
    read = [
        read_motion(Path(source), motion, written_in)
        if isinstance(source, (str, Path))
        else motion_of(np.asarray(source), f"motions[{number}]", motion, written_in)
        for number, source in enumerate(sources)
    ]
    return draw_motions(read, place, titles, heading=heading)


def picture_output(
    out: str | Path, overwrite: bool = False, reads: Sequence[str | Path | None] = ()
) -> Output:
    """The place of a picture, found free; that of the GIF where an MP4 cannot be made, which is said.

    Raises:
        MateError: its ending is none of `SUFFIXES`, or it is in use.
    """
    path = Path(out)
    require_ending(path, SUFFIXES)
    if path.suffix.lower() == ".mp4" and find_ffmpeg() is None:
        path = path.with_suffix(".gif")
        note(f"{path} is written in place of {Path(out).name}: {NO_FFMPEG}.")
    place = Output(path, FILE, overwrite, reads)
    place.require_free()
    return place


def still_picture(out: str | Path, overwrite: bool, reads: Sequence[str | Path | None]) -> Output:
    """The place of a picture that does not move, found free before anything is computed.

    Raises:
        MateError: another ending, or it is in use.
    """
    path = Path(out)
    if path.suffix.lower() not in STRIPS:
        raise MateError(
            f"{path}: this picture stands still; expected {', '.join(STRIPS[:-1])} or {STRIPS[-1]}."
        )
    place = Output(path, FILE, overwrite, reads)
    place.require_free()
    return place


def draw_motions(
    motions: Sequence[Motion],
    place: Output,
    titles: Sequence[str] = (),
    attention: Sequence[Attention | None] = (),
    heading: str = "",
) -> Path:
    """Draw motions that were read.

    Args:
        place: of `picture_output`.
        titles, attention: of each, or none; attention is shown by pages.
        heading: above all.

    Raises:
        MateError: see `plot_skeleton`.
    """
    require_few(len(motions), place.path)
    suffix = place.path.suffix.lower()
    scene = scene_of(motions, titles, attention, heading)
    if suffix in STRIPS:
        shown = scene.motions[0]
        return plot_strip_at(place, shown.joints, heading or shown.title, scene.fps)
    _write(scene, place, suffix)
    return place.path


def _write(scene: Scene, place: Output, suffix: str) -> None:
    if suffix == ".html":
        write_page(scene, place)
    elif suffix == ".gif":
        write_gif(scene, place)
    else:
        ffmpeg = find_ffmpeg()
        if ffmpeg is None:
            raise MateError(f"{place.path}: {NO_FFMPEG}.")
        write_mp4(scene, place, ffmpeg)


def require_few(count: int, path: Path) -> None:
    """Ask whether so many motions can be shown in a file of that ending.

    Raises:
        MateError: they cannot.
    """
    if path.suffix.lower() in STRIPS and count != 1:
        raise MateError(
            f"{path}: {count} motions; a strip shows one. Draw each, or write {', '.join(MOVING[:-1])} or {MOVING[-1]}, which show up to "
            f"{MOST_MOTIONS} side by side."
        )
    if not 1 <= count <= MOST_MOTIONS:
        raise MateError(f"{path}: {count} motions; expected 1 to {MOST_MOTIONS} side by side.")


def require_drawable(place: Output, frames: int, fps: float) -> None:
    """Ask, before motions are made, whether they can be drawn.

    Args:
        frames: of the longest.

    Raises:
        MateError: too many for this kind of picture, or matplotlib is not installed.
    """
    suffix = place.path.suffix.lower()
    if suffix == ".gif":
        require_short(place.path, frames, fps)
    if suffix != ".html":
        new_figure(1, 1)


def _titles(sources: Sequence[Any], title: str | Sequence[str] | None) -> list[str]:
    if title is None:
        return [Path(source).stem if isinstance(source, (str, Path)) else "" for source in sources]
    titles = [title] if isinstance(title, str) else list(title)
    if len(titles) != len(sources):
        raise MateError(
            f"title: {len(titles)} for {len(sources)} motions; expected one of each, in their order."
        )
    return titles
