"""Binary glTF 2.0: a skinned body of boxes that moves, for browsers, engines and Blender.

Metres, y up, facing +z at rest, as the format wants it. The joints are nodes; each keeps its place from its parent, and one
animation turns them and moves the root. Left is blue, right is orange, the middle grey.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.motion_files.body_mesh import Mesh, body_meshes
from mate_hf.motion_files.skeleton import Animation, Skeleton

COLOURS = {"left": (0.05, 0.27, 0.62), "right": (0.86, 0.29, 0.03), "middle": (0.42, 0.42, 0.42)}
"""Linear, not sRGB."""

FLOAT, BYTE, SHORT = 5126, 5121, 5123
POINTS, TRIANGLES = 34962, 34963
TYPES = {(): "SCALAR", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}
COMPONENTS = {np.dtype(np.float32): FLOAT, np.dtype(np.uint8): BYTE, np.dtype(np.uint16): SHORT}

JSON_CHUNK, BINARY_CHUNK = b"JSON", b"BIN\0"


def glb_bytes(animation: Animation, fps: float) -> bytes:
    """The whole file."""
    skeleton = animation.skeleton
    numbers = _Numbers()
    # The body is the last node, beside the root of the joints.
    joints = _joint_nodes(skeleton)
    meshes = body_meshes(skeleton)
    content: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "mate-hf"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": joints,
        "animations": [_moves(animation, fps, numbers)],
    }
    if meshes:
        content["scenes"][0]["nodes"].append(len(joints))
        content["nodes"] = [*joints, {"name": "body", "mesh": 0, "skin": 0}]
        content["materials"] = [
            {
                "name": side,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*COLOURS[side], 1.0],
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.8,
                },
            }
            for side in meshes
        ]
        parts = [_part(mesh, material, numbers) for material, mesh in enumerate(meshes.values())]
        content["meshes"] = [{"name": "body", "primitives": parts}]
        content["skins"] = [_skin(skeleton, numbers)]
    content |= {
        "accessors": numbers.accessors,
        "bufferViews": numbers.views,
        "buffers": [{"byteLength": len(numbers.data)}],
    }
    return _packed(content, bytes(numbers.data))


@dataclass
class _Numbers:
    """The arrays of a file one behind the other, and what is said of each."""

    data: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, array: NDArray[Any], target: int | None = None, bounds: bool = False) -> int:
        """Number of the accessor of an array.

        Args:
            array: of vectors, or of numbers, one an element.
            target: what the graphics card is to take it for.
            bounds: say the least and the greatest number, as places and times must.
        """
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": array.nbytes}
        self.views.append(view if target is None else view | {"target": target})
        accessor = {
            "bufferView": len(self.views) - 1,
            "componentType": COMPONENTS[array.dtype],
            "count": len(array),
            "type": TYPES[array.shape[1:]],
        }
        if bounds:
            rows = array.reshape(len(array), -1)
            accessor |= {"min": rows.min(0).tolist(), "max": rows.max(0).tolist()}
        self.accessors.append(accessor)
        # All are whole words of four bytes, as the next one must begin at one.
        self.data += array.tobytes()
        return len(self.accessors) - 1


def _joint_nodes(skeleton: Skeleton) -> list[dict[str, Any]]:
    nodes = []
    for joint, name in enumerate(skeleton.names):
        seen = skeleton.offsets[joint] if joint else skeleton.places[0]
        node: dict[str, Any] = {"name": name, "translation": seen.tolist()}
        if children := skeleton.children(joint):
            node["children"] = children
        nodes.append(node)
    return nodes


def _part(mesh: Mesh, material: int, numbers: _Numbers) -> dict[str, Any]:
    """One colour of the body."""
    # Four joints a point are the least that there can be; the first has all the weight.
    joints, weights = np.zeros((len(mesh.points), 4), np.uint8), np.zeros((len(mesh.points), 4), np.float32)
    joints[:, 0], weights[:, 0] = mesh.joints, 1.0
    return {
        "attributes": {
            "POSITION": numbers.add(mesh.points, POINTS, bounds=True),
            "NORMAL": numbers.add(mesh.normals, POINTS),
            "JOINTS_0": numbers.add(joints, POINTS),
            "WEIGHTS_0": numbers.add(weights, POINTS),
        },
        "indices": numbers.add(mesh.triangles.ravel(), TRIANGLES),
        "material": material,
    }


def _skin(skeleton: Skeleton, numbers: _Numbers) -> dict[str, Any]:
    # Columns one behind the other: what is the last row here moves a point into its joint's own frame.
    into_joints = np.tile(np.eye(4, dtype=np.float32), (len(skeleton.names), 1, 1))
    into_joints[:, 3, :3] = -skeleton.places
    return {
        "inverseBindMatrices": numbers.add(into_joints),
        "joints": list(range(len(skeleton.names))),
        "skeleton": 0,
    }


def _moves(animation: Animation, fps: float, numbers: _Numbers) -> dict[str, Any]:
    times = numbers.add((np.arange(len(animation.root)) / fps).astype(np.float32), bounds=True)
    moved = [(0, "translation", animation.root)]
    for joint, parent in enumerate(animation.skeleton.parents):
        if parent < 0 or animation.skeleton.children(joint):
            moved.append((joint, "rotation", animation.rotations[:, joint, [1, 2, 3, 0]]))
    samplers = [
        {"input": times, "output": numbers.add(values.astype(np.float32)), "interpolation": "LINEAR"}
        for _, _, values in moved
    ]
    channels = [
        {"sampler": sampler, "target": {"node": joint, "path": path}}
        for sampler, (joint, path, _) in enumerate(moved)
    ]
    return {"name": "motion", "samplers": samplers, "channels": channels}


def _packed(content: dict[str, Any], data: bytes) -> bytes:
    text = json.dumps(content, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), JSON_CHUNK) + text
    chunks += struct.pack("<I4s", len(data), BINARY_CHUNK) + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
