"""Dropout by random bits is dropout: the asked share, no bias, each entry by itself."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from mate_hf.modeling.dropout import Dropout, dropout


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.9])
def test_the_asked_share_is_dropped_and_the_mean_stays(p: float) -> None:
    torch.manual_seed(0)
    count = 400_000
    found = dropout(torch.ones(count, dtype=torch.float64), p)
    # Four standard deviations of a binomial share.
    bound = 4 * (p * (1 - p) / count) ** 0.5
    assert abs(float((found == 0).double().mean()) - p) < bound
    assert abs(float(found.mean()) - 1) < bound / (1 - p)
    kept = found[found != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - p)), rtol=1e-4, atol=0)


def test_neighbours_are_dropped_independently() -> None:
    torch.manual_seed(0)
    dropped = (dropout(torch.ones(400_000, dtype=torch.float64), 0.3) == 0).double() - 0.3
    for apart in (1, 2, 3, 4, 8):
        correlation = float((dropped[apart:] * dropped[:-apart]).mean()) / (0.3 * 0.7)
        assert abs(correlation) < 4 / 400_000**0.5, apart


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=3),
    st.floats(0.0, 1.0),
    st.sampled_from([torch.float32, torch.bfloat16, torch.float64]),
)
def test_any_shape_probability_and_type(shape: list[int], p: float, kind: torch.dtype) -> None:
    features = torch.full(shape, 2.0, dtype=kind)
    found = dropout(features, p)
    assert (found.shape, found.dtype) == (features.shape, kind)
    kept = found[found != 0].double()
    assert torch.allclose(kept, torch.full_like(kept, 2 / (1 - p) if p < 1 else 0.0), rtol=2e-2)
    assert torch.equal(dropout(features, p, training=False), features)


def test_gradients_pass_where_features_do() -> None:
    torch.manual_seed(0)
    features = torch.randn(7, 5, dtype=torch.float64, requires_grad=True)
    found = dropout(features, 0.4)
    found.sum().backward()
    torch.testing.assert_close(features.grad, (found / features).detach())


def test_a_seed_fixes_what_is_dropped_whatever_the_threads() -> None:
    found = []
    threads = torch.get_num_threads()
    for number in (1, 2):
        torch.set_num_threads(number)
        torch.manual_seed(3)
        found.append(dropout(torch.ones(200_001), 0.25))
    torch.set_num_threads(threads)
    assert torch.equal(*found)
    assert not torch.equal(found[0], dropout(torch.ones(200_001), 0.25))


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_nothing_and_all(p: float) -> None:
    features = torch.randn(6)
    assert torch.equal(dropout(features, p), F.dropout(features, p))


def test_the_module_drops_in_training_alone() -> None:
    layer, features = Dropout(0.5), torch.ones(1000)
    assert layer(features).count_nonzero() < 1000
    assert torch.equal(layer.eval()(features), features)
