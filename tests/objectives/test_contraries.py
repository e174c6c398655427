"""Negatives that differ in a single word, of words that the corpus has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mate_hf.modeling.word_spans import find_words
from mate_hf.objectives.contraries import Contraries
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.opposites import contraries
from mate_hf.text.vocabulary import Vocabulary
from tests.tiny import CAPTIONS

TOLD = ["a person walks forward and turns left", "the person sits", "a person turns right"]


@pytest.fixture(scope="module")
def turning(text_encoders: dict[str, Path]) -> tuple[Contraries, TextEncoder]:
    encoder = open_text_encoder(str(text_encoders["bert"]))
    return Contraries(encoder.tokenizer, 77, Vocabulary.from_captions([*CAPTIONS, *TOLD])), encoder


def generators(count: int, seed: int) -> list[np.random.Generator]:
    return [np.random.default_rng([seed, place]) for place in range(count)]


def test_one_word_is_turned_into_one_of_its_contraries(turning: tuple[Contraries, TextEncoder]) -> None:
    contrary, encoder = turning
    for seed in range(10):
        batch = contrary.of(TOLD, [[0], [0], [0]], generators(3, seed))
        assert batch["turned"].tolist() == [True, False, True]
        told = encoder.tokenise(TOLD)
        texts = encoder.tokenizer.batch_decode(batch["turned_ids"], skip_special_tokens=True)
        own = encoder.tokenizer.batch_decode(told.input_ids, skip_special_tokens=True)
        assert texts[1] == own[1]
        for before, after in ((own[0], texts[0]), (own[2], texts[2])):
            unlike = [(a, b) for a, b in zip(before.split(), after.split(), strict=True) if a != b]
            assert len(unlike) == 1
            assert unlike[0][1] in contraries(unlike[0][0])


def test_drawn_words_come_with_their_contrary_or_nothing(turning: tuple[Contraries, TextEncoder]) -> None:
    contrary, encoder = turning
    places = [[text for text, _, _ in find_words(caption)].index for caption in TOLD]
    drawn = [[places[0]("left"), places[0]("person")], [0, 1], [places[2]("right"), 0]]
    batch = contrary.of(TOLD, drawn, generators(3, 0))
    said = [
        [encoder.tokenizer.decode(ids[mask]) for ids, mask in zip(tokens, masks, strict=True)]
        for tokens, masks in zip(batch["contrary_tokens"], batch["contrary_mask"], strict=True)
    ]
    assert said == [["right", ""], ["", ""], ["left", ""]]


def test_a_contrary_that_the_corpus_lacks_is_none(text_encoders: dict[str, Path]) -> None:
    encoder = open_text_encoder(str(text_encoders["bert"]))
    contrary = Contraries(encoder.tokenizer, 77, Vocabulary.from_captions(["a person turns left", "he sits"]))
    batch = contrary.of(["a person turns left"], [[3]], generators(1, 0))
    assert not batch["turned"].any()
    assert not batch["contrary_mask"].any()
