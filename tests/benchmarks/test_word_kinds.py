"""Words by how the tokenizer and the captions have them."""

from __future__ import annotations

from benchmarks.word_kinds import kinds_of
from mate_hf.text.vocabulary import Vocabulary


def pieces(word: str) -> list[str]:
    return ["side", "##steps"] if word == "sidesteps" else [word]


def test_a_lemma_is_split_where_one_of_its_forms_is_and_function_words_are_no_kind() -> None:
    captions = ["a man sidesteps", "a man can sidestep", "a man walks", "the man walks", "a man walks"]
    kinds = kinds_of(Vocabulary.from_captions(captions), pieces, rare=3)
    assert {kind: sorted(lemmas) for kind, lemmas in kinds.items()} == {
        "of one sub-token": ["man", "walk"],
        "of several": ["sidestep"],
        "said 3 times and more": ["man", "walk"],
        "said less often": ["sidestep"],
    }
