"""Which parameters the optimizer holds, and at which rate."""

from __future__ import annotations

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


def test_an_unknown_mode_is_named(text_encoders: dict[str, Path]) -> None:
    with pytest.raises(MateError, match=r"'some'.*embeddings, none, layers, all, lora"):
        choose_trainable(tiny_model(text_encoders["bert"]), "some", [1])
