"""Writing so that a reader never meets half a file: a temporary name first, the real one when whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError


@contextmanager
def written_whole(target: str | Path, overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary sibling of `target` (file or folder, made by the caller) and rename it at the end.

    Where the body raises, the temporary path is removed and whatever stood at `target` is untouched.

    Raises:
        MateError: `target` exists and `overwrite` is false, or its folder cannot be written.
    """
    target = Path(target)
    refuse_existing(target, overwrite)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        nest = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise MateError(f"cannot write {target}: {error}. Choose a folder that can be written.") from error
    try:
        fresh = nest / target.name
        yield fresh
        _open_to_readers(fresh)
        _swap_in(fresh, target, nest)
    except OSError as error:
        raise MateError(f"writing {target} failed: {error}. Nothing was changed there.") from error
    finally:
        shutil.rmtree(nest, ignore_errors=True)


def refuse_existing(
    target: str | Path, overwrite: bool, reads: Iterable[str | Path | None] = (), mark: str | None = None
) -> None:
    """Ask before anything is replaced, and before long work that would end in a refusal.

    Args:
        overwrite: replace what stands at `target`.
        reads: what the work reads; names of no file, such as Hub ids, are passed over.
        mark: a file that every folder of this kind holds.

    Raises:
        MateError: `target` is or holds something of `reads`, it exists and `overwrite` is false, or it is a folder of
            other things.
    """
    target = Path(target)
    for source in reads:
        if source is not None and Path(source).exists() and _holds(target, Path(source)):
            raise MateError(
                f"{target} is, or holds, what is read ({source}); writing it would remove that. Choose another path."
            )
    if not target.exists():
        return
    if not overwrite:
        raise MateError(f"{target} exists already. Choose another path, or pass --overwrite.")
    if mark is not None and target.is_dir() and any(target.iterdir()) and not (target / mark).is_file():
        raise MateError(
            f"{target} is a folder of other things (it has no {mark}), which --overwrite would remove. Choose another path."
        )


def _holds(target: Path, source: Path) -> bool:
    return source.resolve().is_relative_to(target.resolve())


def _open_to_readers(fresh: Path) -> None:
    """Give files the rights any new file has: safetensors writes its own for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    for path in [fresh, *fresh.rglob("*")]:
        if path.is_file():
            path.chmod(path.stat().st_mode | (0o666 & ~mask))


def _swap_in(fresh: Path, target: Path, nest: Path) -> None:
    if not target.is_dir():
        os.replace(fresh, target)
        return
    # A folder cannot be replaced in one step, so the old one waits aside until the new one stands.
    aside = nest / "replaced"
    os.rename(target, aside)
    try:
        os.rename(fresh, target)
    except OSError:
        os.rename(aside, target)
        raise


def recorded(results: dict[str, Any], out: str | Path | None) -> dict[str, Any]:
    """The results, written to `out` where it is given."""
    if out is not None:
        write_json(out, results)
    return results


def write_json(target: str | Path, content: Any) -> None:
    """Write `content` as indented UTF-8 JSON, whole or not at all."""
    with written_whole(target) as fresh:
        fresh.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
