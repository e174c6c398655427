"""What a file that cannot be read really is, told by its first bytes: a pointer, a web page, an archive, nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mate_hf.errors import MateError

LOOKED_AT = 512

ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "gzip data",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ\x00": "xz data",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
}

DATA_FILES = ("*.safetensors", "*.bin", "*.json", "*.txt", "*.model")
"""What a folder of weights is made of."""


def no_plain_file(path: Path) -> str:
    """What stands there in place of a file, of which nobody knows when a pipe begins and whether a device ends; "" where a file does, or nothing.

    Raises:
        OSError: the path cannot be looked at.
    """
    if not path.exists() or path.is_file():
        return ""
    return "a folder" if path.is_dir() else "a pipe or a device"


def require_plain_files(folder: Path) -> None:
    """Of a saved Dataset, whose reader would wait for a pipe without end.

    Raises:
        MateError: one of its files is a pipe or a device.
    """
    for file in sorted(folder.rglob("*")):
        if not file.is_dir() and (what := no_plain_file(file)):
            raise MateError(
                f"{file}: {what}; expected a file of a saved Dataset. Copy or write the folder again."
            )


def mistaken(file: Path, archives: bool = True) -> str:
    """What the file is in place of data, and what to do: `is a Git LFS pointer ...`. Empty where nothing is known against it.

    Args:
        archives: whether an archive is a mistake; PyTorch's own files are zip archives.
    """
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as opened:
            return mistaken_bytes(opened.read(LOOKED_AT), archives)
    except OSError:
        return ""


def mistaken_bytes(content: bytes, archives: bool = True) -> str:
    """`mistaken` of a file's content, or of its start."""
    start = content[:LOOKED_AT]
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        return "is empty. Copy or download it again."
    if start.startswith(b"version https://git-lfs.github.com/spec/"):
        return "is a Git LFS pointer, not the file that it points to. Run `git lfs pull` where it was cloned."
    if start.startswith(b"/annex/objects/") or b"/annex/objects/" in start[:64]:
        return (
            "is a git-annex pointer, not the file that it points to. Run `git annex get` where it was cloned."
        )
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "is an HTML page, such as a site shows in place of a file. Download the file itself."
    if text.startswith((b"<?xml", b"<error")):
        return "is an XML page, such as a server answers in place of a file. Download the file itself."
    if archives:
        for magic, what in ARCHIVES.items():
            if start.startswith(magic):
                return f"is {what}. Unpack it first."
        if start[257:262] == b"ustar":
            return "is a tar archive. Unpack it first."
    return ""


def first_mistaken(files: Iterable[Path]) -> str:
    """The first of some files that is something else, and what: `data.arrow is empty ...`. Empty where none is."""
    for file in files:
        if file.is_file() and (what := mistaken(file, archives=False)):
            return f"{file} {what}"
    return ""


def require_weights(source: str | Path) -> None:
    """Refuse a folder of weights, configuration and vocabulary in which a pointer or a web page stands for a file.

    Anything but a folder on disk is left to whoever opens it.

    Raises:
        MateError: naming the file.
    """
    folder = Path(source)
    files = sorted(file for pattern in DATA_FILES for file in folder.glob(pattern)) if folder.is_dir() else []
    if what := first_mistaken(files):
        raise MateError(what)
