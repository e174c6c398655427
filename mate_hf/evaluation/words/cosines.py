"""How alike an encoder finds words and sentences of opposite and of like motion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from mate_hf.evaluation.words.word_pairs import ANTONYM_SENTENCES, SYNONYM_SENTENCES, SYNONYMS
from mate_hf.text.encoders import TextEncoder
from mate_hf.text.opposites import ANTONYMS

Pairs = Sequence[tuple[str, str]]


def cosine_probes(encoder: TextEncoder) -> dict[str, Any]:
    """Cosines of antonyms and synonyms, as words of the embedding table and in sentences that differ in one word.

    Returns:
        For `antonym_words`, `synonym_words`, `antonym_sentences`, `synonym_sentences`: `mean`, and `pairs`, a list of
        `texts` and `cosine`. Antonyms should be less alike than before training, synonyms not.
    """
    return {
        "antonym_words": _probe(ANTONYMS, encoder.word_embeddings),
        "synonym_words": _probe(SYNONYMS, encoder.word_embeddings),
        "antonym_sentences": _probe(ANTONYM_SENTENCES, encoder.sentence_features),
        "synonym_sentences": _probe(SYNONYM_SENTENCES, encoder.sentence_features),
    }


def _probe(pairs: Pairs, features: Any) -> dict[str, Any]:
    first, second = (_features(features, [pair[side] for pair in pairs]) for side in (0, 1))
    cosines = F.cosine_similarity(first, second).tolist()
    return {
        "mean": sum(cosines) / len(cosines),
        "pairs": [
            {"texts": list(pair), "cosine": cosine} for pair, cosine in zip(pairs, cosines, strict=True)
        ],
    }


def _features(features: Any, texts: list[str]) -> Tensor:
    found: Tensor = features(texts)
    return found.detach().float().cpu()
