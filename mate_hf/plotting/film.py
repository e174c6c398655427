"""The pictures of a film, one a frame: figure and artists are made once, and what moves is drawn over what stays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.plotting.body import Figure
from mate_hf.plotting.cameras import LENS, NEAREST, Camera, clipped
from mate_hf.plotting.figures import new_figure
from mate_hf.plotting.scene import IN_AIR, PLANTED, Scene, ShownMotion
from mate_hf.plotting.skeleton import GROUND, LEFT, PATH, RIGHT, TRUNK
from mate_hf.utils.visible import visible

Array = NDArray[np.float64]

PANELS = {1: (560, 520), 2: (460, 480), 3: (400, 440), 4: (340, 420)}
"""Pixels of a motion's picture, width and height, by how many stand side by side. Even, as MP4 wants them."""

FOOTER, LINE = 44, 20
"""Pixels below the pictures, and of a line of a title."""

DPI = 100
INCH = 72
"""Points."""

GRID_REACH = 4
"""Metres of ground around what is looked at."""

FAINT = "#d6d6d6"
"""Of the part of the path that is still to come."""

TOE = 0.08
"""Radius in metres of the mark under a toe on the ground."""

LEGEND = (
    ("left", LEFT),
    ("right", RIGHT),
    ("● toe on the ground", TRUNK),
    ("○ toe slides", TRUNK),
    ("grid: 1 m", TRUNK),
)

AROUND = np.linspace(0, 2 * np.pi, 20, endpoint=False)


class Film:
    """Draws a scene.

    Attributes:
        size: pixels, width and height.

    Raises:
        MateError: matplotlib is not installed.
    """

    def __init__(self, scene: Scene) -> None:
        width, height = PANELS[len(scene.motions)]
        titles = [wrap(visible(motion.title), width // 8) for motion in scene.motions]
        head = 14 + LINE * max(1, *(len(lines) for lines in titles)) + (26 if scene.title else 0)
        self.size = width * len(scene.motions), head + height + FOOTER + (head + height + FOOTER) % 2
        self.scene, self.camera = scene, Camera.around(scene.height, scene.reach, width / height)
        self.figure = new_figure(_inches(self.size[0]), _inches(self.size[1]), laid_out=False)
        self.figure.set_dpi(DPI)
        self._words(titles, head)
        self.panels = [
            _Panel(self, motion, self._axes(number, width, height))
            for number, motion in enumerate(scene.motions)
        ]

    def frames(self, numbers: Iterable[int]) -> Iterator[NDArray[np.uint8]]:
        """Pictures (height, width, 3) of some frames, as of `shown_frames`."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        still = canvas.copy_from_bbox(self.figure.bbox)
        for frame in numbers:
            canvas.restore_region(still)
            self.clock.set_text(
                f"{frame / self.scene.fps:.2f} s of {(self.scene.frames - 1) / self.scene.fps:.2f} s"
            )
            self.figure.draw_artist(self.clock)
            for panel in self.panels:
                for artist in panel.drawn(frame):
                    self.figure.draw_artist(artist)
            yield np.asarray(canvas.buffer_rgba())[..., :3].copy()

    def _axes(self, number: int, width: int, height: int) -> Any:
        across, up = self.size
        axes = self.figure.add_axes((number * width / across, FOOTER / up, width / across, height / up))
        axes.set_xlim(-width / height, width / height)
        axes.set_ylim(-1, 1)
        axes.set_axis_off()
        return axes

    def _words(self, titles: list[list[str]], head: int) -> None:
        across, up = self.size

        def say(x: float, y: float, text: str, **looks: Any) -> Any:
            return self.figure.text(x / across, 1 - y / up, text, parse_math=False, **looks)

        if self.scene.title:
            say(12, 8, visible(self.scene.title), va="top", fontsize=12, fontweight="bold")
        for number, lines in enumerate(titles):
            middle = (number + 0.5) * across / len(titles)
            say(
                middle,
                10 + (26 if self.scene.title else 0),
                "\n".join(lines),
                ha="center",
                va="top",
                fontsize=10.5,
            )
        self.clock = say(12, up - 14, "", fontsize=9.5, animated=True, family="monospace")
        right = across - 12
        for text, colour in reversed(LEGEND):
            said = say(right, up - 14, text, color=colour, fontsize=9, ha="right")
            right = int(said.get_window_extent().x0) - 14


@dataclass
class _Panel:
    """One motion's picture, and what in it moves."""

    film: Film
    motion: ShownMotion
    axes: Any

    def __post_init__(self) -> None:
        from matplotlib.collections import LineCollection, PolyCollection

        scene, camera = self.film.scene, self.film.camera
        self.figure, self.aims = Figure(scene.kind), scene.looked_at(self.motion, scene.follows)
        self.contacts = scene.contacts(self.motion)
        self.points = self.axes.get_window_extent().height / 2 * INCH / DPI
        self.ground: Any = LineCollection([], colors=GROUND, linewidths=0.7)
        self.way: Any = LineCollection([], colors=[FAINT, PATH], linewidths=[1.4, 2.2], capstyle="round")
        self.toes = PolyCollection([], linewidths=1.4)
        self.body: Any = LineCollection([], capstyle="round")
        self.moving = [self.ground, self.way, self.toes, self.body]
        for artist in self.moving:
            artist.set_animated(True)
            self.axes.add_collection(artist, autolim=False)
        self.camera = camera

    def drawn(self, frame: int) -> list[Any]:
        """The artists, as they are in a frame."""
        frame = min(frame, len(self.motion.joints) - 1)
        aim = self.aims[frame]
        self.ground.set_segments(self._flat(_grid(aim) - aim))
        path = self.motion.joints[:, 0] * [1.0, 0.0, 1.0] - aim
        self.way.set_segments([self.camera.project(path)[0], self.camera.project(path[: frame + 1])[0]])
        self._mark_toes(frame, aim)
        strokes = self.figure.strokes(self.motion.joints[frame] - aim, self.camera)
        self.body.set_segments(strokes.lines)
        self.body.set_linewidths(strokes.widths * self.points)
        self.body.set_color(strokes.colours)
        return self.moving

    def _mark_toes(self, frame: int, aim: Array) -> None:
        rings, faces, edges = [], [], []
        toes = (self.film.scene.kind.left_foot[1], self.film.scene.kind.right_foot[1])
        for joint, state, colour in zip(toes, self.contacts[frame], (LEFT, RIGHT), strict=True):
            if state == IN_AIR:
                continue
            under = self.motion.joints[frame, joint] * [1.0, 0.0, 1.0] - aim
            ring = under + TOE * np.stack([np.sin(AROUND), np.zeros_like(AROUND), np.cos(AROUND)], -1)
            rings.append(self.camera.project(ring)[0])
            faces.append(colour if state == PLANTED else "none")
            edges.append(colour)
        self.toes.set_verts(rings)
        self.toes.set_facecolor(faces or "none")
        self.toes.set_edgecolor(edges or "none")

    def _flat(self, lines: Array) -> Array:
        seen = clipped(self.camera.seen(lines))
        flat: Array = seen[..., :2] * (LENS / np.maximum(seen[..., 2:], NEAREST))
        return flat


def _inches(pixels: int) -> float:
    """Not below: older versions of matplotlib cut what comes back, and 9.2 inches made 919 pixels."""
    return math.nextafter(pixels / DPI, math.inf)


def shown_frames(scene: Scene, rate: float) -> list[int]:
    """Numbers of the scene's frames that a film of so many pictures a second shows."""
    pictures = picture_count(scene.frames, scene.fps, rate)
    return [min(int(number * scene.fps / rate + 1e-6), scene.frames - 1) for number in range(pictures)]


def picture_count(frames: int, fps: float, rate: float) -> int:
    """Pictures of so many frames, in a film of `rate` pictures a second."""
    return max(1, round(frames * rate / fps))


def _grid(aim: Array) -> Array:
    """Lines (N, 2, 3) at whole metres of the ground, around what is looked at."""
    x, z = (np.arange(round(at) - GRID_REACH, round(at) + GRID_REACH + 1.0) for at in (aim[0], aim[2]))
    along_z = [[(at, 0.0, z[0]), (at, 0.0, z[-1])] for at in x]
    along_x = [[(x[0], 0.0, at), (x[-1], 0.0, at)] for at in z]
    return np.array(along_z + along_x)
