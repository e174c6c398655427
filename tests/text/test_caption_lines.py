"""A line of HumanML3D: its caption whole, whatever it holds."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.text.caption_lines import Annotation, caption_and_tags, is_annotation, parse_annotation

WORDS = st.lists(
    st.sampled_from(["he", "walks", "#1", "and/or", "left", "2", "#", "kneels."]), min_size=1, max_size=8
)


@pytest.mark.parametrize(
    ("line", "caption", "tags"),
    [
        ("he walks#he/PRON walk/VERB#0.0#0.0", "he walks", "he/PRON walk/VERB"),
        (
            "does move #1 then kneels#a/DET person/NOUN#0.0#0.0",
            "does move #1 then kneels",
            "a/DET person/NOUN",
        ),
        ("kick #1#kick/VERB #/SYM 1/NUM#0.0#0.0", "kick #1", "kick/VERB #/SYM 1/NUM"),
        ("he walks##0.0#0.0", "he walks", ""),
        ("he walks #1##0.0#0.0", "he walks #1", ""),
        ("he walks#no tags here#0.0#0.0", "he walks", "no tags here"),
        (" he walks \t# he/PRON #nan#NaN\r", "he walks", "he/PRON"),
    ],
)
def test_a_line_gives_its_caption_and_its_tags(line: str, caption: str, tags: str) -> None:
    assert is_annotation(line)
    assert parse_annotation(line) == Annotation(caption, 0.0, 0.0, tags)
    assert caption_and_tags(line) == (caption, tags)


@pytest.mark.parametrize(
    ("line", "caption", "tags"),
    [
        ("he walks", "he walks", ""),
        ("does move #1 then kneels", "does move #1 then kneels", ""),
        ("he picks up the #", "he picks up the #", ""),
        ("he walks#he/PRON walk/VERB", "he walks", "he/PRON walk/VERB"),
        ("he walks#he/PRON walk/VERB#3#1", "he walks", "he/PRON walk/VERB"),
    ],
)
def test_a_bare_caption_keeps_its_signs(line: str, caption: str, tags: str) -> None:
    assert caption_and_tags(line) == (caption, tags)


@given(WORDS, st.integers(0, 9))
@pytest.mark.parametrize("signs", [True, False])
def test_whatever_words_it_has_a_tagged_caption_comes_back_whole(
    signs: bool, words: list[str], start: int
) -> None:
    # Taggers give signs a tag of their own, or none at all, as HumanML3D's.
    pieces = [piece for word in words for piece in re.findall(r"\w+|[^\w\s]" if signs else r"[a-z]+", word)]
    tags = " ".join(f"{piece}/X" for piece in pieces)
    found = parse_annotation(f"{' '.join(words)}#{tags}#{start}#{start + 1}")
    assert (found.caption, found.tags, found.start) == (" ".join(words), tags, start)


def test_a_book_in_place_of_a_time_is_named_in_a_line() -> None:
    with pytest.raises(MateError, match=r"a time of 'a+\.\.\.a+'; expected seconds") as raised:
        parse_annotation(f"he runs#he/PRON runs/VERB#{'a' * 100_000}#0.0")
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("line", ["#he/PRON#0.0#0.0", "", "   "])
def test_a_line_without_a_caption_is_refused(line: str) -> None:
    with pytest.raises(MateError, match="the caption is empty"):
        caption_and_tags(line)


@pytest.mark.parametrize("end", ["", "#he/PRON#0.0#0.0"])
def test_a_book_in_one_line_is_no_caption(end: str) -> None:
    assert caption_and_tags("x" * 5000 + end)[0] == "x" * 5000
    with pytest.raises(MateError, match="a caption of 5001 characters; expected at most 5000"):
        caption_and_tags("x" * 5001 + end)
    if end:
        with pytest.raises(MateError, match="5001 characters"):
            parse_annotation("x" * 5001 + end)


@pytest.mark.parametrize("line", ["a" + "#a/V" * 100_000 + "#0.0#0.0", "#" * 100_000, "a " + "# " * 100_000])
def test_a_line_of_signs_alone_is_refused_soon(line: str) -> None:
    started = time.perf_counter()
    for read in (parse_annotation, caption_and_tags):
        with pytest.raises(MateError, match=r"fields between|a time of"):
            read(line)
    assert time.perf_counter() - started < 1
