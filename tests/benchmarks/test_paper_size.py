"""What MATE adds, timed by itself, is what it adds."""

from __future__ import annotations

import torch

from benchmarks.paper_size import Size, paper_batch, paper_objective, words_alone


def test_losses_without_the_transformers_are_those_with_them() -> None:
    size = Size(batch=4, frames=12, vocabulary=30, seen=50)
    objective, batch = paper_objective(size, "cpu").eval(), paper_batch(size, "cpu")
    with torch.no_grad():
        whole = objective(**batch)
    alone = words_alone(objective, batch)
    calls: list[str] = []
    for name, module in objective.model.text_encoder.named_modules():
        module.register_forward_hook(lambda *_, name=name: calls.append(name))
    found = alone(**batch)
    for name, loss in whole.items():
        torch.testing.assert_close(found[name], loss)
    found["loss"].backward()
    # Words are read from the table, and nothing else of the encoder runs.
    assert all("embedding" in name for name in calls), calls
    prototypes = objective.model.prototypes.weight.grad
    assert prototypes is not None
    assert prototypes.abs().sum() > 0
