"""Captions as the field's evaluator reads them, against lines that the field itself wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.guo_evaluator import Token, field_tokens, read_tokens
from mate_hf.guo_evaluator.tags import TAGS, tag_number


def test_nouns_and_verbs_become_lemmas_and_left_stays() -> None:
    [tokens] = field_tokens(["the man walks 3 steps to his left, counter-clockwise!"])
    assert [token.word for token in tokens] == [
        "the",
        "man",
        "walk",
        "step",
        "to",
        "his",
        "left",
        "counterclockwise",
    ]
    assert [token.tag for token in tokens[:6]] == ["DET", "NOUN", "VERB", "NOUN", "ADP", "DET"]


def test_written_tokens_are_read_back_and_a_word_without_tag_is_named() -> None:
    assert read_tokens("a/DET and/or/X") == [Token("a", "DET"), Token("and/or", "X")]
    with pytest.raises(MateError, match="'walk'; expected word/TAG"):
        read_tokens("a/DET walk")


def test_a_book_in_place_of_a_token_is_named_in_a_line() -> None:
    with pytest.raises(MateError, match=r"'a+\.\.\.a+'; expected word/TAG") as raised:
        read_tokens("a" * 100_000)
    assert len(str(raised.value)) < 200


def test_motion_words_have_kinds_of_their_own() -> None:
    assert len(TAGS) == 15
    assert [TAGS[tag_number(*token)] for token in (("left", "ADJ"), ("walk", "NOUN"), ("slowly", "ADV"))] == [
        "Loc_VIP",
        "Act_VIP",
        "Desc_VIP",
    ]
    assert TAGS[tag_number("with", "ADP")] == "ADP"
    assert TAGS[tag_number("as", "SCONJ")] == "OTHER"


@pytest.mark.real
def test_nearly_all_words_are_those_that_the_field_wrote(shared_data: Path) -> None:
    lines = [
        line.split("#")
        for file in sorted((shared_data / "cmu_humanml3d" / "texts").glob("*.txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    theirs = [read_tokens(line[1]) for line in lines]
    pairs = [
        pair
        for ours, written in zip(field_tokens([line[0] for line in lines]), theirs, strict=True)
        for pair in zip(ours, written, strict=True)
    ]
    assert sum(ours.word == written.word for ours, written in pairs) / len(pairs) > 0.99
    assert sum(ours.tag == written.tag for ours, written in pairs) / len(pairs) > 0.95
