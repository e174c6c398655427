"""MultiHead of Eq. 2: a word, as the query, gathers its semantics from the frames of a motion."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .attention import attend
from .dropout import dropout

PRIOR_FORMS = ("keys", "logits")

LEAST_PRIOR = 1e-6
"""Of which the logarithm is taken where the prior is 0."""


class WordAttention(nn.Module):
    """Word queries on motions, with the localization prior of Eq. 3.

    K_t = (1 + lambda prior_t) F_t enters a linear map, and what is constant over t is invisible to the softmax, so
    q . W_k K_t = (1 + lambda prior_t) (q . W_k F_t). The keys are therefore projected once a motion, whatever
    the number of words that query it, and the prior is a factor on the logits. For the same reason the key
    projection needs no bias.

    A factor strengthens what a word already looks at inside its segment, and what it looks away from as well. With
    `prior_form="logits"` (not in the paper) lambda log prior_t is added instead: attention is then proportional to
    prior_t^lambda times what it would be without.
    """

    def __init__(
        self, width: int, heads: int, dropout: float, prior_strength: float, prior_form: str = "keys"
    ) -> None:
        super().__init__()
        if prior_form not in PRIOR_FORMS:
            raise ValueError(f"prior_form: {prior_form!r}; expected one of {', '.join(PRIOR_FORMS)}.")
        self.heads = heads
        self.dropout = dropout
        self.prior_strength = prior_strength
        self.prior_form = prior_form
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def project_frames(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Frame features F^m (B,T,D) -> keys and values (B,H,T,D/H), to be shared by all words."""
        return self._split(self.key(frames)), self._split(self.value(frames))

    def forward(
        self, words: Tensor, keys: Tensor, values: Tensor, mask: Tensor, prior: Tensor | None = None
    ) -> Tensor:
        """Words on motions -> word motion features f_w^m (B,Q,D).

        Args:
            words: projected word embeddings f^e (B,Q,D), or (Q,D) where the same words query every motion.
            keys, values: from `project_frames`, (B,H,T,D/H).
            mask: (B,T), True on real frames.
            prior: AttentionPrior of Eq. 4, (B,Q,T) in [0, 1]; None is the paper's "no prior".
        """
        queries = self._queries(words, len(keys))
        if prior is None:
            p = self.dropout if self.training else 0.0
            mixed = attend(queries, keys, values, mask[:, None, None, :], p)
        else:
            weights = dropout(self._softmax(queries, keys, mask, prior), self.dropout, self.training)
            mixed = weights @ values
        return self.output(mixed.transpose(1, 2).flatten(2))

    def weights(self, words: Tensor, keys: Tensor, mask: Tensor, prior: Tensor | None = None) -> Tensor:
        """The same attention, read: weight of every frame for every word, mean over heads, (B,Q,T)."""
        return self._softmax(self._queries(words, len(keys)), keys, mask, prior).mean(1)

    def _softmax(self, queries: Tensor, keys: Tensor, mask: Tensor, prior: Tensor | None) -> Tensor:
        logits = queries @ keys.transpose(-1, -2) * queries.shape[-1] ** -0.5
        if prior is not None and self.prior_form == "keys":
            logits = logits * (1 + self.prior_strength * prior.unsqueeze(1))
        elif prior is not None:
            logits = logits + self.prior_strength * prior.unsqueeze(1).clamp(min=LEAST_PRIOR).log()
        return logits.masked_fill(~mask[:, None, None, :], float("-inf")).softmax(-1)

    def _queries(self, words: Tensor, motions: int) -> Tensor:
        queries = self.query(words)
        if queries.dim() == 2:
            queries = queries.expand(motions, -1, -1)
        return self._split(queries)

    def _split(self, features: Tensor) -> Tensor:
        return features.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def span_means(table: nn.Module, tokens: Tensor, mask: Tensor) -> Tensor:
    """WE(w): mean of the input-embedding rows of a word's sub-tokens.

    Args:
        table: the encoder's input-embedding layer.
        tokens: token ids (B,S); mask: (B,S), True on the word's own tokens.

    Returns:
        (B, embedding width); zero for a word without tokens.
    """
    rows: Tensor = table(tokens)
    weights = mask.unsqueeze(-1).to(rows.dtype)
    return (rows * weights).sum(1) / torch.clamp(weights.sum(1), min=1.0)
