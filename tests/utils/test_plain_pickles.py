"""A pickle is read as data: plain values as Python reads them, and nothing that it names is looked up or called."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.utils.plain_pickles import Kept, Made, Named, read_plain_pickle, unpickled
from tests.refusals import refusal

KEYS = st.text() | st.integers() | st.binary() | st.tuples(st.booleans(), st.text())
VALUES = st.recursive(
    st.none() | st.floats(allow_nan=False) | KEYS,
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.dictionaries(KEYS, parts, max_size=4)
        | st.tuples(parts, parts, parts, parts)
    ),
    max_leaves=30,
)


@given(value=VALUES, protocol=st.sampled_from([3, 4, 5]))
def test_plain_values_are_what_pickle_says_they_are(value: Any, protocol: int) -> None:
    content = pickle.dumps(value, protocol)
    assert unpickled(content, "it", plain=True) == pickle.loads(content) == value


@given(words=st.lists(st.text()), protocol=st.integers(0, 5))
def test_lists_and_places_of_words_of_every_age_are_read(words: list[str], protocol: int) -> None:
    for value in (words, {word: place for place, word in enumerate(words)}):
        content = pickle.dumps(value, protocol)
        assert unpickled(content, "it", plain=True) == value


def test_python_2s_texts_are_read() -> None:
    # pickle.dumps(["walk", "sit"], 0) and 2 of Python 2.
    assert unpickled(b"(lp0\nS'walk'\np1\naS'sit'\np2\na.", "it", plain=True) == ["walk", "sit"]
    assert unpickled(b"\x80\x02]q\x00(U\x04walkq\x01U\x03sitq\x02e.", "it", plain=True) == ["walk", "sit"]


class Harmful:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return Path.touch, (self.folder / "harmed",)  # type: ignore[return-value]


@pytest.mark.parametrize("protocol", range(6))
def test_what_would_be_called_is_written_down_and_not_called(tmp_path: Path, protocol: int) -> None:
    content = pickle.dumps([Harmful(tmp_path)], protocol)
    if protocol >= 2:
        (found,) = unpickled(content, "it")
        assert isinstance(found, Made)
    with pytest.raises(MateError, match="only plain values are opened"):
        unpickled(content, "it", plain=True)
    assert not (tmp_path / "harmed").exists()


def test_objects_and_storages_stand_in_their_places() -> None:
    made = unpickled(pickle.dumps(OrderedDict(), 2), "it")
    assert (made.maker, made.arguments) == (Named("collections", "OrderedDict"), ())
    made = unpickled(pickle.dumps(1j), "it")
    assert (made.maker, made.arguments) == (Named("builtins", "complex"), (0.0, 1.0))


class _Storing(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        return ("storage", 7) if value is Ellipsis else None


def test_a_persistent_name_is_kept(tmp_path: Path) -> None:
    with (tmp_path / "a.pkl").open("wb") as file:
        _Storing(file, 2).dump({"a": ...})
    content = (tmp_path / "a.pkl").read_bytes()
    assert unpickled(content, "it") == {"a": Kept(("storage", 7))}
    with pytest.raises(MateError, match=r"a\.pkl: not a pickle of plain values"):
        read_plain_pickle(tmp_path / "a.pkl")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02",
        b".",
        b"}]K\x01s.",  # a key that cannot be one
        b"K\x01K\x02a.",  # an entry of a number
        b"(e.",
        b"t.",
        b"h\x05.",  # nothing is remembered there
        b"]b.",
        b"\x82\x01.",  # an extension
        b"K\x01}b.",  # a state for a number
        b"X\xff\xff\xff\x7fa.",  # a text of two gigabytes
    ],
)
def test_a_damaged_one_is_named_in_one_line(content: bytes) -> None:
    with pytest.raises(MateError, match=r"^it: not a pickle of plain values \(") as refused:
        unpickled(content, "it", plain=True)
    assert "\n" not in str(refused.value)


def test_a_large_number_of_a_place_takes_no_room() -> None:
    """Python's own reader would fill 32 GB with places that nobody uses."""
    assert unpickled(b"]r\xff\xff\xff\x7f.", "it", plain=True) == []


@given(content=st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: b"\x80\x04" + tail + b"."))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    said = refusal(lambda: unpickled(content, "it"))
    assert said is None or said.startswith("it: not a pickle")
