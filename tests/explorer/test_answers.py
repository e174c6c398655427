"""Answers are HTML in which others' text is text; what cannot be answered is a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from mate_hf.explorer import fragments
from mate_hf.explorer.answers import (
    BEST,
    called,
    caption_answer,
    file_search,
    generation_answers,
    motion_search,
    sentence_search,
    swap_answer,
    word_answer,
)
from mate_hf.explorer.opening import Explored
from tests.data.walking_body import walking
from tests.read_pages import Read

HOSTILE = '<script>alert(1)</script> turns left "><img src=x onerror=alert(1)> ${1+1} {{this}}'


def test_a_caption_has_its_player_its_segments_and_its_words(explored: Explored) -> None:
    page = Read(caption_answer(explored, "a person walks forward and turns left", BEST))
    [frame] = page.of("iframe")
    assert frame["sandbox"] == "allow-scripts"
    assert "1. a person walks forward" in (frame["srcdoc"] or "")
    bars = [one for one in page.of("span") if one.get("class") == "mate-span"]
    assert len(bars) == 2
    shares = [float(re.findall(r"width:([\d.]+)%", bar["style"] or "")[0]) for bar in bars]
    assert sum(shares) == pytest.approx(100, abs=0.02)
    assert len([one for one in page.of("span") if one.get("class") == "mate-looks"]) == 7
    assert "rank 1 of 4 motions" in page.text


@pytest.mark.parametrize("answer", ["caption", "motions", "swap", "generate"])
def test_what_is_typed_is_text(explored: Explored, answer: str) -> None:
    shown = {
        "caption": lambda: caption_answer(explored, HOSTILE, BEST),
        "motions": lambda: sentence_search(explored, HOSTILE),
        "swap": lambda: swap_answer(explored, HOSTILE, "", BEST),
        "generate": lambda: [*generation_answers(explored, HOSTILE, 1, 0)][-1][1],
    }[answer]()
    page = Read(shown)
    assert page.of("iframe")
    assert page.of("script") == []
    assert page.of("img") == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_searches_list_and_play_what_they_found(explored: Explored) -> None:
    gallery = explored.gallery
    page = Read(sentence_search(explored, "a person turns left"))
    assert len(page.of("tr")) == 1 + len(gallery.clips)
    assert all(clip.name in page.text for clip in gallery.clips)
    back = Read(motion_search(explored, called(gallery, 1)))
    assert gallery.clips[1].captions[0] in back.text
    assert back.of("iframe")
    assert "yes" in back.text


def test_an_own_file_is_read_once_and_removed(explored: Explored, tmp_path: Path) -> None:
    file = tmp_path / "walk.npy"
    np.save(file, walking(60))
    assert Read(file_search(explored, str(file))).of("iframe")
    assert not file.exists()
    np.save(file, np.full((60, 22, 3), np.nan))
    page = Read(file_search(explored, str(file)))
    assert page.of("p")[0]["role"] == "alert"
    assert page.text.startswith("walk.npy: NaN or infinite numbers")
    assert str(tmp_path) not in page.text
    assert not file.exists()


def test_a_swap_shows_both_sides(explored: Explored) -> None:
    page = Read(swap_answer(explored, "a person turns left", "left", called(explored.gallery, 0)))
    for said in (
        "“left” becomes “right”",
        "a person turns right",
        "by the stock encoder",
        "by the tuned one",
    ):
        assert said in page.text
    assert "left → right" in page.text
    assert len([one for one in page.of("span") if one.get("class") == "mate-looks"]) == 8


def test_a_word_has_both_lists(explored: Explored) -> None:
    page = Read(word_answer(explored, "left"))
    assert "stock encoder" in page.text
    assert "Opposites of “left”" in page.text
    assert "is in no training caption" in Read(word_answer(explored, "zwirbelig")).text


def test_each_generator_answers_when_it_has_acted(explored: Explored) -> None:
    steps = list(generation_answers(explored, "a person turns left", 1, 3))
    assert [done for done, _ in steps] == [1, 2]
    page = Read(steps[-1][1])
    names = [link["download"] for link in page.of("a")]
    assert names == [
        f"{name}_a_person_turns_left_3.{ending}" for name in ("stock", "MATE") for ending in ("bvh", "glb")
    ]
    assert all((link["href"] or "").startswith("data:") for link in page.of("a"))


def test_what_one_tab_has_half_done_is_not_seen_in_another(explored: Explored) -> None:
    """And who goes away in the middle leaves nothing behind."""
    half = generation_answers(explored, "a person jumps", 1, 3)
    first = Read(next(half)[1])
    gone = generation_answers(explored, "a person bows", 1, 3)
    next(gone)
    gone.close()  # type: ignore[attr-defined]
    other = Read([*generation_answers(explored, "a person sits", 1, 3)][-1][1])
    [(done, last)] = half
    whole = Read(last)
    assert done == 2
    for page, prompt, count in ((first, "jumps", 2), (other, "sits", 4), (whole, "jumps", 4)):
        names = [link["download"] or "" for link in page.of("a")]
        assert len(names) == count
        assert all(f"a_person_{prompt}_3" in name for name in names)


def test_what_cannot_be_answered_is_a_sentence(explored: Explored) -> None:
    for shown, said in (
        (caption_answer(explored, "", BEST), "empty"),
        (caption_answer(explored, "a person walks", "nobody"), 'no motion "nobody"'),
        (caption_answer(explored, "x" * 600, None), "600 characters"),
        (sentence_search(explored, " "), "empty"),
        (motion_search(explored, None), "No motion is chosen"),
        (file_search(explored, None), "No file came"),
        (swap_answer(explored, "a person sits", "", BEST), "has an antonym"),
        (swap_answer(explored, "a person turns left", "turns", BEST), "has no antonym here"),
        (word_answer(explored, ""), "No word is typed"),
        (next(iter(generation_answers(explored, "", 2, 0)))[1], "empty"),
        (next(iter(generation_answers(explored, "a person turns", 99, 0)))[1], "Seconds are 99"),
    ):
        page = Read(shown)
        assert page.of("p")[0]["role"] == "alert"
        assert said in page.text
        assert not page.of("iframe")


def test_a_bar_is_dark_where_the_word_looks() -> None:
    weights = np.full((4, 1), 0.0)
    weights[2] = 1.0
    shown = fragments.looks(["left"], weights, [0], 20)
    assert [float(alpha) for alpha in re.findall(r"rgba\([\d,]+,([\d.]+)\)", shown)] == [0, 0, 1, 0]
    assert "most at 0.1 s" in shown


def test_how_much_attention_went_elsewhere() -> None:
    before, after = np.array([[0.5, 1.0], [0.5, 0.0]]), np.array([[0.5, 0.25], [0.5, 0.75]])
    page = Read(fragments.changes([("turns", "turns"), ("left", "right")], before, after))
    assert re.findall(r"(\d+) % elsewhere", page.text) == ["0", "75"]
    assert [one["class"] for one in page.of("div")[1:]] == ["mate-row", "mate-row mate-changed"]
