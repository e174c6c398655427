"""A GLB file read by a program of somebody else has the joints, and a body about them, where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
import pytest
from scipy.spatial.transform import Rotation

from mate_hf.data.kinds import HUMANML3D, KINDS, MotionKind
from mate_hf.motion_files import write_motion
from mate_hf.motion_files.solving import solve
from tests.motion_files.bodies import acted, random_body

NUMBERS = {pygltflib.FLOAT: "<f4", pygltflib.UNSIGNED_BYTE: "u1", pygltflib.UNSIGNED_SHORT: "<u2"}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Scene:
    """What a file says, evaluated by the specification."""

    def __init__(self, path: Path) -> None:
        self.gltf = pygltflib.GLTF2().load(str(path))
        assert self.gltf is not None
        self.names = [node.name for node in self.gltf.nodes]
        [animation] = self.gltf.animations
        self.tracks = {
            (channel.target.node, channel.target.path): animation.samplers[channel.sampler]
            for channel in animation.channels
        }
        [self.times] = {sampler.input for sampler in self.tracks.values()}

    def numbers(self, accessor: int) -> np.ndarray:
        """(count, width)"""
        said = self.gltf.accessors[accessor]
        view = self.gltf.bufferViews[said.bufferView]
        size = np.dtype(NUMBERS[said.componentType]).itemsize
        assert view.byteOffset % 4 == 0
        assert view.byteLength == said.count * WIDTHS[said.type] * size
        found = np.frombuffer(
            self.gltf.binary_blob(),
            NUMBERS[said.componentType],
            said.count * WIDTHS[said.type],
            view.byteOffset,
        )
        return found.reshape(said.count, -1)

    def worlds(self) -> np.ndarray:
        """Of every node in every frame, (T, N, 4, 4)."""
        frames = len(self.numbers(self.times))
        local = np.tile(np.eye(4), (frames, len(self.names), 1, 1))
        for place, node in enumerate(self.gltf.nodes):
            local[:, place, :3, 3] = node.translation or 0
            for path in ("translation", "rotation"):
                if (place, path) in self.tracks:
                    values = self.numbers(self.tracks[place, path].output).astype(float)
                    if path == "translation":
                        local[:, place, :3, 3] = values
                    else:
                        local[:, place, :3, :3] = Rotation.from_quat(values).as_matrix()
        worlds, todo = local.copy(), list(self.gltf.scenes[self.gltf.scene].nodes)
        while todo:
            place = todo.pop()
            for child in self.gltf.nodes[place].children or []:
                worlds[:, child] = worlds[:, place] @ local[:, child]
                todo.append(child)
        return worlds

    def joints(self, kind: MotionKind = HUMANML3D) -> np.ndarray:
        """(T, J, 3) metres."""
        order = [self.names.index(name) for name in kind.joint_names]
        return self.worlds()[:, order][..., :3, 3]

    def skinned(self, part: Any) -> np.ndarray:
        """Points of a part of the body in every frame, (T, V, 3)."""
        [skin] = self.gltf.skins
        bind = self.numbers(skin.inverseBindMatrices).reshape(-1, 4, 4).transpose(0, 2, 1)
        moved = self.worlds()[:, skin.joints] @ bind
        points = self.numbers(part.attributes.POSITION)
        joints, weights = (self.numbers(getattr(part.attributes, name)) for name in ("JOINTS_0", "WEIGHTS_0"))
        homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1)
        return np.einsum("vk,tvkij,vj->tvi", weights, moved[:, joints], homogeneous)[..., :3]


@pytest.mark.parametrize("number", range(3))
def test_another_reader_finds_the_joints(tmp_path: Path, number: int) -> None:
    joints = acted(number) + np.array([3.0, 0.2, -1.0])
    write_motion(tmp_path / "a.glb", joints, 20)
    scene = Scene(tmp_path / "a.glb")
    np.testing.assert_allclose(scene.joints(), solve(joints, HUMANML3D).positions(), atol=1e-5)
    np.testing.assert_allclose(scene.joints(), joints, atol=2e-5)
    np.testing.assert_allclose(scene.numbers(scene.times)[:, 0], np.arange(len(joints)) / 20, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("frames", [1, 5])
def test_any_body_of_any_kind(tmp_path: Path, kind: MotionKind, frames: int) -> None:
    joints = random_body(kind, frames, 1)
    write_motion(tmp_path / "a.glb", joints, 20)
    np.testing.assert_allclose(Scene(tmp_path / "a.glb").joints(kind), joints, atol=2e-5)


def test_the_body_is_about_the_joints_and_its_sides_have_their_colours(tmp_path: Path) -> None:
    joints = acted(1)
    write_motion(tmp_path / "a.glb", joints, 20)
    scene = Scene(tmp_path / "a.glb")
    middles = (joints[:, 1:] + joints[:, HUMANML3D.parents[1:]]) / 2
    named = {
        scene.gltf.materials[part.material].name: scene.skinned(part)
        for part in scene.gltf.meshes[0].primitives
    }
    assert set(named) == {"left", "right", "middle"}
    for side, points in named.items():
        boxes = points.reshape(len(joints), -1, 24, 3).mean(2)
        own = [
            joint - 1
            for joint, name in enumerate(HUMANML3D.joint_names)
            if joint and name.split("_")[0] in (side, *(["spine1", "spine2", "spine3", "neck", "head"] * (side == "middle")))
        ]  # fmt: skip
        away = np.linalg.norm(boxes[:, None] - middles[:, own, None], axis=-1)
        assert away.min(-1).max() < 1e-4, side
        assert boxes.shape[1] > len(own)
    colours = {
        material.name: material.pbrMetallicRoughness.baseColorFactor for material in scene.gltf.materials
    }
    assert len({tuple(colour) for colour in colours.values()}) == 3


def test_sides_of_boxes_look_outwards(tmp_path: Path) -> None:
    write_motion(tmp_path / "a.glb", acted(0), 20)
    scene = Scene(tmp_path / "a.glb")
    for part in scene.gltf.meshes[0].primitives:
        points, normals = (
            scene.numbers(getattr(part.attributes, name)).astype(float) for name in ("POSITION", "NORMAL")
        )
        corners = scene.numbers(part.indices).reshape(-1, 3)
        assert corners.max() == len(points) - 1
        a, b, c = (points[corners[:, corner]] for corner in range(3))
        seen = np.cross(b - a, c - a)
        seen /= np.linalg.norm(seen, axis=-1, keepdims=True)
        np.testing.assert_allclose(seen, normals[corners[:, 0]], atol=1e-3)
        centres = points.reshape(-1, 24, 3).mean(1).repeat(24, axis=0)
        assert ((points - centres) * normals).sum(-1).min() > 0


def test_it_says_what_the_format_wants_said(tmp_path: Path) -> None:
    write_motion(tmp_path / "a.glb", acted(0), 20)
    data = (tmp_path / "a.glb").read_bytes()
    assert data[:8] == b"glTF\x02\0\0\0"
    assert int.from_bytes(data[8:12], "little") == len(data)
    scene = Scene(tmp_path / "a.glb")
    must = [scene.times, *(part.attributes.POSITION for part in scene.gltf.meshes[0].primitives)]
    for accessor in must:
        found, said = scene.numbers(accessor), scene.gltf.accessors[accessor]
        np.testing.assert_array_equal([said.min, said.max], [found.min(0), found.max(0)])
    for (_, path), sampler in scene.tracks.items():
        values = scene.numbers(sampler.output)
        if path == "rotation":
            np.testing.assert_allclose(np.linalg.norm(values, axis=-1), 1, atol=1e-6)
            assert ((values[1:] * values[:-1]).sum(-1) > 0).all()


def test_a_body_that_is_a_point_is_a_file_without_a_body(tmp_path: Path) -> None:
    write_motion(tmp_path / "a.glb", np.zeros((3, 22, 3)), 20)
    assert not Scene(tmp_path / "a.glb").gltf.meshes
