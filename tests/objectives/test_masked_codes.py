"""The masked generator's loss against a plain loop, and which captions are said."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from mate_hf.modeling.code_transformers import Said
from mate_hf.modeling.masking import draw_masks, mask_codes
from mate_hf.objectives.masked_codes import MaskedArguments, MaskedObjective
from tests.modeling.test_modeling_masked import inputs, make_masked


def make_objective(levels: int = 3, **settings: float) -> MaskedObjective:
    return MaskedObjective(make_masked(levels=levels), MaskedArguments(**settings))


def test_validation_says_every_level_over_real_codes_at_the_same_masks() -> None:
    objective, given = make_objective().eval(), inputs()
    found = objective(**given)
    assert {name: float(part) for name, part in objective(**given).items()} == {
        name: float(part) for name, part in found.items()
    }
    model = objective.average
    said = model.said(given["text"], given["text_mask"], given["sentence"])
    drawn = draw_masks(*given["there"].shape, 20, torch.Generator().manual_seed(0))
    masked = mask_codes(given["codes"][..., 0], given["there"], model.base.mask, drawn)
    assert model.residual is not None
    logits = [model.base(masked.codes, given["there"], said)]
    logits += [model.residual(given["codes"], torch.full((3,), n), given["there"], said) for n in (1, 2)]
    entropies, rights = [], []
    for level in range(3):
        total, right, count = 0.0, 0, 0
        for row in range(3):
            for place in range(given["codes"].shape[1]):
                if not (masked.asked if level == 0 else given["there"])[row, place]:
                    continue
                scores = logits[level][row, place].double()
                wanted = int(given["codes"][row, place, level])
                total -= float(scores[wanted] - scores.exp().sum().log())
                right += int(scores.argmax()) == wanted
                count += 1
        entropies.append(total / count)
        rights.append(right / count)
        assert float(found[f"cross_entropy_{level + 1}"]) == pytest.approx(entropies[-1], rel=1e-4)
        assert float(found[f"accuracy_{level + 1}"]) == pytest.approx(rights[-1], abs=1e-5)
    assert float(found["base"]) == pytest.approx(entropies[0], rel=1e-4)
    assert float(found["base_accuracy"]) == pytest.approx(rights[0], abs=1e-5)
    assert float(found["residual"]) == pytest.approx((entropies[1] + entropies[2]) / 2, rel=1e-4)
    assert float(found["residual_accuracy"]) == pytest.approx((rights[1] + rights[2]) / 2, abs=1e-5)
    assert float(found["loss"]) == pytest.approx(entropies[0] + sum(entropies[1:]) / 2, rel=1e-4)


def test_codes_that_are_as_likely_cost_the_logarithm_of_their_number() -> None:
    objective = make_objective()
    for part in (objective.model.base, objective.model.residual):
        assert part is not None
        torch.nn.init.zeros_(part.leave.weight)
        torch.nn.init.zeros_(part.leave.bias)
    found = objective.train()(**inputs())
    assert float(found["base"]) == pytest.approx(math.log(20), rel=1e-5)
    assert float(found["residual"]) == pytest.approx(math.log(20), rel=1e-5)


def test_one_level_needs_no_other() -> None:
    objective, given = make_objective(levels=1), inputs()
    given["codes"] = given["codes"][..., :1]
    for part in (objective.train(), objective.eval()):
        found = part(**given)
        assert found.keys() == {"loss", "base", "base_accuracy"}
        assert torch.equal(found["loss"], found["base"])


def test_padding_costs_nothing_and_means_nothing() -> None:
    objective, given = make_objective().eval(), inputs((12, 12, 12))
    shorter = {**given, "there": torch.arange(12) < torch.tensor([12, 5, 9])[:, None]}
    one = objective(**shorter)
    other = {**shorter, "codes": shorter["codes"].masked_fill(~shorter["there"][..., None], -1)}
    for name, value in objective(**other).items():
        torch.testing.assert_close(value, one[name])


def test_as_many_captions_are_left_unsaid_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = make_objective(caption_drop=0.25)
    silences: list[Any] = []
    said = type(objective.model).said

    def watched(self: Any, *given: Any) -> Said:
        silences.append(given[3])
        return said(self, *given)

    monkeypatch.setattr(type(objective.model), "said", watched)
    given = inputs((3,) * 64)
    objective.eval()(**given)
    assert silences == [None, None]
    silences.clear()
    torch.manual_seed(0)
    for _ in range(20):
        objective.train()(**given)
    # Both parts draw their own.
    assert not torch.equal(silences[0], silences[1])
    for own in (silences[0::2], silences[1::2]):
        assert float(torch.cat(own).float().mean()) == pytest.approx(0.25, abs=0.04)


def test_evaluation_asks_the_mean_of_the_weights_and_training_the_weights() -> None:
    objective, given = make_objective(), inputs()
    before = objective.eval()(**given)
    with torch.no_grad():
        objective.model.base.leave.bias[3] += 5
    assert torch.equal(objective.eval()(**given)["base"], before["base"])
    with torch.no_grad():
        objective.average.base.leave.bias[3] += 5
    assert not torch.allclose(objective.eval()(**given)["base"], before["base"], atol=1e-3)
    objective.train()(**given)["loss"].backward()
    assert objective.model.base.leave.bias.grad is not None
    assert objective.average.base.leave.bias.grad is None


def test_the_mean_of_the_weights_follows_them() -> None:
    objective = make_objective(ema=0.5)
    with torch.no_grad():
        before = objective.average.base.leave.bias.clone()
        objective.model.base.leave.bias += 1
    objective.follow()
    torch.testing.assert_close(objective.average.base.leave.bias, before + 0.9)
    assert not objective.train().average.training
