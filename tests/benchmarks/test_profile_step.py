"""Operations by kind."""

from __future__ import annotations

import pytest

from benchmarks.profile_step import OTHER, by_kind, kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aten::addmm", "matrix products"),
        ("aten::matmul", "matrix products"),
        ("aten::mul", "elementwise"),
        ("aten::random_", "dropout"),
        ("aten::_softmax_backward_data", "attention"),
        ("aten::copy_", "copies and fills"),
        ("aten::native_layer_norm", "normalisation"),
        ("Optimizer.step#AdamW.step", "optimizer"),
        ("aten::view", OTHER),
    ],
)
def test_an_operation_has_its_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_kinds_are_sums_of_their_operations() -> None:
    assert by_kind({"aten::mm": 2.0, "aten::bmm": 3.0, "aten::mul": 1.0}) == {
        "matrix products": 5.0,
        "elementwise": 1.0,
    }
