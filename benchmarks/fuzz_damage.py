"""What can be wrong with a file: bytes that are flipped, lost or too many, and values that nobody expected where they stand."""

from __future__ import annotations

import json
import os
import random
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOSTILE = (
    *("../../secret", "/etc/passwd", "..\\..\\secret", "a/../../secret", "~/secret", "C:\\secret"),
    *("\x1b]0;owned\x07", "\x1b[31m", "\x9b2J", "\u202eevil", "a\u2028b", "\r\nnext", "\x00", "\ufeff"),
    *(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "[x](javascript:alert(1))",
        "---\nlicense: x\n---",
    ),
    *("{{ 7 * 7 }}", "{% for a in b %}", "${HOME}", "$(touch owned)", "`touch owned`", "%s%n", "a|b|c"),
    *("#" * 5000, "a" * 100_000, "é" * 3000, "👋🏽" * 500, "walks/VERB " * 2000, "\ud800"),
)
"""Texts that somebody else's program might obey."""

NUMBERS = (
    *("0", "-1", "1", "NaN", "nan", "inf", "-Infinity", "1e308", "1e999", "-0.0", "1e-320", "0x10", "1_000"),
    *(str(2**31), str(2**63), str(2**64), str(10**12), str(10**30), "9" * 5000),
)
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 3, 2**31, 2**63, 10**12, 10**30, 1e308, float("nan"), float("inf"), 0.5, -2.5),
    *("", "x", [], {}, [[]], [None], {"a": 1}, [1, 2, 3], "1", "__class__", "builtins.eval"),
)
"""Values of another kind, or far out of range."""

BOMBS = (
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"- " * 50_000,
    b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 110)),
    b"a: &a\n  b: *a\n",
    b"!!python/object/apply:os.system ['touch owned']\n",
    b"!!int " + b"9" * 90_000,
    b"cos\nsystem\n(S'touch owned'\ntR.",
    b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system\x93\x8c\x0btouch owned\x85R.",
    b"(" * 200_000 + b".",
    b"I" + b"9" * 100_000 + b"\n.",
    b"PK\x03\x04" + b"\x00" * 60,
    b"\x93NUMPY\x01\x00\x46\x00"
    + b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 263), }".ljust(70),
    b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65_535,
    struct.pack("<Q", 10**15) + b"{}",
    struct.pack("<Q", 100)
    + b'{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}'.ljust(100),
    b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    b"<!DOCTYPE html><title>404</title>",
    b"\x1f\x8b\x08\x00" + b"\x00" * 40,
    b"\xff\xfea\x00b\x00",
    b"",
    b"\n" * 100_000,
)
"""Whole files of another kind, small ones that would grow without end, and ones that name what is to be run."""

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
WORD = re.compile(rb"[A-Za-z_/]{2,}")

Damage = Callable[[bytes, random.Random], bytes]


def flipped(content: bytes, draw: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(min(len(found), draw.choice((1, 1, 2, 8, 64)))):
        found[draw.randrange(len(found))] ^= 1 << draw.randrange(8)
    return bytes(found)


def flipped_at_the_start(content: bytes, draw: random.Random) -> bytes:
    """Heads of files say how to read the rest."""
    return flipped(content[:200], draw) + content[200:]


def cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def inserted(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + draw.randbytes(draw.choice((1, 4, 100, 5000))) + content[at:]


def repeated(content: bytes, draw: random.Random) -> bytes:
    start, end = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:end] * draw.choice((1, 1, 3, 40)) + content[end:]


def removed(content: bytes, draw: random.Random) -> bytes:
    start, end = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[end:]


def with_another_number(content: bytes, draw: random.Random) -> bytes:
    return _instead(NUMBER, content, draw.choice(NUMBERS).encode(), draw)


def with_hostile_text(content: bytes, draw: random.Random) -> bytes:
    return _instead(WORD, content, draw.choice(HOSTILE).encode("utf-8", "surrogatepass"), draw)


def with_another_value(content: bytes, draw: random.Random) -> bytes:
    """JSON, or lines of it, that is well-formed and wrong."""
    lines = content.splitlines(keepends=True)
    whole = content.lstrip()[:1] in (b"{", b"[")
    for part in ([content] if whole else []) + ([draw.choice(lines)] if lines else []):
        try:
            value = json.loads(part)
        except (ValueError, RecursionError):
            continue
        changed = json.dumps(_changed(value, draw), ensure_ascii=draw.random() < 0.5)
        return content.replace(
            part, changed.encode("utf-8", "surrogatepass") + (b"\n" if part.endswith(b"\n") else b""), 1
        )
    return with_another_number(content, draw)


def with_another_head(content: bytes, draw: random.Random) -> bytes:
    """The head of `.npy` and `.safetensors` says what the rest is: kept well-formed, and made to lie."""
    if content.startswith(b"\x93NUMPY") and b"\n" in content:
        end = content.index(b"\n") + 1
        names = ["<f4", "<f8", "|O", "<U8", "|S4", "<c16", ">i8", "|b1", "<M8[s]", "|V12", "[('a', '<f4')]"]
        shape = ", ".join(
            draw.choice(("0", "1", "3", "22", "263", "-1", "1000000000000", "4611686018427387904"))
            for _ in range(draw.randrange(5))
        )
        kind = draw.choice(names)
        kind = kind if kind.startswith("[") else repr(kind)
        head = f"{{'descr': {kind}, 'fortran_order': {draw.random() < 0.3}, 'shape': ({shape}{',' if shape else ''}), }}\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + content[end:]
    if len(content) > 8 and content[8:9] == b"{":
        [length] = struct.unpack("<Q", content[:8])
        try:
            head = json.dumps(_changed(json.loads(content[8 : 8 + length]), draw))
        except (ValueError, RecursionError):
            return flipped_at_the_start(content, draw)
        told = len(head.encode()) if draw.random() < 0.8 else draw.choice((0, 1, 2**31, 10**15, 2**63))
        return struct.pack("<Q", told) + head.encode() + content[8 + length :]
    return flipped_at_the_start(content, draw)


def something_else(_: bytes, draw: random.Random) -> bytes:
    return draw.choice(BOMBS)


DAMAGES: tuple[Damage, ...] = (
    flipped,
    flipped_at_the_start,
    cut,
    inserted,
    repeated,
    removed,
    *(with_another_number,) * 2,
    *(with_hostile_text,) * 2,
    *(with_another_value,) * 3,
    *(with_another_head,) * 3,
    something_else,
)


def damage(file: Path, draw: random.Random) -> str:
    """Damage a file, or put something in its place; what was done."""
    if draw.random() < 0.04:
        return _replace(file, draw)
    content, done = file.read_bytes(), []
    for _ in range(draw.choice((1, 1, 1, 2))):
        kind = draw.choice(DAMAGES)
        content = kind(content, draw)
        done.append(kind.__name__)
    file.write_bytes(content)
    return ", ".join(done)


def _replace(file: Path, draw: random.Random) -> str:
    file.unlink()
    what = draw.choice(
        ("gone", "a folder", "a link to itself", "a link to nothing", "a link to a device", "a pipe")
    )
    if what == "a folder":
        file.mkdir()
    elif what == "a pipe":
        os.mkfifo(file)
    elif what != "gone":
        file.symlink_to({"itself": file.name, "nothing": "nowhere", "device": "/dev/zero"}[what.split()[-1]])
    return what


def _instead(what: re.Pattern[bytes], content: bytes, by: bytes, draw: random.Random) -> bytes:
    places = list(what.finditer(content, 0, 200_000))
    if not places:
        at = draw.randrange(len(content) + 1)
        return content[:at] + by + content[at:]
    found = draw.choice(places)
    return content[: found.start()] + by + content[found.end() :]


def _changed(value: Any, draw: random.Random) -> Any:
    """A value with one of its parts changed, left out, or doubled."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        name = draw.choice(list(value))
        what = draw.random()
        if what < 0.1:
            return {key: part for key, part in value.items() if key != name}
        if what < 0.2:
            return {
                **{key: part for key, part in value.items() if key != name},
                draw.choice(HOSTILE[:24]): value[name],
            }
        return {**value, name: _changed(value[name], draw)}
    if isinstance(value, list) and value and draw.random() < 0.9:
        place = draw.randrange(len(value))
        what = draw.random()
        if what < 0.1:
            return value[:place] + value[place + 1 :]
        if what < 0.2:
            return [*value, value[place]]
        return [*value[:place], _changed(value[place], draw), *value[place + 1 :]]
    if isinstance(value, (int, float)) and draw.random() < 0.3:
        return draw.choice((value + 1, -value, value * 10**6, value / 3))
    return draw.choice(ODD) if draw.random() < 0.6 else draw.choice(HOSTILE)
