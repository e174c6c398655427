"""Which parameters the optimizer holds, and at which rate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.training.freezing import choose_trainable, parameter_groups
from tests.modeling.test_modeling_mate import tiny_model


def test_seen_rows_learn_at_their_own_rate_and_never_decay(text_encoders: dict[str, Path]) -> None:
    model = tiny_model(text_encoders["clip"])
    choose_trainable(model, "embeddings", [5, 9, 1000])
    rows, rest = parameter_groups(model, lr=1e-4, embedding_lr=1e-5, weight_decay=0.1)
    assert [tuple(row.shape) for row in rows["params"]] == [(3, 16)]
    assert (rows["lr"], rows["weight_decay"]) == (1e-5, 0.0)
    assert (rest["lr"], rest["weight_decay"]) == (1e-4, 0.1)
    held = {id(parameter) for group in (rows, rest) for parameter in group["params"]}
    assert held == {id(parameter) for parameter in model.parameters() if parameter.requires_grad}


def test_the_rest_of_the_encoder_learns_at_the_encoders_rate(text_encoders: dict[str, Path]) -> None:
    model = tiny_model(text_encoders["bert"])
    choose_trainable(model, "all", [5, 9])
    groups = {group["name"]: group for group in parameter_groups(model, 1e-4, 1e-5, 0.1)}
    assert groups["text_encoder"]["lr"] == groups["embedding_rows"]["lr"] == 1e-5
    assert not any(
        p.requires_grad for name, p in model.text_encoder.named_parameters() if name.startswith("pooler.")
    )


@pytest.mark.parametrize("family", ["clip", "distilbert", "bert"])
def test_first_layers_learn_at_their_own_rate_beside_the_rows(
    text_encoders: dict[str, Path], family: str
) -> None:
    model = tiny_model(text_encoders[family])
    choose_trainable(model, "embeddings", [5, 9], first_layers=1)
    learning = {name for name, p in model.text_encoder.named_parameters() if p.requires_grad}
    rows = {name for name in learning if name.endswith(".rows")}
    assert len(rows) == 1
    assert learning - rows
    assert all(re.search(r"layers?\.0\.", name) for name in learning - rows)
    groups = {group["name"]: group for group in parameter_groups(model, 1e-4, 1e-5, 0.1, layers_lr=1e-6)}
    assert (groups["embedding_rows"]["lr"], groups["text_encoder"]["lr"]) == (1e-5, 1e-6)
    assert len(groups["text_encoder"]["params"]) == len(learning) - 1


@pytest.mark.parametrize(
    ("mode", "count", "said"),
    [
        ("all", 1, "first_layers: 1 with trainable: all; they learn beside rows alone"),
        ("embeddings", 9, r"first_layers: 9; bert has \d here"),
    ],
)
def test_first_layers_that_cannot_be_are_named(
    text_encoders: dict[str, Path], mode: str, count: int, said: str
) -> None:
    with pytest.raises(MateError, match=said):
        choose_trainable(tiny_model(text_encoders["bert"]), mode, [1], first_layers=count)


def test_an_unknown_mode_is_named(text_encoders: dict[str, Path]) -> None:
    with pytest.raises(MateError, match=r"'some'.*embeddings, none, layers, all, lora"):
        choose_trainable(tiny_model(text_encoders["bert"]), "some", [1])
