"""Reading a pickle as data: what it would look up, call or build is written down, and nothing of it is done."""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import mistaken
from mate_hf.utils.json_files import read_limited
from mate_hf.utils.reasons import reason

LARGEST = 2**28
"""Bytes of a file; the field's word lists take a thousandth of it."""


@dataclass(frozen=True)
class Named:
    """A class or function that a pickle names."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Made:
    """What a pickle would get by calling `maker`, and `state`, what it would then set on that."""

    maker: Any
    arguments: Any
    state: Any = None


@dataclass(frozen=True)
class Kept:
    """What lies outside of the pickle under this name, as storages of tensors do."""

    name: Any


def read_plain_pickle(file: str | Path) -> Any:
    """A pickle of lists, dictionaries, strings and numbers.

    Raises:
        MateError: no such file, damaged, or it holds objects of any class.
    """
    file = Path(file)
    if not file.is_file():
        raise MateError(f"{file}: not found.")
    if what := mistaken(file):
        raise MateError(f"{file}: not a pickle of plain values: it {what}")
    content = read_limited(file, LARGEST, "Expected a pickle of plain values.")
    return unpickled(content, str(file), plain=True)


def unpickled(content: bytes, where: str, plain: bool = False) -> Any:
    """The value of a pickle, with `Named`, `Made` and `Kept` where it is not plain.

    Args:
        where: what the pickle is, the first words of every error.
        plain: refuse it where it is not.

    Raises:
        MateError: damaged, or not plain.
    """
    try:
        return _Reading(plain).of(content)
    # Whatever a damaged one meets first: a stack too short, a key that cannot be one, text that is none.
    except Exception as error:
        raise MateError(f"{where}: not a pickle of plain values ({reason(error)}).") from error


_MARK = object()


@dataclass
class _Reading:
    """The stack and the memory of a pickle in reading."""

    plain: bool
    stack: list[Any] = field(default_factory=list)
    memory: dict[int, Any] = field(default_factory=dict)

    def of(self, content: bytes) -> Any:
        for operation, argument, _ in pickletools.genops(content):
            if operation.name == "STOP":
                return self.stack.pop()
            if operation.name in _VALUES:
                self.stack.append(argument)
            elif operation.name in _WORK:
                _WORK[operation.name](self, argument)
            else:
                raise ValueError(f"operation {operation.name}")

    def marked(self) -> list[Any]:
        """Takes off what lies above the last mark, and the mark."""
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise ValueError("no mark")
        parts = self.stack[place + 1 :]
        del self.stack[place:]
        return parts

    def last(self, count: int) -> tuple[Any, ...]:
        """Takes off the last values."""
        if len(self.stack) < count:
            raise ValueError("nothing there")
        parts = tuple(self.stack[-count:])
        del self.stack[-count:]
        return parts

    def beyond_plain(self, what: Any) -> None:
        if self.plain:
            raise ValueError(f"it names {what}, and only plain values are opened")

    def name(self, module: Any, name: Any) -> None:
        self.beyond_plain(f"{module}.{name}")
        self.stack.append(Named(str(module), str(name)))

    def keep(self, name: Any) -> None:
        self.beyond_plain("what lies elsewhere")
        self.stack.append(Kept(name))

    def make(self) -> None:
        maker, arguments = self.last(2)
        self.beyond_plain(maker)
        self.stack.append(Made(maker, arguments))

    def build(self) -> None:
        made, state = self.last(2)
        if not isinstance(made, Made):
            raise ValueError("a state for a plain value")
        made.state = state
        self.stack.append(made)

    def extend(self, parts: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise ValueError("entries of no list")
        self.stack[-1].extend(parts)

    def set_items(self, parts: list[Any]) -> None:
        if not isinstance(self.stack[-1], dict):
            raise ValueError("items of no dictionary")
        self.stack[-1].update(zip(parts[::2], parts[1::2], strict=True))

    def dictionary(self, parts: list[Any]) -> None:
        self.stack.append({})
        self.set_items(parts)

    def add(self, parts: list[Any]) -> None:
        if not isinstance(self.stack[-1], set):
            raise ValueError("members of no set")
        self.stack[-1].update(parts)

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def put(self, place: int) -> None:
        self.memory[place] = self.stack[-1]


_VALUES = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
    ]
)
"""Operations whose argument is the value."""

_WORK: dict[str, Callable[[_Reading, Any], object]] = {
    "PROTO": lambda reading, version: None,
    "FRAME": lambda reading, length: None,
    "MARK": lambda reading, _: reading.push(_MARK),
    "POP": lambda reading, _: reading.last(1),
    "POP_MARK": lambda reading, _: reading.marked(),
    "DUP": lambda reading, _: reading.push(reading.stack[-1]),
    "NONE": lambda reading, _: reading.push(None),
    "NEWTRUE": lambda reading, _: reading.push(True),
    "NEWFALSE": lambda reading, _: reading.push(False),
    "EMPTY_LIST": lambda reading, _: reading.push([]),
    "EMPTY_TUPLE": lambda reading, _: reading.push(()),
    "EMPTY_DICT": lambda reading, _: reading.push({}),
    "EMPTY_SET": lambda reading, _: reading.push(set()),
    "LIST": lambda reading, _: reading.push(reading.marked()),
    "TUPLE": lambda reading, _: reading.push(tuple(reading.marked())),
    "TUPLE1": lambda reading, _: reading.push(reading.last(1)),
    "TUPLE2": lambda reading, _: reading.push(reading.last(2)),
    "TUPLE3": lambda reading, _: reading.push(reading.last(3)),
    "FROZENSET": lambda reading, _: reading.push(frozenset(reading.marked())),
    "DICT": lambda reading, _: reading.dictionary(reading.marked()),
    "APPEND": lambda reading, _: reading.extend(list(reading.last(1))),
    "APPENDS": lambda reading, _: reading.extend(reading.marked()),
    "SETITEM": lambda reading, _: reading.set_items(list(reading.last(2))),
    "SETITEMS": lambda reading, _: reading.set_items(reading.marked()),
    "ADDITEMS": lambda reading, _: reading.add(reading.marked()),
    "PUT": lambda reading, place: reading.put(place),
    "BINPUT": lambda reading, place: reading.put(place),
    "LONG_BINPUT": lambda reading, place: reading.put(place),
    "MEMOIZE": lambda reading, _: reading.put(len(reading.memory)),
    "GET": lambda reading, place: reading.push(reading.memory[place]),
    "BINGET": lambda reading, place: reading.push(reading.memory[place]),
    "LONG_BINGET": lambda reading, place: reading.push(reading.memory[place]),
    "GLOBAL": lambda reading, names: reading.name(*names.split(" ", 1)),
    "STACK_GLOBAL": lambda reading, _: reading.name(*reading.last(2)),
    "REDUCE": lambda reading, _: reading.make(),
    "NEWOBJ": lambda reading, _: reading.make(),
    "BUILD": lambda reading, _: reading.build(),
    "BINPERSID": lambda reading, _: reading.keep(*reading.last(1)),
}
