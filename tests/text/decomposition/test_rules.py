"""Rule-based sub-texts: actions that follow each other part, everything else stays whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.text.decomposition import RuleDecomposer
from mate_hf.text.decomposition import rules as rules_module
from tests.text.decomposition.rule_cases import JOINTS, PARTED, SEQUENCES, WHOLE

WORDS = [
    *(
        "a",
        "the",
        "person",
        "man",
        "he",
        "left",
        "arm",
        "hands",
        "forward",
        "around",
        "in",
        "to",
        "with",
        "the",
    ),
    *("walks", "turns", "step", "steps", "sits", "stands", "jumping", "raised", "turn", "waves", "is", "has"),
    *("and", "then", ",", ".", ";", "before", "after", "while", "as", "if", "who", "that", "finally", "by"),
    *("followed", "but", "not", "them", "an", "than", "at", "same", "time", "followed", "slowly", "it", "'s"),
]


@pytest.fixture(scope="module")
def rules() -> RuleDecomposer:
    return RuleDecomposer()


def one(rules: RuleDecomposer, caption: str) -> list[str]:
    (sub_texts,) = rules.decompose([caption])
    return sub_texts


@pytest.mark.parametrize("joint", JOINTS)
def test_actions_in_a_row_part_at_every_connective(rules: RuleDecomposer, joint: str) -> None:
    sequences = [sequence.split(" | ") for sequence in SEQUENCES]
    assert list(rules.decompose([joint.join(actions) for actions in sequences])) == sequences


@pytest.mark.parametrize("caption", WHOLE)
def test_one_moment_stays_one_sub_text(rules: RuleDecomposer, caption: str) -> None:
    assert one(rules, caption) == [caption.strip()]


@pytest.mark.parametrize(("caption", "expected"), PARTED)
def test_captions_part_where_a_reader_parts_them(
    rules: RuleDecomposer, caption: str, expected: str | None
) -> None:
    assert one(rules, caption) == (expected.split(" | ") if expected else [caption.strip()])


def test_a_verb_is_recognised_in_an_answer_but_a_noun_is_none(rules: RuleDecomposer) -> None:
    assert rules.breach("a man takes two steps then jumps", ["a man takes two steps", "jumps"]) is None
    complaint = rules.breach("a man takes two steps and a turn", ["a man takes two steps", "a turn"])
    assert complaint == "sub-text 'a turn' holds no verb"
    assert rules.breach("he kicks right then left", ["he kicks right", "left"]) is not None


def broken(rules: RuleDecomposer, caption: str) -> str | None:
    return rules.breach(caption, one(rules, caption))


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=80))
def test_any_text_keeps_the_contract(rules: RuleDecomposer, caption: str) -> None:
    assert broken(rules, caption) is None


@settings(deadline=None, max_examples=250)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_jumble_of_motion_words_keeps_the_contract(rules: RuleDecomposer, words: list[str]) -> None:
    assert broken(rules, " ".join(words)) is None


def test_a_very_long_caption_keeps_the_contract(rules: RuleDecomposer) -> None:
    caption = "a man walks and turns, " * 500 + "then sits"
    sub_texts = one(rules, caption)
    assert len(sub_texts) > 500
    assert rules.breach(caption, sub_texts) is None


def test_sub_texts_are_cut_from_the_caption_letter_by_letter(rules: RuleDecomposer) -> None:
    caption = 'A Man WALKS  "slowly" (to: X), then Jumps—twice!'
    sub_texts = one(rules, caption)
    assert len(sub_texts) == 2
    assert all(sub_text in caption for sub_text in sub_texts)


def test_captions_are_read_as_they_are_asked_for(rules: RuleDecomposer) -> None:
    answers = rules.decompose(["a man walks then sits"] * 5000)
    assert isinstance(answers, Iterator)
    assert next(answers) == ["a man walks", "sits"]


@pytest.mark.usefixtures("quick_workers")
def test_workers_give_the_same_sub_texts_in_the_same_order(
    rules: RuleDecomposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_module, "_SHARE", 10)
    captions = [joint.join(row.split(" | ")) for row in SEQUENCES for joint in JOINTS] + WHOLE
    assert list(RuleDecomposer(workers=2).decompose(captions)) == list(rules.decompose(captions))


@pytest.mark.real
@pytest.mark.parametrize("name", ["humanml3d_train", "humanml3d_val", "kit"])
def test_real_captions_keep_the_contract(rules: RuleDecomposer, shared_data: Path, name: str) -> None:
    lines = (shared_data / "captions" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    captions = [line.split("\t", 1)[1] for line in random.Random(0).sample(lines, 400)]
    answers = list(rules.decompose(captions))
    breaches = [rules.breach(caption, answer) for caption, answer in zip(captions, answers, strict=True)]
    assert [complaint for complaint in breaches if complaint is not None] == []
    parted = sum(len(answer) > 1 for answer in answers) / len(answers)
    assert 0.1 < parted < 0.6
