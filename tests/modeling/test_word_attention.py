"""The shared-key attention against the equation as printed, through torch's own MultiheadAttention."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from mate_hf.modeling.word_attention import WordAttention, span_means

B, Q, T, D, HEADS = 3, 4, 11, 16, 4


@pytest.fixture
def attention() -> WordAttention:
    torch.manual_seed(0)
    return WordAttention(D, HEADS, dropout=0.0, prior_strength=0.1).double().eval()


def printed_equation(
    attention: WordAttention, words: Tensor, frames: Tensor, mask: Tensor, prior: Tensor
) -> tuple[Tensor, Tensor]:
    """Eq. 2 and 3, one word at a time: K = (1 + lambda prior) * F^m goes through the key projection itself."""
    reference = nn.MultiheadAttention(D, HEADS, batch_first=True).double().eval()
    projections = (attention.query, attention.key, attention.value)
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([p.weight for p in projections]))
        # Any key bias: the softmax must not see it.
        biases = [attention.query.bias, torch.randn(D).double(), attention.value.bias]
        reference.in_proj_bias.copy_(torch.cat(biases))
        reference.out_proj.weight.copy_(attention.output.weight)
        reference.out_proj.bias.copy_(attention.output.bias)
    found, weights = [], []
    for q in range(words.shape[1]):
        keys = (1 + attention.prior_strength * prior[:, q].unsqueeze(-1)) * frames
        value, weight = reference(words[:, q : q + 1], keys, frames, key_padding_mask=~mask)
        found.append(value)
        weights.append(weight)
    return torch.cat(found, 1), torch.cat(weights, 1)


def test_prior_on_the_logits_equals_prior_on_the_keys(attention: WordAttention) -> None:
    words, frames = torch.randn(B, Q, D).double(), torch.randn(B, T, D).double()
    mask = torch.arange(T) < torch.tensor([T, 7, 1]).unsqueeze(1)
    prior = torch.rand(B, Q, T).double()
    keys, values = attention.project_frames(frames)
    for given in (prior, None):
        expected, weights = printed_equation(
            attention, words, frames, mask, torch.zeros_like(prior) if given is None else given
        )
        assert torch.allclose(attention(words, keys, values, mask, given), expected, atol=1e-12)
        assert torch.allclose(attention.weights(words, keys, mask, given), weights, atol=1e-12)


def test_a_prior_on_the_logits_multiplies_attention_by_its_power(attention: WordAttention) -> None:
    attention.prior_form, attention.prior_strength = "logits", 2.0
    words, frames = torch.randn(B, Q, D).double(), torch.randn(B, T, D).double()
    mask = torch.arange(T) < torch.tensor([T, 7, 1]).unsqueeze(1)
    prior = torch.rand(B, Q, T).double() + 0.1
    keys, _ = attention.project_frames(frames)
    queries = attention.query(words).view(B, Q, HEADS, -1)
    per_head = keys.view(B, HEADS, T, -1)
    expected = torch.zeros(B, Q, T).double()
    for b in range(B):
        for q in range(Q):
            for h in range(HEADS):
                score = (per_head[b, h] @ queries[b, q, h] / queries.shape[-1] ** 0.5).exp()
                score = score * prior[b, q] ** 2 * mask[b]
                expected[b, q] += score / score.sum() / HEADS
    assert torch.allclose(attention.weights(words, keys, mask, prior), expected, atol=1e-12)
    with pytest.raises(ValueError, match="prior_form: 'loud'"):
        WordAttention(D, HEADS, 0.0, 0.1, "loud")


def test_words_shared_by_all_motions_equal_words_repeated(attention: WordAttention) -> None:
    words, frames = torch.randn(Q, D).double(), torch.randn(B, T, D).double()
    mask = torch.ones(B, T, dtype=torch.bool)
    keys, values = attention.project_frames(frames)
    shared = attention(words, keys, values, mask)
    assert torch.allclose(shared, attention(words.expand(B, Q, D), keys, values, mask), atol=1e-12)


def test_a_word_is_the_mean_of_its_sub_tokens() -> None:
    table = nn.Embedding(10, 4)
    tokens, mask = torch.tensor([[3, 5], [7, 0]]), torch.tensor([[True, True], [True, False]])
    expected = torch.stack([(table.weight[3] + table.weight[5]) / 2, table.weight[7]])
    assert torch.equal(span_means(table, tokens, mask), expected)
