"""Sentences of untrained words: what is replaced, and how far they may go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.objectives.held import SHARE, Company, held_distance, untrained_words
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.vocabulary import Vocabulary
from tests.tiny import CAPTIONS


@pytest.mark.parametrize("family", ["bert", "clip"])
def test_words_are_replaced_by_whole_words_of_which_no_token_is_trained(
    text_encoders: dict[str, Path], family: str
) -> None:
    encoder = open_text_encoder(str(text_encoders[family]))
    vocabulary = Vocabulary.from_captions(CAPTIONS)
    tokens = encoder.tokenise(list(CAPTIONS))
    trained = set(tokens.input_ids[tokens.attention_mask.bool()].tolist())
    words = untrained_words(encoder.tokenizer, trained)
    assert not trained & set(words.tolist())
    for token in words[:20].tolist():
        assert encoder.tokenizer.decode([token]).strip().isalpha()
    lemmas = [[word.lemma for word in note.words] for note in vocabulary.annotate(CAPTIONS)]
    randoms = [np.random.default_rng(place) for place in range(len(CAPTIONS))]
    batch = Company(words, vocabulary).replaced(tokens, lemmas, randoms)
    ids, own = batch["held_ids"], tokens.input_ids[::SHARE]
    assert ids.shape == (len(own), 2, own.shape[1])
    function = {"a", "the", "and", "then", "their", "person's"}
    for held, row in enumerate(range(0, len(CAPTIONS), SHARE)):
        places = {
            place
            for (lemma, span) in zip(lemmas[row], tokens.words[row], strict=True)
            for place in span
            if lemma not in function
        }
        changed = set((ids[held] != own[held]).any(0).nonzero()[:, 0].tolist())
        assert changed
        assert changed <= places
        assert set(ids[held][:, sorted(changed)].flatten().tolist()) <= set(words.tolist())
        if batch["held_whole"][held]:
            assert changed == places


def test_a_tokenizer_all_of_whose_words_are_trained_is_refused(text_encoders: dict[str, Path]) -> None:
    tokenizer = open_text_encoder(str(text_encoders["bert"])).tokenizer
    with pytest.raises(MateError, match="hold_weight"):
        untrained_words(tokenizer, range(len(tokenizer)))


def unit(vector: list[float]) -> list[float]:
    length = sum(value * value for value in vector) ** 0.5
    return [value / length for value in vector]


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 6))
def test_the_distance_is_that_of_a_loop(seed: int, pairs: int, width: int) -> None:
    torch.manual_seed(seed)
    tuned, stock = torch.randn(2, pairs, 2, width, dtype=torch.float64)
    whole = torch.rand(pairs) < 0.5
    relation, moved = [], []
    for a, b, said in zip(tuned.tolist(), stock.tolist(), whole.tolist(), strict=True):
        (a0, a1), (b0, b1) = map(unit, a), map(unit, b)
        before = [x - y for x, y in zip(b0, b1, strict=True)]
        change = [x - y - z for x, y, z in zip(a0, a1, before, strict=True)]
        relation.append(sum(x * x for x in change) / sum(x * x for x in before))
        if said:
            moved.append(
                sum(1 - sum(x * y for x, y in zip(p, q, strict=True)) for p, q in ((a0, b0), (a1, b1))) / 2
            )
    expected = sum(relation) / pairs + (sum(moved) / len(moved) if moved else 0)
    assert float(held_distance(tuned, stock, whole)) == pytest.approx(expected, rel=1e-6)
    assert float(held_distance(stock, stock, whole)) == pytest.approx(0, abs=1e-12)
