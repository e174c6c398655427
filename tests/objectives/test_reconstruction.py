"""The VQ-VAE's loss and its errors against plain loops; what is aligned, and when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from mate_hf.data.kinds import HUMANML3D, KIT, MotionKind
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.modeling import VQConfig, VQModel
from mate_hf.objectives.denoising import Aligned
from mate_hf.objectives.reconstruction import ReconstructionArguments, ReconstructionObjective, errors_in_cm
from tests.modeling.test_modeling_vq import SIZES

LENGTHS = torch.tensor([20, 8, 13])
MASK = torch.arange(20) < LENGTHS[:, None]


def make_objective(align: Aligned | None = None, **settings: Any) -> ReconstructionObjective:
    torch.manual_seed(0)
    model = VQModel(VQConfig(**SIZES, level_dropout=0.0)).train()
    model.set_statistics(torch.linspace(-1, 1, 263), torch.linspace(0.5, 2, 263))
    for _ in range(2):
        model(torch.randn(3, 20, 263), MASK)
    return ReconstructionObjective(model, ReconstructionArguments(**settings), HUMANML3D, align)


def batch() -> dict[str, Tensor]:
    torch.manual_seed(3)
    return {
        "motion": torch.randn(3, 20, 263),
        "mask": MASK,
        "length": LENGTHS,
        "caption_id": torch.tensor([5, 6, 7]),
    }


def error(kind: str, away: Tensor) -> Tensor:
    if kind == "l1":
        return away.abs()
    if kind == "l2":
        return away**2
    return torch.where(away.abs() < 1, away**2 / 2, away.abs() - 0.5)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["l1", "smooth_l1", "l2"])
def test_the_loss_is_a_mean_over_real_frames_with_positions_on_top(kind: str) -> None:
    objective = make_objective(
        reconstruction=kind, root_weight=3.0, position_weight=0.7, commitment_weight=0.3
    )
    objective.eval()
    given, model = batch(), objective.model
    found = objective(**given)
    clean = (given["motion"] - model.motion_mean) / model.motion_std
    whole, positions = [], []
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model(clean[row : row + 1, :length], torch.ones(1, length, dtype=torch.bool)).motion[0]
        for frame in range(length):
            away = error(kind, alone[frame] - clean[row, frame])
            whole.append(float((3 * away[:4].sum() + away[4:].sum()) / (3 * 4 + 259)))
            positions.append(float(away[4:67].mean()))
    commitment = float(model(clean * MASK[..., None], MASK).commitment)
    assert float(found["reconstruction"]) == pytest.approx(np.mean(whole), rel=1e-4)
    assert float(found["positions"]) == pytest.approx(np.mean(positions), rel=1e-4)
    assert float(found["commitment"]) == pytest.approx(commitment, rel=1e-5)
    expected = np.mean(whole) + 0.7 * np.mean(positions) + 0.3 * commitment
    assert float(found["loss"]) == pytest.approx(expected, rel=1e-4)


def test_defaults_are_those_of_momask() -> None:
    settings = ReconstructionArguments()
    assert (settings.reconstruction, settings.root_weight) == ("smooth_l1", 5.0)
    assert (settings.position_weight, settings.commitment_weight) == (0.5, 0.02)


@pytest.mark.parametrize("kind", [HUMANML3D, KIT], ids=["humanml3d", "kit"])
def test_joints_are_off_by_centimetres_of_their_kind(kind: MotionKind) -> None:
    random = np.random.default_rng(0)
    steps = random.normal(size=(2, 21, kind.joints, 3)) / 50
    joints = (steps.cumsum(1) + random.normal(size=(2, 1, kind.joints, 3))) * kind.metre
    real = torch.from_numpy(np.stack([joints_to_features(motion, kind) for motion in joints])).float()
    made = real + 0.01 * torch.randn(real.shape, generator=torch.Generator().manual_seed(0)) * kind.metre**0.5
    mask = torch.arange(20) < torch.tensor([20, 7])[:, None]
    found = errors_in_cm(made, real, mask, kind)
    world, body = [], []
    for row, length in enumerate((20, 7)):
        one, other = (
            recover(motion[row, :length].double().numpy(), kind) / kind.metre for motion in (made, real)
        )
        seen = [motion - motion[:, :1] for motion in (one, other)]
        world.append(np.linalg.norm(one - other, axis=-1).mean())
        body.append(np.linalg.norm(seen[0] - seen[1], axis=-1).mean())
    assert float(found["joint_error_cm"]) == pytest.approx(100 * np.mean(world), rel=1e-4)
    assert float(found["body_error_cm"]) == pytest.approx(100 * np.mean(body), rel=1e-4)
    assert not any(float(value) for value in errors_in_cm(real, real, mask, kind).values())


def test_bodies_are_looked_at_in_evaluation_alone() -> None:
    objective, given = make_objective(), batch()
    assert {"joint_error_cm", "body_error_cm"} <= objective.eval()(**given).keys()
    assert not {"joint_error_cm", "body_error_cm"} & objective.train()(**given).keys()


def test_what_is_reconstructed_is_aligned_raw_and_in_training_alone() -> None:
    seen: list[tuple[Tensor, ...]] = []

    def align(generated: Tensor, real: Tensor, lengths: Tensor, caption_id: Tensor) -> dict[str, Tensor]:
        seen.append((generated, real, lengths, caption_id))
        return {"total": generated.mean() * 0 + 2.5, "inter": generated.new_tensor(7.0)}

    objective, given = make_objective(align, reconstruction="l1", root_weight=1.0), batch()
    objective.eval()(**given)
    assert not seen
    books = objective.model.quantizer.books.clone()
    found = objective.train()(**given)
    [(generated, real, lengths, caption_id)] = seen
    assert torch.equal(real, given["motion"])
    assert torch.equal(lengths, LENGTHS)
    assert torch.equal(caption_id, given["caption_id"])
    assert float(found["inter"]) == 7
    own = found["reconstruction"] + 0.5 * found["positions"] + 0.02 * found["commitment"]
    assert float(found["loss"]) == pytest.approx(float(own) + 2.5, rel=1e-5)
    model = objective.model
    off = ((generated - given["motion"]) / model.motion_std).abs()[MASK].mean()
    assert float(off) == pytest.approx(float(found["reconstruction"]), rel=1e-4)
    assert not generated[~MASK].any()
    generated.sum().backward()
    assert model.enter.conv.weight.grad is not None
    assert not torch.equal(books, model.quantizer.books)


def test_everything_but_the_codebooks_learns_by_gradient() -> None:
    objective = make_objective().train()
    objective(**batch())["loss"].backward()
    assert all(weight.grad is not None for weight in objective.model.parameters())
    assert all("quantizer" not in name for name, _ in objective.named_parameters())
