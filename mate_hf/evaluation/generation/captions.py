"""Which caption each generated motion was made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.guo_evaluator import Token, field_tokens, read_tokens
from mate_hf.text.caption_lines import caption_and_tags
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.json_files import read_json_lines, require_fields
from mate_hf.utils.text_files import read_lines


def read_captions(texts: Path, names: Sequence[str]) -> list[list[Token]]:
    """The caption of each motion, as tokens.

    Args:
        texts: a folder of `<id>.txt`, whose first line counts: a bare caption, or HumanML3D's `caption#word/TAG ...#start#end`,
            whose own tokens are taken. Or a `.jsonl` file of `{"id", "caption"}`, for motions made from other captions than
            the first.
        names: ids, in the order of the answer.

    Raises:
        MateError: a caption is missing or empty, or a file is damaged.
    """
    if not texts.exists():
        raise MateError(f"{texts}: no such folder of <id>.txt, nor a .jsonl file.")
    written = _from_lines(texts) if texts.is_file() else {}
    found: list[list[Token] | None] = []
    plain: list[str] = []
    for name in names:
        line = (
            written.get(name, "")
            if texts.is_file()
            else _first_line(inside(texts, name, ".txt", follow_links=True))
        )
        if not line:
            raise MateError(
                f"{texts}: no caption for {name}. Every motion needs the one it was generated from."
            )
        caption, tags = _parsed(line, texts, name)
        found.append(_tokens(tags, texts, name) if tags else None)
        if not tags:
            plain.append(caption)
    parsed = iter(field_tokens(plain))
    return [next(parsed) if tokens is None else tokens for tokens in found]


def _parsed(line: str, texts: Path, name: str) -> tuple[str, str]:
    try:
        return caption_and_tags(line)
    except MateError as error:
        raise MateError(f"{texts}: caption of {name}: {error}") from error


def _tokens(tagged: str, texts: Path, name: str) -> list[Token]:
    try:
        return read_tokens(tagged)
    except MateError as error:
        raise MateError(f"{texts / name}.txt: {error}") from error


def _first_line(file: Path) -> str:
    try:
        return next((line.strip() for line in read_lines(file) if line.strip()), "")
    except FileNotFoundError:
        return ""


def _from_lines(file: Path) -> dict[str, str]:
    remedy = 'Expected lines {"id": ..., "caption": ...}.'
    captions = {}
    for where, entry in read_json_lines(file, dict, remedy):
        name = entry.get("id")
        # Ids of digits are often written as numbers.
        require_fields(entry, where, {"id": int if type(name) is int else str, "caption": str}, remedy)
        captions[str(name)] = entry["caption"].strip()
    return captions
