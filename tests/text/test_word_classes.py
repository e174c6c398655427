"""Classes of words are those that a reader of a motion caption would name."""

from __future__ import annotations

import pytest

from mate_hf.text import word_classes
from mate_hf.text.function_words import FUNCTION_LEMMAS
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.text.word_classes import CLASSES, class_of, classes_of
from tests.tiny import CAPTIONS


@pytest.mark.parametrize(
    ("lemma", "expected"),
    [
        *[("the", "function"), ("after", "function"), ("finally", "function"), ("be", "function")],
        *[("left", "direction"), ("up", "direction"), ("counterclockwise", "direction"), ("twice", "count")],
        *[("180", "count"), ("slowly", "speed"), ("pace", "speed"), ("kick", "motion"), ("lower", "motion")],
        *[("take", "other"), ("arm", "other"), ("person", "other")],
    ],
)
def test_each_kind_of_word_has_its_class(lemma: str, expected: str) -> None:
    assert class_of(lemma) == expected


def test_verbs_that_no_list_names_are_known_by_their_form() -> None:
    assert class_of("cartwheel", ("cartwheels", "cartwheeling")) == "motion"
    assert class_of("cartwheel", ("cartwheels",)) == "other"
    assert class_of("ceiling", ("ceiling",)) == "other"
    assert class_of("take", ("taking", "takes")) == "other"


def test_no_word_stands_in_two_lists() -> None:
    lists = [word_classes.DIRECTION, word_classes.COUNT, word_classes.SPEED, word_classes.MOTION]
    lists += [word_classes.LIGHT_VERBS, FUNCTION_LEMMAS | word_classes.CONNECTIVES]
    assert sum(map(len, lists)) == len(frozenset.union(*lists))


def test_every_spelling_of_a_corpus_has_one() -> None:
    vocabulary = Vocabulary.from_captions(CAPTIONS)
    found = classes_of(vocabulary)
    assert found.keys() == vocabulary.word_to_lemma.keys()
    assert set(found.values()) <= set(CLASSES)
    assert (found["walking"], found["walks"]) == ("motion", "motion")
    assert (found["left"], found["arms"], found["both"]) == ("direction", "other", "count")
