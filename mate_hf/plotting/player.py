"""A page that plays a scene: one file that opens from disk, asks nothing of anybody, and is drawn on a canvas by its own script."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.plotting import cameras
from mate_hf.plotting.body import RIM, THICK
from mate_hf.plotting.cameras import Camera
from mate_hf.plotting.scene import PLANTED, Scene, ShownMotion
from mate_hf.plotting.skeleton import HEAD, side_of
from mate_hf.utils.outputs import Output
from mate_hf.utils.visible import visible

PAGE = Path(__file__).parent / "page"

FINEST = np.iinfo(np.int16).max
"""Steps from a root to the joint that is farthest from it: some hundredths of a millimetre each."""

UNTITLED = "Motion"


def write_page(scene: Scene, place: Output) -> None:
    """Write the page.

    Raises:
        MateError: a place that is not free.
    """
    text = page_of(scene)
    with place.written() as fresh:
        fresh.write_text(text, encoding="utf-8")


def page_of(scene: Scene) -> str:
    """The whole page. Titles and words are text in it, whatever they hold, and no other script than its own is run."""
    style, script = _asset("player.css"), _asset("player.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{digest_of(style)}'; script-src '{digest_of(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    filled = {
        "policy": policy,
        "title": html.escape(_heading(scene)),
        "style": style,
        "script": script,
        "data": _within_script(content_of(scene)),
    }
    # In one pass, so that what is filled in is not read for further places.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], _asset("player.html"))


def digests_of_player() -> tuple[str, str]:
    """Of its style and its script, as a policy names them: a page that holds this one in a frame has to allow them."""
    return digest_of(_asset("player.css")), digest_of(_asset("player.js"))


def content_of(scene: Scene) -> dict[str, Any]:
    """What the script reads: the skeleton, the camera, and of each motion numbers packed as base64, little-endian."""
    kind = scene.kind
    camera = Camera(1.0)
    return {
        "heading": _heading(scene),
        "fps": scene.fps,
        "frames": scene.frames,
        "parents": list(kind.parents),
        "sides": [side_of(name) for name in kind.joint_names],
        "neck": kind.joint("neck"),
        "head": kind.joint("head"),
        "toes": [kind.left_foot[1], kind.right_foot[1]],
        "planted": PLANTED,
        "height": scene.height,
        "reach": {"follows": scene.reach_from(True), "stays": scene.reach_from(False)},
        "follows": scene.follows,
        "camera": {
            "lens": cameras.LENS,
            "margin": cameras.MARGIN,
            "nearest": cameras.NEAREST,
            "yaw": camera.yaw,
            "pitch": camera.pitch,
        },
        "skull": HEAD,
        "thick": THICK,
        "rim": RIM,
        "motions": [_motion(scene, motion) for motion in scene.motions],
    }


def _heading(scene: Scene) -> str:
    """What stands above all: its title, or that of its only motion."""
    alone = scene.motions[0].title if len(scene.motions) == 1 else ""
    return visible(scene.title or alone) or (UNTITLED if len(scene.motions) == 1 else UNTITLED + "s")


def _motion(scene: Scene, motion: ShownMotion) -> dict[str, Any]:
    """Joints are steps of `step` metres from the root of their frame."""
    root = motion.joints[:, 0].astype("<f4")
    around = motion.joints - root[:, None]
    step = max(float(np.abs(around).max()), 1e-6) / FINEST
    looks = motion.attention
    weights = np.zeros((len(root), 0)) if looks is None else np.asarray(looks.weights, dtype=float)
    peaks = weights.max(0, initial=0.0)
    return {
        "title": visible(motion.title),
        "frames": len(root),
        "root": _packed(root),
        "body": _packed(np.round(around / step).astype("<i2")),
        "step": step,
        "aims": _packed(scene.looked_at(motion, True)[:, [0, 2]].astype("<f4")),
        "middle": scene.looked_at(motion, False)[0, [0, 2]].tolist(),
        "toes": _packed(scene.contacts(motion)),
        "words": [] if looks is None else [visible(word) for word in looks.words],
        "peak": peaks.tolist(),
        "weights": _packed(np.round(255 * weights / np.maximum(peaks, 1e-12)).astype(np.uint8)),
    }


def _packed(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _within_script(content: dict[str, Any]) -> str:
    """JSON in which nothing ends a script element or begins a comment of HTML."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _asset(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def digest_of(text: str) -> str:
    """How a Content-Security-Policy names a style or a script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
