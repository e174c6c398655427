"""Are captions and their truth what they promise to be?"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.data.synthetic import Action, Scenario, Segment, draw_timeline, tell
from mate_hf.data.synthetic.casting import draw_pair
from mate_hf.data.synthetic.inflection import inflected


def told(seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    timeline = draw_timeline(draw_pair(rng)[0], rng)
    return timeline, tell(timeline, rng)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_sub_texts_use_the_words_of_the_caption_once_and_each_has_its_verb(seed: int) -> None:
    timeline, caption = told(seed)
    words = caption.text.replace(",", "").replace(".", "").split()
    assert [word.text for word in caption.words] == words
    used = Counter(word for sub_text in caption.sub_texts for word in sub_text.split())
    assert not used - Counter(words)
    left_over = Counter(words) - used
    assert set(left_over) <= {"then", "and", "before", "after", "finally"}
    verbs = {word.text for word in caption.words if word.tag == "VERB"}
    assert len(caption.sub_texts) == len(timeline)
    assert all(verbs & set(sub_text.split()) for sub_text in caption.sub_texts)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_segments_partition_the_motion_and_words_lie_in_their_own(seed: int) -> None:
    timeline, caption = told(seed)
    frames = timeline[-1][0].end
    bounds = [0, *(end for _, end in caption.segments)]
    assert [start for start, _ in caption.segments] == bounds[:-1]
    assert bounds[-1] == frames
    assert 40 <= frames <= 196
    assert len(caption.segments) == 1 or min(np.diff(bounds)) >= 20
    for word in caption.words:
        assert 0 <= word.start < word.end <= frames
        whole = (word.start, word.end) == (0, frames)
        assert whole or any(s <= word.start and word.end <= e for s, e in caption.segments)
    for sub_text, (start, end) in zip(caption.sub_texts, caption.segments, strict=True):
        verbs = [w for w in caption.words if w.tag == "VERB" and w.text in sub_text.split()]
        assert any(start <= w.start and w.end <= end for w in verbs)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_captions_have_the_shape_of_english_sentences(seed: int) -> None:
    _, caption = told(seed)
    assert re.fullmatch(r"[a-z0-9]+(?:[,.]? [a-z0-9]+)*\.?", caption.text)
    assert not re.search(r"\ba [aeiou]|\bthey (is|walks|jumps)\b|\b(he|she|it) are\b", caption.text)
    assert not re.search(r"\b(\w+) \1\b", caption.text)


def sequence(*kinds: Action) -> Any:
    rng = np.random.default_rng(0)
    return draw_timeline(Scenario(tuple(Segment(kind) for kind in kinds)), rng), rng


def test_sub_texts_follow_the_motion_where_the_text_does_not() -> None:
    timeline, rng = sequence(Action("jump"), Action("bow"))
    inverted = 0
    for _ in range(300):
        caption = tell(timeline, rng)
        jump = re.search(r"jump|leap", caption.text)
        bow = re.search(r"bow|ben[dt]", caption.text)
        assert jump
        assert bow
        assert re.search(r"jump|leap", caption.sub_texts[0])
        assert re.search(r"bow|ben[dt]", caption.sub_texts[1])
        inverted += bow.start() < jump.start()
        if " after " in caption.text or caption.text.startswith("before"):
            assert bow.start() < jump.start()
        elif " before " in caption.text or caption.text.startswith("after"):
            assert jump.start() < bow.start()
    assert inverted > 30


def test_two_actions_at_once_stay_in_one_sub_text_with_frames_of_their_own() -> None:
    rng = np.random.default_rng(1)
    walk, punch = Action("walk", direction="forward"), Action("punch", side="left", count=2)
    timeline = draw_timeline(Scenario((Segment(walk, punch),)), rng)
    (main, on_top) = timeline[0]
    assert main.start < on_top.start < on_top.end < main.end
    for _ in range(100):
        caption = tell(timeline, rng)
        assert len(caption.sub_texts) == 1
        assert {"while", "as", "and"} & set(caption.sub_texts[0].split())
        for word in caption.words:
            if word.lemma in ("punch", "twice", "left"):
                assert (word.start, word.end) == (on_top.start, on_top.end)
            if word.lemma in ("walk", "stroll", "person"):
                assert (word.start, word.end) == (main.start, main.end)


@pytest.mark.parametrize(
    ("action", "never"),
    [
        (Action("kick", side="left", count=3), r"right|twice|once|two|couple|\bone\b|slow|quick"),
        (Action("punch", side="right", count=2), r"left|once|three|thrice|several|\bone\b|slow|quick"),
        (Action("wave", side="right", speed="slowly"), r"left|both|quick|rapid|fast"),
        (Action("run", direction="clockwise", speed="quickly"), r"counter|slow|left|jog|walk|forward"),
        (Action("walk", direction="backward"), r"forward|ahead|slow|quick|fast|run|jog"),
        (Action("climb", direction="down"), r"\bup\b|upstairs"),
        (Action("raise", side="both"), r"left|right|lower|down"),
    ],
    ids=lambda value: value.kind if isinstance(value, Action) else "",
)
def test_captions_never_say_what_is_not_done(action: Action, never: str) -> None:
    timeline, rng = sequence(action)
    texts = {tell(timeline, rng).text for _ in range(300)}
    assert len(texts) > 20
    assert not [text for text in texts if re.search(never, text)]


def test_verbs_are_inflected_as_english_has_it() -> None:
    forms = {
        "jog": "jogs jogging jogged", "wave": "waves waving waved", "punch": "punches punching punched",
        "sit": "sits sitting sat", "hop": "hops hopping hopped", "raise": "raises raising raised",
        "step": "steps stepping stepped", "bow": "bows bowing bowed", "dash": "dashes dashing dashed",
        "crouch": "crouches crouching crouched", "put": "puts putting put", "perform": "performs performing performed",
    }  # fmt: skip
    for verb, expected in forms.items():
        assert " ".join(inflected(verb, form) for form in ("s", "ing", "past")) == expected
