"""The generator's loss against a plain loop, and the running mean of its weights."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from mate_hf.data.kinds import HUMANML3D
from mate_hf.modeling import MDMConfig, MDMModel
from mate_hf.modeling.noise import NoiseProcess
from mate_hf.modeling.patches import Patches
from mate_hf.objectives.denoising import DenoisingArguments, DenoisingObjective
from tests.modeling.test_modeling_mdm import SIZES


def make_objective(**settings: float) -> DenoisingObjective:
    torch.manual_seed(0)
    model = MDMModel(MDMConfig(**SIZES))
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    model.set_statistics(torch.linspace(-1, 1, 263), torch.linspace(0.5, 2, 263))
    return DenoisingObjective(model, DenoisingArguments(**settings), HUMANML3D)


def batch() -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    return {
        "motion": torch.randn(3, 16, 263),
        "mask": torch.arange(16) < torch.tensor([16, 8, 12])[:, None],
        "text": torch.randn(3, 4, 6),
        "text_mask": torch.ones(3, 4, dtype=torch.bool),
        "sentence": torch.randn(3, 5),
        "caption_id": torch.arange(3),
    }


def test_the_loss_is_a_weighted_mean_over_real_frames() -> None:
    objective, given = make_objective(root_weight=5.0, contact_weight=0.5, rotation_weight=0.25), batch()
    found = objective.eval()(**given)
    weights = torch.cat(
        [
            torch.full((4,), 5.0),
            torch.ones(63),
            torch.full((126,), 0.25),
            torch.ones(66),
            torch.full((4,), 0.5),
        ]
    )
    weights = weights * 263 / weights.sum()
    model = objective.average
    fixed = torch.Generator().manual_seed(0)
    time = torch.randint(1000, (3,), generator=fixed).float()
    clean = (given["motion"] - model.motion_mean) / model.motion_std * given["mask"].unsqueeze(-1)
    noise = torch.randn(clean.shape, generator=fixed)
    noisy = model.process.noisy(clean, noise, time)
    said = model(noisy, time, given["mask"], given["text"], given["text_mask"], given["sentence"])
    total, frames = 0.0, 0
    for row in range(3):
        for frame in range(16):
            if given["mask"][row, frame]:
                error = (said[row, frame] - clean[row, frame]) ** 2
                total += float((error * weights).sum()) / 263
                frames += 1
    assert abs(float(found["loss"]) - total / frames) < 1e-4
    assert abs(float(found["root"] + found["body"] - found["loss"])) < 1e-5


def test_where_padding_is_read_too_the_loss_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    objective, given = make_objective().eval(), batch()
    found = objective(**given)["loss"]
    monkeypatch.setattr("mate_hf.objectives.denoising.Patches", partial(Patches, whole=True))
    torch.testing.assert_close(objective(**given)["loss"], found)
    given["motion"][1, 8:] = 1e6
    torch.testing.assert_close(objective(**given)["loss"], found)


def test_evaluation_is_the_same_every_time_and_training_is_not() -> None:
    objective, given = make_objective(), batch()
    assert float(objective.eval()(**given)["loss"]) == float(objective(**given)["loss"])
    objective.train()
    assert float(objective(**given)["loss"]) != float(objective(**given)["loss"])


def test_the_mean_follows_the_weights() -> None:
    objective = make_objective(ema=0.5)
    wanted = {name: weight.clone() for name, weight in objective.model.named_parameters()}
    for step in range(12):
        with torch.no_grad():
            for weight in objective.model.parameters():
                weight.add_(torch.randn_like(weight))
        objective.follow()
        decay = min(0.5, (1 + step) / (10 + step))
        for name, weight in objective.model.named_parameters():
            wanted[name] = decay * wanted[name] + (1 - decay) * weight
    for name, weight in objective.average.named_parameters():
        torch.testing.assert_close(weight, wanted[name], atol=1e-5, rtol=1e-5)
        assert not weight.requires_grad


def test_only_the_model_learns_and_all_of_it() -> None:
    objective = make_objective(caption_drop=0.5).train()
    objective(**batch())["loss"].backward()
    assert all(weight.grad is not None for weight in objective.model.parameters())
    assert all(weight.grad is None for weight in objective.average.parameters())
    assert not objective.average.training


def test_training_is_moved_toward_noise_and_evaluation_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, moved = make_objective(), make_objective(noise_shift=16.0, shifted_share=0.5)
    asked: list[tuple[float, ...]] = []
    draw = NoiseProcess.draw_times

    def watched(self: NoiseProcess, count: int, *settings: Any) -> torch.Tensor:
        asked.append(settings[1:])
        return draw(self, count, *settings)

    monkeypatch.setattr(NoiseProcess, "draw_times", watched)
    assert torch.equal(plain.eval()(**batch())["loss"], moved.eval()(**batch())["loss"])
    moved.train()(**batch())
    assert asked == [(), (), (16.0, 0.5)]


class Watched:
    """Stands for the alignment, and remembers of which captions it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(
        self, generated: Tensor, real: Tensor, lengths: Tensor, caption_id: Tensor
    ) -> dict[str, Tensor]:
        assert len(generated) == len(real) == len(lengths) == len(caption_id)
        self.asked.append(caption_id.tolist())
        return {"total": generated.new_zeros(())}


def test_a_motion_whose_caption_was_dropped_is_not_aligned(monkeypatch: pytest.MonkeyPatch) -> None:
    objective, watched = make_objective(caption_drop=0.5).train(), Watched()
    objective.align = watched
    monkeypatch.setattr(torch, "rand", lambda count: torch.tensor([0.4, 0.6, 0.9][:count]))
    objective(**batch())
    assert watched.asked == [[1, 2]]
    objective.eval()(**batch())
    assert len(watched.asked) == 1


@pytest.mark.parametrize(("most_noise", "asked"), [(1.0, [0, 1, 2]), (0.5, [0, 1]), (0.2, [0]), (0.0, [])])
def test_a_motion_noised_more_than_asked_is_not_aligned(
    monkeypatch: pytest.MonkeyPatch, most_noise: float, asked: list[int]
) -> None:
    objective, watched = make_objective(caption_drop=0.0).train(), Watched()
    objective.align, objective.most_noise = watched, most_noise
    monkeypatch.setattr(
        type(objective.model.process),
        "draw_times",
        lambda self, count, *settings: torch.tensor([100.0, 400.0, 999.0])[:count],
    )
    objective(**batch())
    assert watched.asked == [asked]
