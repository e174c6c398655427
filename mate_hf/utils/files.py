"""Writing so that a reader never meets half a file: a temporary name first, the real one when whole."""

from __future__ import annotations

import errno
import heapq
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.utils.endings import undisturbed
from mate_hf.utils.nests import Nest, nest_of, standing
from mate_hf.utils.write_errors import failed_write

FLUSHED = 100
"""Files of a folder that are waited for: each takes milliseconds, and a corpus has tens of thousands of small ones."""


@contextmanager
def written_whole(
    target: str | Path,
    overwrite: bool = True,
    check: Callable[[], None] | None = None,
    nest: Nest | None = None,
    lasting: bool = True,
) -> Iterator[Path]:
    """Yield a temporary path beside `target` (file or folder, made by the caller) and rename it at the end.

    Where the body raises, the temporary path is removed and whatever stood at `target` is untouched. One process writes a
    target at a time. What commands write where their user says goes through `mate_hf.utils.outputs.Output`.

    Args:
        overwrite: replace what stands at `target`.
        check: raises a `MateError` where `target` must not be written; asked first, and again when all is ready.
        nest: of the target, where the caller holds it already.
        lasting: see `flush`; not for what is soon made again.

    Raises:
        MateError: `target` exists and `overwrite` is false, it is a folder and a file was written or the other way round, another
            process is writing it, or it cannot be written.
    """
    target = standing(target)

    def require_free() -> None:
        if not overwrite and os.path.lexists(target):
            raise MateError(f"{target} exists already. Choose another path, or pass --overwrite.")
        if check is not None:
            check()

    require_free()
    with nest_of(target) if nest is None else nullcontext(nest) as held:
        # Somebody else may have written it while we waited.
        require_free()
        try:
            yield held.fresh
            _open_to_readers(held.fresh)
            if lasting:
                flush(held.fresh)
            require_free()
            _swap_in(held)
        except MateError:
            raise
        except Exception as error:
            found = failed_write(error)
            if found is None:
                raise
            raise MateError(
                f"writing {target} failed: {found.reason}. Nothing was changed there. {found.remedy}"
            ) from error


def _open_to_readers(fresh: Path) -> None:
    """Give files the rights any new file has: safetensors writes its own for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    for path in [fresh, *fresh.rglob("*")]:
        if path.is_file() and not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o666 & ~mask))


def flush(fresh: Path) -> None:
    """Wait until the disk holds a file, or the largest ones of a folder, before their names say that they are whole.

    Disks on a network, and those with a quota, say only here that they are full; libraries that write by other means than
    Python's close their files without asking.

    Raises:
        OSError: the disk is full or failing.
    """
    if not os.path.lexists(fresh):
        return
    sizes = {path: path.stat().st_size for path in [fresh, *fresh.rglob("*")] if path.is_file()}
    for path in heapq.nlargest(FLUSHED, sizes, key=sizes.__getitem__):
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        except OSError as error:
            # Some file systems have nothing to wait for.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
                raise
        finally:
            os.close(file)


def _swap_in(nest: Nest) -> None:
    fresh, target = nest.fresh, nest.target
    if not os.path.lexists(fresh):
        raise FileNotFoundError(f"{fresh} was not made")
    if target.exists() and target.is_dir() != fresh.is_dir():
        found, new = ("a folder", "a file") if target.is_dir() else ("a file", "a folder")
        raise MateError(f"{target} is {found}, which {new} would replace. Choose another path.")
    if not (fresh.is_dir() and os.path.lexists(target)):
        os.replace(fresh, target)
        return
    # A folder, or a link to one, cannot be replaced in one step: it waits aside until the new one stands.
    with undisturbed():
        os.rename(target, nest.old)
        try:
            os.rename(fresh, target)
        except OSError:
            os.rename(nest.old, target)
            raise


def write_json(target: str | Path, content: Any) -> None:
    """Write `content` as indented UTF-8 JSON, whole or not at all."""
    with written_whole(target) as fresh:
        fresh.write_text(as_json(content), encoding="utf-8")


def as_json(content: Any) -> str:
    """Indented JSON with its last line ended."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
