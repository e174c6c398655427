"""On a GPU, where nothing is grouped by length, a step is one graph: nothing waits for a number, so that it can be compiled or captured whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, _dynamo

from mate_hf.modeling import MateModel, modeling_mdm, motion_autoencoder, ragged
from mate_hf.modeling.patches import Patches
from mate_hf.objectives import denoising
from mate_hf.objectives.mate import MateObjective, ObjectiveArguments
from tests.objectives import test_denoising
from tests.objectives.test_mate import batch, model

__all__ = ["batch", "model"]

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ragged, motion_autoencoder, modeling_mdm):
        monkeypatch.setattr(module, "length_groups", lambda *_: None)
    for module in (denoising, modeling_mdm):
        monkeypatch.setattr(module, "Patches", whole_patches)


def whole_patches(mask: Tensor, size: int) -> Patches:
    return Patches(mask, size, whole=True)


def require_one_graph(objective: Callable[..., object], given: dict[str, Tensor]) -> None:
    _dynamo.reset()
    found = _dynamo.explain(objective)(**given)
    assert not [reason.reason for reason in found.break_reasons]
    assert found.graph_count == 1


@pytest.mark.parametrize("prior_form", ["keys", "logits"])
def test_a_step_of_mate_is_one_graph(model: MateModel, batch: dict[str, Tensor], prior_form: str) -> None:
    model.word_attention_layer.prior_form = prior_form
    settings = ObjectiveArguments(ground_weight=1.0)
    require_one_graph(MateObjective(model, settings), batch)


def test_what_waits_for_a_number_is_told(model: MateModel, batch: dict[str, Tensor]) -> None:
    objective = MateObjective(model, ObjectiveArguments())

    def waits(**given: Tensor) -> Tensor:
        losses = objective(**given)
        return losses["loss"] * float(losses["rec"])

    with pytest.raises(AssertionError, match="item"):
        require_one_graph(waits, batch)


def test_a_guess_of_the_generator_is_one_graph() -> None:
    # What is drawn comes from the CPU, whose generators a graph does not hold.
    objective, given = test_denoising.make_objective().eval(), test_denoising.batch()
    del given["caption_id"]
    model, patches = objective.model, whole_patches(given["mask"], 4)
    noisy = patches.cut(given.pop("motion"))

    def guess(mask: Tensor, **words: Tensor) -> Tensor:
        return model.denoise(noisy, torch.arange(3.0), patches, **words)

    require_one_graph(guess, given)
