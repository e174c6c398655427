"""The evaluator's loss against the field's formula, pair by pair."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from mate_hf.guo_evaluator.evaluator_objective import EvaluatorObjective, EvaluatorObjectiveArguments
from mate_hf.modeling import EvaluatorConfig, EvaluatorModel


def batch() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return {
        "motion": torch.randn(4, 24, 9),
        "length": torch.tensor([24, 20, 24, 12]),
        "words": torch.randn(4, 5, 6),
        "tags": torch.randn(4, 5, 15),
        "text_length": torch.tensor([5, 3, 4, 5]),
        "caption_id": torch.tensor([1, 1, 2, 3]),
    }


@pytest.mark.parametrize("guard", [True, False])
def test_loss_is_squared_distance_and_squared_lack_of_margin(guard: bool) -> None:
    torch.manual_seed(1)
    sizes = {"movement_width": 8, "motion_hidden": 8, "text_hidden": 8, "feature_width": 5, "word_width": 6}
    model = EvaluatorModel(EvaluatorConfig(motion_width=9, **sizes)).eval()
    pairs = batch()
    objective = EvaluatorObjective(
        model, EvaluatorObjectiveArguments(margin=10.0, guard_captions=guard)
    ).eval()
    with torch.no_grad():
        found = objective(**pairs)
        text, motion = model(*(pairs[name] for name in ("motion", "length", "words", "tags", "text_length")))
    near = far = 0.0
    for i in range(4):
        negative = (i + 1) % 4
        near += float((text[i] - motion[i]).square().sum()) / 4
        if not guard or pairs["caption_id"][i] != pairs["caption_id"][negative]:
            far += max(0.0, 10.0 - float((text[i] - motion[negative]).norm())) ** 2 / 4
    assert far > 0
    assert float(found["near"]) == pytest.approx(near, rel=1e-4)
    assert float(found["far"]) == pytest.approx(far, rel=1e-4)
    assert float(found["loss"]) == pytest.approx(near + far, rel=1e-4)
