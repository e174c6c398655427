"""Reading YAML that somebody else wrote: plain values only, bounded in size, depth and what its aliases stand for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import mistaken_bytes
from mate_hf.utils.json_files import brief, read_limited
from mate_hf.utils.reasons import reason

LARGEST = 2**18
"""Bytes of a file; a plan of a hundred arms takes a tenth of it."""

LARGEST_PAGE = 2**24
"""Bytes of a page that begins with some."""

FRONT_MATTER = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE
)

MOST = 20_000
"""Values that a file may stand for, each alias counted as what it repeats."""

DEEPEST = 32
"""Levels of lists and mappings."""

LONGEST = 100
"""Characters of a number, a date or whatever else is not text."""

_TEXT = "tag:yaml.org,2002:str"
_REMEDY = "Mend that file."


class _TooManyError(Exception):
    """Aliases that stand for more values than any settings hold."""


def read_yaml(path: str | Path, remedy: str = _REMEDY) -> dict[str, Any]:
    """A file of lines `name: value`; an empty file holds none.

    Args:
        remedy: what to do about a file that is damaged: the last sentence of every error.

    Raises:
        MateError: no such file, too large, not YAML, more values or deeper than any settings, no mapping, or a name that is
            not text.
    """
    return _read(read_limited(path, LARGEST, remedy), path, remedy)


def read_front_matter(path: str | Path, remedy: str = _REMEDY) -> dict[str, Any]:
    """The lines `name: value` between two lines `---` with which a model's card begins; none where it begins otherwise.

    Raises:
        MateError: see `read_yaml`.
    """
    content = read_limited(path, LARGEST_PAGE, remedy)
    found = FRONT_MATTER.match(content)
    if found is None:
        return {}
    if len(found[1]) > LARGEST:
        raise MateError(f"{path}: more than {LARGEST / 2**20:g} MB between its lines `---`. {remedy}")
    return _read(found[1], path, remedy) if found[1].strip() else {}


def _read(content: bytes, path: str | Path, remedy: str) -> dict[str, Any]:
    # A pointer is a text to YAML, and an empty file no settings.
    if content and (what := mistaken_bytes(content)):
        raise MateError(f"{path} {what}")
    try:
        value = _plain(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}" if mark is not None else "it"
        raise MateError(
            f"{path} could not be read: {place} is not YAML ({error.problem or error.context}). {remedy}"
        ) from error
    except RecursionError:
        raise MateError(f"{path}: lists or mappings more than {DEEPEST} deep. {remedy}") from None
    except _TooManyError:
        raise MateError(
            f"{path}: its aliases stand for more than {MOST} values, or for themselves. Write them out. {remedy}"
        ) from None
    # `!!int x`, `!!timestamp x` and the like end in whatever their constructors meet first.
    except Exception as error:
        raise MateError(f"{path} could not be read: it is not YAML ({reason(error)}). {remedy}") from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MateError(f"{path}: {brief(value)}; expected lines `name: value`. {remedy}")
    odd = [name for name in value if not isinstance(name, str)]
    if odd:
        raise MateError(f"{path}: {brief(odd[0])} is no name; expected lines `name: value`. {remedy}")
    return value


def require_settings(content: dict[str, Any], where: str) -> dict[str, Any]:
    """The same settings, each one value or a list of them: text, a number, true or false, or nothing.

    Raises:
        MateError: a setting that holds lists, mappings, dates or anything else.
    """
    for name, value in content.items():
        for part in value if isinstance(value, list) else [value]:
            if (part is not None and not isinstance(part, (str, int, float))) or "\0" in str(part):
                raise MateError(f"{where}: {name} is {brief(value)}; expected one value, or a list of them.")
    return content


def _plain(content: bytes) -> Any:
    loader = yaml.SafeLoader(content)
    try:
        root = loader.get_single_node()
        if root is None:
            return None
        _measure(root, {})
        return loader.construct_document(root)
    finally:
        loader.dispose()


def _measure(node: yaml.Node, known: dict[int, tuple[int, int] | None]) -> tuple[int, int]:
    """How many values a node stands for, and how deep they go."""
    if isinstance(node, yaml.ScalarNode):
        if node.tag != _TEXT and len(node.value) > LONGEST:
            problem = f"a value of {len(node.value)} characters; in quotes it would be text"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return 1, 0
    if id(node) in known:
        measured = known[id(node)]
        if measured is None:
            raise _TooManyError
        return measured
    known[id(node)] = None
    mapping = isinstance(node, yaml.MappingNode)
    parts = [part for pair in node.value for part in pair] if mapping else node.value
    measures = [_measure(part, known) for part in parts]
    values = 1 + sum(values for values, _ in measures)
    depth = 1 + max((depth for _, depth in measures), default=0)
    if values > MOST:
        raise _TooManyError
    if depth > DEEPEST:
        raise RecursionError
    known[id(node)] = values, depth
    return values, depth
