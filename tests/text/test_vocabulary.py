"""The vocabulary: one prototype for every form of a word, stable ids, a file that says what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.vocabulary import CaptionWords, Vocabulary, Word

CAPTIONS = [
    "A person walks left.",
    "a man is walking to the left, then walked back",
    "a person turns counter-clockwise",
    "a person turns counter clockwise and jogs",
    "a person walks left",
]


class LowerCase:
    """A lemmatiser that knows nothing: each word is its own lemma."""

    def lemmas(self, captions: Iterable[str]) -> Iterator[list[str]]:
        for caption in captions:
            yield [surface_form(text) for text, _, _ in find_words(caption)]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.from_captions(CAPTIONS)


def test_forms_of_a_word_share_one_prototype(vocabulary: Vocabulary) -> None:
    walk = vocabulary.prototype_id("walk")
    (caption,) = vocabulary.annotate("Walks, walking and WALKED")
    assert [word.prototype_id for word in caption.words if word.text != "and"] == [walk] * 3
    assert vocabulary.forms["walk"] == ("walks", "walked", "walking")
    assert vocabulary.counts[walk] == 4
    assert len(vocabulary) == len(vocabulary.lemmas) == len(vocabulary.counts)


def test_ids_go_by_frequency_then_alphabet(vocabulary: Vocabulary) -> None:
    expected = sorted(
        zip(vocabulary.counts, vocabulary.lemmas, strict=True), key=lambda pair: (-pair[0], pair[1])
    )
    assert [lemma for _, lemma in expected] == list(vocabulary.lemmas)
    assert vocabulary.lemmas[0] == "a"
    assert [vocabulary.prototype_id(lemma) for lemma in vocabulary.lemmas] == list(range(len(vocabulary)))


def test_the_order_of_captions_changes_nothing(vocabulary: Vocabulary) -> None:
    assert Vocabulary.from_captions(reversed(CAPTIONS)) == vocabulary


def test_annotation_says_text_place_lemma_prototype_and_content(vocabulary: Vocabulary) -> None:
    assert vocabulary.annotate(["The man somersaults.", ""]) == [
        CaptionWords(
            "The man somersaults.",
            [
                Word("The", 0, 3, "the", vocabulary.prototype_id("the"), content=False),
                Word("man", 4, 7, "man", vocabulary.prototype_id("man"), content=True),
                Word("somersaults", 8, 19, "somersaults", None, content=False),
            ],
        ),
        CaptionWords("", []),
    ]


def test_forms_never_seen_still_find_the_lemma_they_spell(vocabulary: Vocabulary) -> None:
    (caption,) = vocabulary.annotate("the man's turn, jog Counter-Clock wise backwards")
    lemmas = [word.lemma for word in caption.words]
    assert lemmas == ["the", "man", "turn", "jog", "counterclockwise", "backward"]
    assert caption.words[1].prototype_id == vocabulary.prototype_id("man")
    assert caption.words[4].prototype_id == vocabulary.prototype_id("counterclockwise")
    assert caption.words[5].prototype_id is None


def test_directions_are_content_and_grammar_is_not(vocabulary: Vocabulary) -> None:
    assert {"left", "counterclockwise", "walk", "back", "jog", "turn"} <= vocabulary.content
    counted = Vocabulary.from_captions(["one arm up, both arms over it, again"])
    assert counted.content == {"one", "arm", "up", "both", "over", "again"}
    assert not vocabulary.content & {"a", "be", "to", "the", "then", "and"}


def test_rare_lemmas_get_no_prototype_below_min_count() -> None:
    vocabulary = Vocabulary.from_captions(CAPTIONS, min_count=2)
    assert vocabulary.prototype_id("jog") is None
    assert min(vocabulary.counts) == 2
    (caption,) = vocabulary.annotate("jogs left")
    assert [word.prototype_id for word in caption.words] == [None, vocabulary.prototype_id("left")]


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(["left", "jogs", "up"]), max_size=5), min_size=1, max_size=6))
def test_counts_are_the_words_of_all_captions(captions: list[list[str]]) -> None:
    expected = Counter(word for caption in captions for word in caption)
    texts = [", ".join(caption) for caption in captions]
    if not expected:
        with pytest.raises(MateError, match="no word in"):
            Vocabulary.from_captions(texts, lemmatizer=LowerCase())  # type: ignore[arg-type]
        return
    vocabulary = Vocabulary.from_captions(texts, lemmatizer=LowerCase())  # type: ignore[arg-type]
    assert dict(zip(vocabulary.lemmas, vocabulary.counts, strict=True)) == expected
    annotated = Counter(word.lemma for caption in vocabulary.annotate(texts) for word in caption.words)
    assert annotated == expected


@pytest.mark.parametrize("captions", [[], [""], ["...", " - "]])
def test_captions_without_words_are_refused(captions: list[str]) -> None:
    with pytest.raises(MateError, match=rf"no word in {len(captions)} captions"):
        Vocabulary.from_captions(captions)


def test_a_caption_that_is_not_text_is_named() -> None:
    with pytest.raises(MateError, match="caption 1 is None; expected text"):
        Vocabulary.from_captions(["walks", None])  # type: ignore[list-item]


def test_min_count_above_every_count_is_refused() -> None:
    with pytest.raises(MateError, match="Lower min_count"):
        Vocabulary.from_captions(["walks"], min_count=2)


def test_a_saved_vocabulary_comes_back_whole(vocabulary: Vocabulary, tmp_path: Path) -> None:
    vocabulary.save(tmp_path / "vocabulary.json")
    loaded = Vocabulary.load(tmp_path / "vocabulary.json")
    assert loaded == vocabulary
    assert loaded.annotate(CAPTIONS) == vocabulary.annotate(CAPTIONS)
    assert loaded.word_to_lemma == vocabulary.word_to_lemma


def change(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.update({key: value})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (change("version", 7), r"version 7; this mate-hf reads version 1"),
        (lambda content: content.pop("version"), r"no vocabulary"),
        (change("lemmas", []), r"field 'lemmas' is \[\]"),
        (lambda content: content["lemmas"][3].pop("forms"), r"lemma 3 has no field 'forms'"),
        (
            lambda content: content["lemmas"][2].update(count="4"),
            r"lemma 2: field 'count' is '4'; expected int",
        ),
        (lambda content: content["lemmas"].append(7), r"is 7; expected an object"),
        (lambda content: content["lemmas"].append(content["lemmas"][0]), r"lemma 'a' comes twice"),
        (lambda content: content["lemmas"][1]["forms"].append("a"), r"form 'a' comes twice"),
        (lambda content: content["lemmas"][1]["forms"].append(5), r"form 5 is not text"),
    ],
)
def test_a_damaged_file_is_refused_by_name(
    vocabulary: Vocabulary, tmp_path: Path, damage: Callable[[dict[str, Any]], Any], message: str
) -> None:
    path = tmp_path / "vocabulary.json"
    vocabulary.save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    damage(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(MateError, match=message) as refusal:
        Vocabulary.load(path)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b""])
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_bytes(content)
    with pytest.raises(MateError, match="is not JSON"):
        Vocabulary.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="cannot read the vocabulary"):
        Vocabulary.load(tmp_path / "none.json")


@pytest.mark.real
def test_kit_gives_about_as_many_prototypes_as_the_paper(shared_data: Path) -> None:
    lines = (shared_data / "captions" / "kit.tsv").read_text(encoding="utf-8").splitlines()
    vocabulary = Vocabulary.from_captions(line.split("\t", 1)[1] for line in lines)
    assert 1_150 <= len(vocabulary) <= 1_250
    assert {"walk", "left", "right", "forward", "clockwise", "counterclockwise"} <= set(
        vocabulary.lemmas[:300]
    )
