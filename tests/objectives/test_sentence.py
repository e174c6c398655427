"""The objectives that see whole sentences, against one caption and one frame at a time."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor

from mate_hf.modeling import MateModel
from mate_hf.objectives.mate import ObjectiveArguments
from mate_hf.objectives.sentence import SentenceObjective
from tests.objectives.test_losses import cos, naive_contrastive
from tests.objectives.test_mate import B, batch, model

__all__ = ["batch", "model"]


def smooth_l1(a: Tensor, b: Tensor) -> float:
    """Mean of 0.5 d^2 below 1 and |d| - 0.5 above."""
    total = 0.0
    for left, right in zip(a.flatten().tolist(), b.flatten().tolist(), strict=True):
        distance = abs(left - right)
        total += 0.5 * distance**2 if distance < 1 else distance - 0.5
    return total / a.numel()


def features(model: MateModel, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Normalised motion, f^m and f^t of the batch."""
    target = model.normalise(batch["motion"], batch["mask"])
    summary, _ = model.motion_encoder(target, batch["mask"])
    return target, summary, model.text_feature(batch["input_ids"], batch["attention_mask"])


def frames_error(predicted: Tensor, target: Tensor, mask: Tensor) -> float:
    rows = [(predicted[i, t], target[i, t]) for i in range(B) for t in range(target.shape[1]) if mask[i, t]]
    return sum(smooth_l1(a, b) for a, b in rows) / len(rows)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["temos", "tmr"])
def test_reconstruction_objectives(model: MateModel, batch: dict[str, Tensor], kind: str) -> None:
    found = SentenceObjective(model, ObjectiveArguments(objective=kind))(**batch)
    target, summary, text = features(model, batch)
    mask = batch["mask"]
    expected = {
        "rec": frames_error(model.motion_decoder(summary, mask), target, mask),
        "rec_text": frames_error(model.motion_decoder(text, mask), target, mask),
        "latent": smooth_l1(text, summary),
    }
    loss = expected["rec"] + expected["rec_text"] + 1e-5 * expected["latent"]
    if kind == "tmr":
        expected["sent"] = naive_contrastive(text, summary, batch["caption_id"].tolist(), 0.1)
        loss += 0.1 * expected["sent"]
    assert found.keys() == {*expected, "loss"}
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-4), name
    assert float(found["loss"]) == pytest.approx(loss, rel=1e-4)


@torch.no_grad()
def test_moclip_is_held_to_the_untrained_encoder(model: MateModel, batch: dict[str, Tensor]) -> None:
    untrained = deepcopy(model)
    objective = SentenceObjective(model, ObjectiveArguments(objective="moclip", tether=2.0))
    assert float(objective(**batch)["tether"]) == pytest.approx(0.0, abs=1e-12)
    model.text_encoder.get_input_embeddings().weight.add_(torch.randn(99, 16))
    found = objective(**batch)
    _, summary, text = features(model, batch)
    ids, attention = batch["input_ids"], batch["attention_mask"]
    before, now = untrained.sentence_feature(ids, attention), model.sentence_feature(ids, attention)
    distances = [
        sum(
            (float(a) / float(now[i].norm()) - float(b) / float(before[i].norm())) ** 2
            for a, b in zip(now[i], before[i], strict=True)
        )
        for i in range(B)
    ]
    expected = {
        "sent": naive_contrastive(text, summary, batch["caption_id"].tolist()),
        "cosine": 1 - sum(float(cos(text[i], summary[i])) for i in range(B)) / B,
        "tether": sum(distances) / B,
    }
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, rel=1e-4), name
    assert float(found["loss"]) == pytest.approx(
        expected["sent"] + expected["cosine"] + 2 * expected["tether"], rel=1e-4
    )


@pytest.mark.parametrize("kind", ["temos", "tmr", "moclip"])
def test_whatever_may_learn_has_a_gradient(model: MateModel, batch: dict[str, Tensor], kind: str) -> None:
    objective = SentenceObjective(model, ObjectiveArguments(objective=kind)).train()
    objective(**batch)["loss"].backward()
    without = [
        name
        for name, parameter in objective.named_parameters()
        if parameter.requires_grad and parameter.grad is None
    ]
    assert without == []
    assert not any("teacher" in name for name in objective.state_dict())
