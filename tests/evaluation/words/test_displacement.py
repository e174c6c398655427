"""Displacement by class, against loops over rows and numbers."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.evaluation.words.displacement import displacement, displacement_metrics, rows_of_words
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.vocabulary import Vocabulary
from tests.tiny import CAPTIONS


def length(row: list[float]) -> float:
    return math.sqrt(sum(value * value for value in row))


def residue(rows: list[list[float]], shift: list[float]) -> float:
    """What of the squared lengths is left when a shift is taken off, as a percentage explained."""
    left = sum(length([value - of for value, of in zip(row, shift, strict=True)]) ** 2 for row in rows)
    return 100 * (1 - left / sum(length(row) ** 2 for row in rows))


def average(rows: list[list[float]]) -> list[float]:
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 5))
def test_numbers_are_those_of_loops(seed: int, tokens: int, width: int) -> None:
    random = np.random.default_rng(seed)
    stock, tuned = random.normal(size=(2, tokens, width)) + 0.3
    kinds = random.choice(["function", "direction", "other"], tokens).tolist()
    rows = {row: kind for row, kind in enumerate(kinds) if row < tokens - 1}
    found = displacement(stock, tuned, rows, {row: f"row {row}" for row in rows})
    scale = median(length(row) for row in stock.tolist())
    assert found["scale"] == pytest.approx(scale)
    moved = {row: ((tuned[row] - stock[row]) / scale).tolist() for row in rows}
    shift = average(list(moved.values()))
    for name in ("all", *set(rows.values())):
        group = [moved[row] for row in rows if name in ("all", rows[row])]
        lengths = [length(row) for row in group]
        assert found["classes"][name] == pytest.approx(
            {
                "rows": len(group),
                "mean": sum(lengths) / len(lengths),
                "median": median(lengths),
                "largest": max(lengths),
                "common": residue(group, average(group)),
                "common of all": residue(group, shift),
            },
            rel=1e-6,
            abs=1e-6,
        )
    assert set(found["classes"]) == {"all", *rows.values()}
    longest = sorted(moved, key=lambda row: -length(moved[row]))[:10]
    assert [entry["row"] for entry in found["most"]] == [f"row {row}" for row in longest]
    if {"function", "direction"} <= set(rows.values()):
        means = [found["classes"][name]["mean"] for name in ("function", "direction")]
        assert found["function over direction"] == pytest.approx(means[0] / means[1])
    else:
        assert found["function over direction"] is None


def test_one_shift_of_all_rows_is_all_common_and_opposite_ones_are_none_of_it() -> None:
    stock = np.eye(4)
    rows: dict[int, str] = dict.fromkeys(range(4), "motion")
    names = dict.fromkeys(range(4), "")
    alike = displacement(stock, stock + np.array([1.0, 2.0, 0.0, 0.0]), rows, names)
    assert alike["classes"]["motion"]["common"] == pytest.approx(100)
    opposite = displacement(stock, stock + np.array([[1.0], [-1.0], [1.0], [-1.0]]), rows, names)
    assert opposite["classes"]["all"]["common"] == pytest.approx(0)


def test_rows_that_stayed_have_no_share_to_explain() -> None:
    found = displacement(np.eye(2), np.eye(2), {0: "function", 1: "direction"}, {0: "a", 1: "left"})
    assert found["classes"]["all"] == {
        **{"rows": 2, "mean": 0.0, "median": 0.0, "largest": 0.0},
        **{"common": None, "common of all": None},
    }
    assert found["function over direction"] is None
    assert displacement(np.eye(2), np.eye(2), {}, {}) == {}


@pytest.mark.parametrize("family", ["bert", "clip"])
def test_rows_are_those_of_the_corpus_words_and_what_else_moved(
    family: str, text_encoders: dict[str, Path]
) -> None:
    before, after = (open_text_encoder(str(text_encoders[family])) for _ in range(2))
    vocabulary = Vocabulary.from_captions(CAPTIONS)
    rows = moved_rows(after, ["left", "the", "zebra", ","])
    with torch.no_grad():
        after.model.get_input_embeddings().weight[list(rows.values())] += 1
        special: int = after.tokenizer.all_special_ids[0]
        after.model.get_input_embeddings().weight[special] += 1
    found = displacement_metrics(before, after, vocabulary)
    classes: dict[str, Any] = found["classes"]
    assert classes["marks"]["rows"] == 2
    moved = {entry["row"]: entry["class"] for entry in found["most"] if entry["displacement"] > 0}
    tokens = {word: after.tokenizer.convert_ids_to_tokens(row) for word, row in rows.items()}
    assert [moved[tokens[word]] for word in ("left", "the", "zebra", ",")] == [
        *("direction", "function", "other", "marks")
    ]
    assert len(moved) == 5
    assert classes["direction"]["rows"] >= 4
    assert classes["motion"]["mean"] == 0


def moved_rows(encoder: TextEncoder, words: list[str]) -> dict[str, int]:
    return {word: encoder.tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in words}


def test_a_row_of_several_words_has_the_class_of_the_most_frequent(text_encoders: dict[str, Path]) -> None:
    tokenizer = open_text_encoder(str(text_encoders["bert"])).tokenizer
    piece = tokenizer("zzleft", add_special_tokens=False)["input_ids"][0]
    forms = {"zzkick": ("zzkick", "zzkicking"), "zzthen": ("zzthen",)}
    for lemmas, expected in ((("zzkick", "zzthen"), "motion"), (("zzthen", "zzkick"), "other")):
        ordered = {lemma: forms[lemma] for lemma in lemmas}
        vocabulary = Vocabulary(lemmas, (2, 1), ordered, frozenset(lemmas))
        assert rows_of_words(tokenizer, vocabulary, [])[piece] == expected


def test_another_encoder_is_refused(text_encoders: dict[str, Path]) -> None:
    before, after = (open_text_encoder(str(text_encoders[name])) for name in ("clip", "bert"))
    with pytest.raises(MateError, match=r"49408 x 16 and \d+ x \d+.*--base"):
        displacement_metrics(before, after, Vocabulary.from_captions(CAPTIONS))
