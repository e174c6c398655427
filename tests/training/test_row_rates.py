"""Steps of embedding rows scaled by their words' frequency and reliability."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from mate_hf.errors import MateError
from mate_hf.modeling.trainable_rows import TrainableRows
from mate_hf.training.row_rates import RowRates, class_balanced, reliability
from mate_hf.word_consistency import WordConsistency
from tests.training.conftest import Run


def test_class_balanced_rates_are_those_of_cui_et_al() -> None:
    counts = [1, 10, 5000]
    raw = [(1 - 0.999) / (1 - 0.999**count) for count in counts]
    expected = [3 * rate / sum(raw) for rate in raw]
    assert class_balanced(torch.tensor(counts)).tolist() == pytest.approx(expected, rel=1e-5)


def test_reliable_and_frequent_words_step_furthest() -> None:
    rates = reliability(torch.tensor([0.9, 0.9, 0.3]), torch.tensor([1000.0, 5.0, 1000.0]))
    assert rates[0] > rates[2] > 0
    assert float(rates[1] / rates[0]) == pytest.approx((5 / 25) / (1000 / 1020), rel=1e-5)
    counts = torch.tensor([1000.0, 5.0, 1000.0])
    assert float((rates * counts).sum() / counts.sum()) == pytest.approx(1.0, rel=1e-5)


def test_a_words_consistency_is_the_length_of_its_mean_direction() -> None:
    consistency = WordConsistency(3, 2, keep=0.5)
    for _ in range(40):
        consistency.add(
            torch.tensor([[3.0, 0.0], [0.0, 1.0], [0.0, 5.0], [1.0, 0.0]]), torch.tensor([0, 1, 1, 1])
        )
    found = consistency.value().tolist()
    assert found == pytest.approx([1.0, math.hypot(1 / 3, 2 / 3), 0.0], abs=1e-5)
    fresh = WordConsistency(1, 2)
    fresh.add(torch.tensor([[0.0, 2.0]]), torch.tensor([0]))
    assert fresh.value().tolist() == pytest.approx([1.0], abs=1e-5)


def test_a_row_steps_as_its_words_do_whatever_the_optimizer_makes_of_gradients() -> None:
    torch.manual_seed(0)
    start = nn.Embedding(6, 4)
    ids = torch.tensor([1, 2, 3, 5])

    def stepped(scaled: bool) -> torch.Tensor:
        table = TrainableRows(nn.Embedding.from_pretrained(start.weight.clone(), freeze=False), [1, 2, 3, 5])
        optimizer = torch.optim.AdamW([table.rows], lr=0.1, weight_decay=0.0)
        if scaled:
            # Token 1 spells word 0, token 2 words 0 and 1, token 3 word 1, token 5 none.
            rates = torch.tensor([0.5, 2.0])
            words = [{1, 2}, {2, 3, 4}]
            RowRates(table, words, torch.tensor([30.0, 10.0]), lambda: rates).follow(optimizer)
        table(ids).square().sum().backward()
        optimizer.step()
        return table.rows.detach() - start.weight[ids].detach()

    plain, scaled = stepped(False), stepped(True)
    expected = torch.tensor([0.5, (30 * 0.5 + 10 * 2.0) / 40, 2.0, 1.0])
    torch.testing.assert_close(scaled, plain * expected[:, None], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("update", ["class_balanced", "reliability"])
def test_a_resumed_run_equals_an_uninterrupted_one(run: Run, tmp_path: Path, update: str) -> None:
    options: dict[str, Any] = {"update": update, "epochs": 3}
    run(tmp_path / "whole", **options)
    run(tmp_path / "cut", **options, max_steps=3)
    run(tmp_path / "cut", **options, resume="last")
    whole, cut = (load_file(tmp_path / name / "last" / "model.safetensors") for name in ("whole", "cut"))
    assert all(whole[name].equal(cut[name]) for name in whole)
    run(tmp_path / "uniform", epochs=3)
    uniform = load_file(tmp_path / "uniform" / "last" / "model.safetensors")
    table = next(name for name in whole if "word_embeddings" in name)
    assert not whole[table].equal(uniform[table])


def test_updates_that_cannot_be_scaled_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MateError, match="trainable: none does not train"):
        run(tmp_path / "a", update="class_balanced", trainable="none")
    with pytest.raises(MateError, match="objective: tmr does not look at"):
        run(tmp_path / "b", update="reliability", objective="tmr")
