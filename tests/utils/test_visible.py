"""A terminal obeys nothing that a stranger wrote."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mate_hf.utils.visible import encodable, one_line, visible


def test_control_characters_are_seen_in_caret_form() -> None:
    assert visible("\x1b]0;title\x07\x1b[2J") == "^[]0;title^G^[[2J"
    assert visible("over\rwritten\x08\x7f\x00") == "over^Mwritten^H^?^@"
    assert visible("\x9b31m") == "\\x9b31m"
    assert visible("a\u202egnp.exe\u2028b\ud800") == "a\\u202egnp.exe\\u2028b\\ud800"


def test_text_stays_as_it_is() -> None:
    text = "a person turns left\n\ttwice: 100 % ± 0.5 … é 漢字 👩‍🚀 [bold]x[/bold]"
    assert visible(text) == text
    assert one_line("a\nb\tc") == "a^Jb^Ic"


@given(st.text())
def test_nothing_that_is_obeyed_is_left(text: str) -> None:
    shown = visible(text)
    for character in shown:
        kind = unicodedata.category(character)
        assert kind not in ("Cc", "Cs", "Zl", "Zp") or character in "\n\t"
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )
    assert visible(shown) == shown
    assert "\n" not in one_line(text)


@given(st.text())
def test_every_encoding_can_say_it(text: str) -> None:
    for encoding in ("ascii", "latin-1", "cp1252", "utf-8"):
        encodable(visible(text), encoding).encode(encoding)


def test_our_own_signs_are_spelled_for_ascii() -> None:
    assert encodable("55.4 ± 2.3 → 66.7 – é", "ascii") == "55.4 +- 2.3 -> 66.7 - \\xe9"
    assert encodable("55.4 ± 2.3", "utf-8") == "55.4 ± 2.3"
