"""Captions in the company of words that training never meets, to be held where the untrained encoder puts them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.modeling.clip_captions import tokenised
from mate_hf.text.encoders import Captions
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.text.word_classes import class_of

HELD = ("held_ids", "held_attention", "held_whole")
"""What `Company.replaced` adds to a batch."""

SHARE = 4
"""Of so many captions of a batch one is held."""

SHORTEST = 3
"""Letters of a word that is put in another's place."""


def untrained_words(tokenizer: PreTrainedTokenizerBase, trained: Iterable[int]) -> NDArray[np.int64]:
    """Tokens that are a whole English-lettered word by themselves and that training never meets.

    Raises:
        MateError: the tokenizer has none.
    """
    known = {*trained, *tokenizer.all_special_ids}
    others = [token for token in range(len(tokenizer)) if token not in known]
    texts = [str(tokenizer.decode([token])).strip() for token in others]
    likely = [
        (token, text)
        for token, text in zip(others, texts, strict=True)
        if len(text) >= SHORTEST and text.isascii() and text.isalpha()
    ]
    found: list[int] = []
    if likely:
        again = tokenised(tokenizer, [text for _, text in likely], add_special_tokens=False, verbose=False)
        found = [token for (token, _), ids in zip(likely, again["input_ids"], strict=True) if ids == [token]]
    if not found:
        raise MateError("hold_weight: the tokenizer has no whole word that training does not meet; use 0.")
    return np.array(found)


@dataclass
class Company:
    """Puts untrained words in the place of a caption's words; function words stay.

    Attributes:
        words: of `untrained_words`.
    """

    words: NDArray[np.int64]
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        forms = self.vocabulary.forms
        self.function = {lemma for lemma in forms if class_of(lemma, forms[lemma]) == "function"}

    def replaced(
        self, tokens: Captions, lemmas: Sequence[Sequence[str]], randoms: Sequence[np.random.Generator]
    ) -> dict[str, Tensor]:
        """Every `SHARE`-th caption twice, with other words in the same places.

        Of each second of them all words are replaced, of the others each with a chance of one half.

        Returns:
            `held_ids` (H,2,S), `held_attention` (H,S), `held_whole` (H,), True where all words are replaced.
        """
        rows = range(0, len(lemmas), SHARE)
        ids = tokens.input_ids[list(rows)].unsqueeze(1).repeat(1, 2, 1)
        whole = torch.arange(len(ids)) % 2 == 0
        for held, row in enumerate(rows):
            spans = [
                span
                for lemma, span in zip(lemmas[row], tokens.words[row], strict=False)
                if span and lemma not in self.function
            ]
            if not spans:
                continue
            random = randoms[row]
            chosen = random.random(len(spans)) < (1.0 if whole[held] else 0.5)
            chosen[random.integers(len(spans))] = True
            places = [place for span, taken in zip(spans, chosen, strict=True) if taken for place in span]
            ids[held][:, places] = torch.from_numpy(random.choice(self.words, (2, len(places))))
        return {
            "held_ids": ids,
            "held_attention": tokens.attention_mask[list(rows)],
            "held_whole": whole,
        }


def held_distance(tuned: Tensor, stock: Tensor, whole: Tensor) -> Tensor:
    """How far sentences have gone that should have stayed.

    Two captions that differ in untrained words alone should differ as they did before, whatever the trained words around them
    now say: the squared change of their difference, over the squared difference. And where no trained word but function words is
    left, a caption should be where it was: 1 - cosine.

    Args:
        tuned, stock: sentence features (H,2,D) of the pairs. whole: (H,), True where no trained word is left.

    Returns:
        Scalar: the sum of the two means.
    """
    tuned, stock = F.normalize(tuned, dim=-1), F.normalize(stock, dim=-1)
    apart, before = tuned[:, 0] - tuned[:, 1], stock[:, 0] - stock[:, 1]
    relation = (apart - before).square().sum(-1) / before.square().sum(-1).clamp(min=1e-6)
    moved = (1 - (tuned * stock).sum(-1)).mean(1)
    return relation.mean() + (moved * whole).sum() / whole.sum().clamp(min=1)
