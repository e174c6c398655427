"""Reading JSON that somebody else wrote: bounded in size and depth, and of the kind that is expected."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import mistaken_bytes, no_plain_file

Kind = TypeVar("Kind")

LARGEST = 2**28
"""Bytes of a file; the vocabulary of the largest corpus takes a thousandth of it."""

LONGEST = 2**24
"""Bytes of a line, where each holds a value."""

DEEPEST = 64
"""Levels of lists and objects; what is written here has five."""

KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "integer",
    float: "a number with a point",
    bool: "true or false",
}


def read_json(path: str | Path, kind: type[Kind], remedy: str) -> Kind:
    """The one value of a UTF-8 file.

    Args:
        kind: `dict`, `list`, or `object` where it may be anything.
        remedy: what to do about a file that is damaged: the last sentence of every error.

    Raises:
        MateError: no such file, too large, not JSON, too deep, or another kind of value.
    """
    return parse_json(read_limited(path, LARGEST, remedy), str(path), kind, remedy)


def read_json_lines(path: str | Path, kind: type[Kind], remedy: str) -> Iterator[tuple[str, Kind]]:
    """The values of a UTF-8 file of one a line, each with the words "FILE, line N"; empty lines are passed over.

    Raises:
        MateError: see `read_json`; the line is named.
    """
    _require_file(Path(path), remedy)
    try:
        with Path(path).open("rb") as file:
            number = 0
            while line := file.readline(LONGEST + 1):
                number += 1
                where = f"{path}, line {number}"
                if len(line) > LONGEST:
                    raise MateError(f"{where}: longer than {LONGEST // 2**20} MB. {remedy}")
                if line.strip():
                    yield where, parse_json(line, where, kind, remedy)
    except OSError as error:
        raise MateError(f"{path} could not be read: {error.strerror}. {remedy}") from error


def parse_json(content: bytes | str, where: str, kind: type[Kind], remedy: str) -> Kind:
    """The one value of a text.

    Args:
        where: what the text is, the first words of every error.

    Raises:
        MateError: not UTF-8, not JSON, too deep, or another kind of value.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value = json.loads(text)
        _require_shallow(text, value)
        if "\\u" in text:
            # Half of a surrogate pair is no character: it could not be written again.
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise MateError(f"{where}: lists or objects more than {DEEPEST} deep. {remedy}") from None
    except ValueError as error:
        if isinstance(content, bytes) and content and (what := mistaken_bytes(content)):
            raise MateError(f"{where} {what}") from None
        raise MateError(f"{where} could not be read: it is not JSON ({error}). {remedy}") from error
    if not isinstance(value, kind):
        raise MateError(f"{where}: {brief(value)}; expected {KINDS[kind]}. {remedy}")
    return value


def require_fields(value: dict[str, Any], where: str, fields: Mapping[str, type], remedy: str) -> None:
    """Refuse an object without these fields, or with another kind of value in one.

    Raises:
        MateError: the first field that is missing or wrong.
    """
    for name, kind in fields.items():
        if name not in value:
            raise MateError(f"{where} has no field {name!r}. {remedy}")
        if type(value[name]) is not kind:
            raise MateError(
                f"{where}: field {name!r} is {brief(value[name])}; expected {KINDS[kind]}. {remedy}"
            )


def read_limited(path: str | Path, largest: int, remedy: str) -> bytes:
    """A file's content, unless it is larger than anything that belongs there.

    Raises:
        MateError: no such file, not a plain one, or too large.
    """
    path = Path(path)
    _require_file(path, remedy)
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise MateError(f"{path} could not be read: {error.strerror}. {remedy}") from error
    if len(content) > largest:
        raise MateError(f"{path}: more than {largest / 2**20:g} MB. {remedy}")
    return content


def _require_file(path: Path, remedy: str) -> None:
    try:
        is_other = bool(no_plain_file(path))
    except OSError as error:
        raise MateError(f"{path} could not be read: {error.strerror}. {remedy}") from error
    if is_other:
        raise MateError(f"{path}: not a file. {remedy}")


def brief(value: Any) -> str:
    """A value in one short line, whatever is in it."""
    return reprlib.repr(value)


def _require_shallow(text: str, value: Any) -> None:
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    level = [value]
    for _ in range(DEEPEST):
        level = [
            part
            for container in level
            if isinstance(container, (dict, list))
            for part in (container.values() if isinstance(container, dict) else container)
        ]
    if any(isinstance(part, (dict, list)) for part in level):
        raise RecursionError
