"""Steps of embedding rows scaled by their words' frequency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from mate_hf.errors import MateError
from mate_hf.modeling.trainable_rows import TrainableRows
from mate_hf.training.row_rates import (
    RowSteps,
    class_balanced,
    rates_by_class,
    rates_by_word,
    read_class_rates,
)
from tests.training.conftest import Run


def test_class_balanced_rates_are_those_of_cui_et_al() -> None:
    counts = [1, 10, 5000]
    raw = [(1 - 0.999) / (1 - 0.999**count) for count in counts]
    expected = [3 * rate / sum(raw) for rate in raw]
    assert class_balanced(torch.tensor(counts)).tolist() == pytest.approx(expected, rel=1e-5)


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
            RowSteps(table, rates_by_word(table, words, torch.tensor([30.0, 10.0]), rates)).follow(optimizer)
        table(ids).square().sum().backward()
        optimizer.step()
        return table.rows.detach() - start.weight[ids].detach()

    plain, scaled = stepped(False), stepped(True)
    expected = torch.tensor([0.5, (30 * 0.5 + 10 * 2.0) / 40, 2.0, 1.0])
    torch.testing.assert_close(scaled, plain * expected[:, None], rtol=1e-4, atol=1e-6)


def test_a_resumed_run_equals_an_uninterrupted_one(run: Run, tmp_path: Path) -> None:
    options: dict[str, Any] = {"update": "class_balanced", "epochs": 3}
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
    with pytest.raises(MateError, match="update: of embedding rows, which trainable: none does not train"):
        run(tmp_path / "a", update="class_balanced", trainable="none")


def test_rows_step_by_their_class_and_fall_back_toward_stock() -> None:
    torch.manual_seed(0)
    table = TrainableRows(nn.Embedding(5, 3), [0, 2, 4])
    stock = table.rows.detach().clone()
    rates = rates_by_class(
        table, {0: "function", 2: "direction"}, read_class_rates(" function=0.25, marks=0 ")
    )
    assert rates.tolist() == [0.25, 1.0, 1.0]
    optimizer = torch.optim.SGD(
        [{"params": [nn.Parameter(torch.zeros(1))]}, {"params": [table.rows], "lr": 0.1}], lr=0.9
    )
    RowSteps(table, rates, decay=2.0).follow(optimizer)
    expected = stock.double()
    for step in range(3):
        gradient = torch.full((3, 3), 1.0 + step)
        table.rows.grad = gradient
        optimizer.step()
        expected = expected - 0.1 * rates.double()[:, None] * gradient - 0.1 * 2.0 * (expected - stock)
        torch.testing.assert_close(table.rows.detach().double(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("text", ["function", "function=-1", "verbs=1", "function=nan", "function=inf", "=1"])
def test_rates_of_no_class_or_no_number_are_refused(text: str) -> None:
    with pytest.raises(MateError, match=r"class_rates.*expected CLASS=RATE"):
        read_class_rates(text)


def test_a_class_with_two_rates_is_refused() -> None:
    with pytest.raises(MateError, match=r"class_rates: function is named twice in 'function=0.1,function=1'"):
        read_class_rates("function=0.1,function=1")


EVERY_MEANS: dict[str, Any] = {
    "class_rates": "function=0.1,marks=0",
    "stock_decay": 3.0,
    "hold_weight": 5.0,
    "contraries": "both",
}


def test_a_run_with_every_means_goes_on_exactly(run: Run, tmp_path: Path) -> None:
    options = {**EVERY_MEANS, "epochs": 3, "batch_size": 8}
    run(tmp_path / "whole", **options)
    run(tmp_path / "cut", **options, max_steps=3)
    run(tmp_path / "cut", **options, resume="last")
    whole, cut = (load_file(tmp_path / name / "last" / "model.safetensors") for name in ("whole", "cut"))
    assert all(whole[name].equal(cut[name]) for name in whole)


@pytest.mark.parametrize("option", ["stock_decay", "hold_weight"])
def test_means_that_speak_of_rows_need_rows(run: Run, tmp_path: Path, option: str) -> None:
    with pytest.raises(MateError, match=f"{option}: of embedding rows, which trainable: none does not train"):
        run(tmp_path / "a", trainable="none", **{option: 1.0})


@pytest.mark.parametrize("changed", [{"trainable": "all"}, {"first_layers": 1}])
def test_layers_that_learn_leave_nothing_to_hold_sentences_to(
    run: Run, tmp_path: Path, changed: dict[str, object]
) -> None:
    with pytest.raises(MateError, match=r"hold_weight: .*these learn, too.*trainable: embeddings"):
        run(tmp_path / "a", **changed, hold_weight=1.0)


def test_rates_of_rows_that_do_not_learn_are_said_to_be_idle(
    run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path / "a", trainable="none", epochs=1, class_rates="function=0")
    assert "class_rates have nothing to do" in " ".join(capfd.readouterr())


@pytest.mark.parametrize(("first_layers", "idle"), [(0, True), (1, False)])
def test_a_rate_of_layers_that_do_not_learn_is_said_to_be_idle(
    run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str], first_layers: int, idle: bool
) -> None:
    run(tmp_path / "a", epochs=1, layers_lr=1e-4, first_layers=first_layers)
    assert ("layers_lr has nothing to do" in " ".join(capfd.readouterr())) == idle
