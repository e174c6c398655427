"""A motion as a strip of stick figures, side by side in time, beside its path on the ground seen from above."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.kinds import MotionKind, kind_of_joints
from mate_hf.errors import MateError
from mate_hf.plotting.figures import new_figure, save_figure
from mate_hf.utils.outputs import FILE, Output

LEFT, RIGHT, TRUNK = "#0072b2", "#d55e00", "#333333"
"""Of Okabe and Ito's palette, which colour-blind readers tell apart; left and right as in `.glb` files."""

GROUND, PATH = "#b0b0b0", "#8a8a8a"

MOMENTS = 8
VIEW = np.radians(50)
"""From where a body is seen: so far to its left from straight ahead of its first facing, at eye level."""

TURNED = 0.5
"""Radians from which on a body that stays in its place is marked anew."""

HEAD = 0.09
"""Radius in metres."""

LEAST_PATH = 0.5
"""Metres that the path from above is wide and high at least, of a body that stays in its place."""

GAP = 0.25
"""Metres between two bodies of the strip."""

WIDTHS = (3.6, 1)
"""Of the strip and of the path beside it."""


def plot_strip(
    joints: NDArray[Any],
    out: str | Path,
    title: str = "",
    fps: float = 20.0,
    moments: int = MOMENTS,
    overwrite: bool = False,
) -> Path:
    """Draw a motion at equal steps of time.

    Args:
        joints: (T,J,3), metres, y up, of HumanML3D's or KIT-ML's skeleton.
        out: file to write; its ending chooses the form (.png, .svg, .pdf).
        title: above the picture: what the body was told.
        fps: frames per second.
        moments: bodies to draw.
        overwrite: replace the file that stands at `out`.

    Returns:
        `out`.

    Raises:
        MateError: matplotlib is not installed, joints of no known skeleton, or `out` exists or has an unknown ending.
    """
    place = Output(Path(out), FILE, overwrite)
    place.require_free()
    return plot_strip_at(place, joints, title, fps, moments)


def plot_strip_at(
    place: Output, joints: NDArray[Any], title: str = "", fps: float = 20.0, moments: int = MOMENTS
) -> Path:
    """The same, to a place that was found free."""
    array = checked(joints)
    figure = new_figure(13, 3.8)
    strip, above = figure.subplots(1, 2, width_ratios=WIDTHS)
    draw_strip(strip, above, array, fps, moments)
    name_sides(figure, strip)
    figure.suptitle("\n".join(wrap(title, 90)), x=0.01, ha="left", fontsize=13, parse_math=False)
    save_figure(figure, place)
    return place.path


def checked(joints: NDArray[Any]) -> NDArray[np.float64]:
    """Joints (T,J,3) that can be drawn.

    Raises:
        MateError: another shape, no frame, or a number that is not finite.
    """
    array = np.asarray(joints, dtype=float)
    if array.ndim != 3 or array.shape[-1] != 3 or not len(array) or not np.isfinite(array).all():
        raise MateError(f"joints: shape {array.shape}; expected (frames, joints, 3), all numbers finite.")
    return array


def draw_strip(
    strip: Any, above: Any, joints: NDArray[np.float64], fps: float, moments: int = MOMENTS
) -> None:
    """Bodies (T,J,3) side by side in time on one pair of axes, and their path from above on the other.

    Raises:
        MateError: joints of no known skeleton.
    """
    kind = kind_of_joints(joints.shape[1], "joints")
    frames = np.linspace(0, len(joints) - 1, max(1, min(moments, len(joints)))).round().astype(int)
    seen = seen_from(joints, first_facing(joints, kind) + VIEW)[frames]
    step = max(np.ptp(seen[..., 0], axis=1).max(), 2 * HEAD) + GAP
    _bodies(strip, seen, step, frames / fps, kind)
    _from_above(above, joints, frames, kind)


def name_sides(figure: Any, strip: Any) -> None:
    """Say once in a figure which colour is left and which is right."""
    handles, labels = strip.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=3, frameon=False, fontsize=10)


def first_facing(joints: NDArray[Any], kind: MotionKind) -> float:
    """The angle about y of the first frame's facing, 0 along +z and growing towards +x."""
    return float(facings(joints[:1], kind)[0])


def facings(joints: NDArray[Any], kind: MotionKind) -> NDArray[np.float64]:
    """(T,) angles about y of where bodies face, from hips and shoulders."""
    right_hip, left_hip, right_shoulder, left_shoulder = kind.face_joints
    across = joints[:, left_hip] - joints[:, right_hip] + joints[:, left_shoulder] - joints[:, right_shoulder]
    angles: NDArray[np.float64] = np.arctan2(-across[:, 2], across[:, 0])
    return angles


def seen_from(joints: NDArray[Any], angle: float) -> NDArray[np.float64]:
    """Joints (T,J,3) as an observer sees them who stands in the direction `angle`: to the right, up, towards the observer."""
    x, y, z = joints[..., 0], joints[..., 1], joints[..., 2]
    sideways = x * np.cos(angle) - z * np.sin(angle)
    nearer = x * np.sin(angle) + z * np.cos(angle)
    return np.stack([sideways, y, nearer], -1)


def side_of(name: str) -> str:
    """The side that a joint is on: `left`, `right` or `trunk`."""
    return name.partition("_")[0] if name.startswith(("left_", "right_")) else "trunk"


def height_ticks(top: float) -> NDArray[np.float64]:
    """Every half metre up to `top`; of a glitch that jumps to the clouds, twenty in all."""
    return np.arange(0, top, max(0.5, top / 20))


def draw_body(
    axes: Any,
    joints: NDArray[np.float64],
    kind: MotionKind,
    zorder: float = 3.0,
    head_size: tuple[float, float] = (HEAD, HEAD),
) -> None:
    """One stick figure, (J,3) as of `seen_from`; what is nearer is drawn over what is farther.

    Args:
        head_size: half of its width and height, where a metre is not as wide as it is high.
    """
    bones = [(parent, child) for child, parent in enumerate(kind.parents) if parent >= 0]
    depths = [joints[[*bone], 2].mean() for bone in bones]
    colours = {"left": LEFT, "right": RIGHT, "trunk": TRUNK}
    for rank, place in enumerate(np.argsort(depths)):
        parent, child = bones[place]
        side = side_of(kind.joint_names[child])
        axes.plot(
            joints[[parent, child], 0],
            joints[[parent, child], 1],
            color=colours[side],
            linewidth=2.6,
            solid_capstyle="round",
            zorder=zorder + rank / 100,
        )
    from matplotlib.patches import Ellipse

    neck, head = joints[kind.joint("neck")], joints[kind.joint("head")]
    up = (head - neck)[:2]
    size = np.array(head_size)
    middle = head[:2] + 0.6 * HEAD * up / max(float(np.linalg.norm(up * HEAD / size)), 1e-6)
    axes.add_patch(
        Ellipse(
            tuple(middle), *2 * size, facecolor="white", edgecolor=TRUNK, linewidth=2.2, zorder=zorder + 0.5
        )
    )


def _bodies(
    axes: Any, seen: NDArray[np.float64], step: float, seconds: NDArray[np.float64], kind: MotionKind
) -> None:
    centres = (seen[..., 0].max(1) + seen[..., 0].min(1)) / 2
    for number, (body, centre) in enumerate(zip(seen, centres, strict=True)):
        draw_body(axes, body + np.array([number * step - centre, 0, 0]), kind)
    for side, colour in (("left", LEFT), ("right", RIGHT)):
        axes.plot([], [], color=colour, linewidth=2.6, label=f"{side} arm and leg")
    axes.axhline(0, color=GROUND, linewidth=1.5, zorder=1)
    axes.set_aspect("equal")
    axes.set_xlim(-0.6 * step, (len(seen) - 0.4) * step)
    axes.set_ylim(min(-0.08, seen[..., 1].min() - 0.05), max(1.6, seen[..., 1].max() + 2.2 * HEAD))
    axes.set_yticks(height_ticks(axes.get_ylim()[1]))
    axes.set_ylabel("height, m")
    labels = [f"{number + 1}\n{when:.1f} s" for number, when in enumerate(seconds)]
    axes.set_xticks(np.arange(len(seen)) * step, labels)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)


def _from_above(axes: Any, joints: NDArray[Any], frames: NDArray[np.int_], kind: MotionKind) -> None:
    """The root's way, so turned that the body first faces up the page; numbers are those of the strip."""
    from matplotlib.patheffects import withStroke

    turned = seen_from(joints - joints[:1, :1], first_facing(joints, kind) + np.pi)
    way = np.stack([turned[:, 0, 0], -turned[:, 0, 2]], -1)
    ahead = facings(joints, kind) - first_facing(joints, kind)
    axes.plot(*way.T, color=PATH, linewidth=2, zorder=1)
    room = max(float(np.ptp(way, axis=0).max()), LEAST_PATH)
    told: list[tuple[NDArray[np.float64], float]] = []
    for number, frame in enumerate(frames):
        at, angle = way[frame], ahead[frame]
        # A body that stays as it is has one mark, not eight on each other.
        if any(np.linalg.norm(at - a) < 0.12 * room and np.cos(angle - b) > np.cos(TURNED) for a, b in told):
            continue
        told.append((at, angle))
        towards, left = np.array([-np.sin(angle), np.cos(angle)]), np.array([-np.cos(angle), -np.sin(angle)])
        arrow = {"arrowstyle": "-|>", "color": TRUNK, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 14}
        axes.annotate("", xy=at + 0.18 * room * towards, xytext=at, arrowprops=arrow)
        axes.plot(*at, "o", color=TRUNK, markersize=5, zorder=3)
        axes.text(
            *(at + 0.1 * room * left),
            str(number + 1),
            ha="center",
            va="center",
            fontsize=11,
            zorder=4,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    middle = (way.max(0) + way.min(0)) / 2
    for set_limits, centre in zip((axes.set_xlim, axes.set_ylim), middle, strict=True):
        set_limits(centre - 0.75 * room, centre + 0.75 * room)
    axes.set_box_aspect(1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(nbins=4, steps=[1, 2, 5, 10])
    axes.set_title("path from above, and where it faces", fontsize=10)
    axes.set_xlabel("to its right, m")
    axes.set_ylabel("ahead, m")
    axes.grid(alpha=0.3)
