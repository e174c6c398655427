"""Where a user's output may go: never onto what is read, never onto what is not an earlier output."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.utils.files import written_whole
from mate_hf.utils.foreign_paths import resolved
from mate_hf.utils.model_kinds import KINDS, model_type_in
from mate_hf.utils.nests import Nest, nest_of, standing

PREPARED, SYNTHETIC, EXPORT, MODEL, RUN, SAMPLES, SHARD, FILE = (
    "a prepared corpus",
    "a synthetic corpus",
    "an export",
    "a model",
    "a training run",
    "motions of a split",
    "a shard",
    "a file",
)
"""What commands write."""

SHARD_MARK = "shard.json"


def _is_our_model(folder: Path) -> bool:
    return model_type_in(folder) in KINDS


def _is_run(folder: Path) -> bool:
    parts = ("checkpoints", "best", "last", "log.jsonl", "results.json")
    return (folder / "config.yaml").is_file() and any((folder / name).exists() for name in parts)


def _has(*names: str) -> Callable[[Path], bool]:
    return lambda folder: all((folder / name).exists() for name in names)


MARKS: dict[str, Callable[[Path], bool]] = {
    RUN: _is_run,
    PREPARED: _has("dataset_dict.json", "report.json"),
    SYNTHETIC: _has("truth.jsonl", "train.txt", "texts"),
    EXPORT: _has("mate_export.json"),
    MODEL: _is_our_model,
    SAMPLES: _has("captions.jsonl", "real", "generated"),
    SHARD: _has(SHARD_MARK),
}
"""By what a folder of each kind is known."""

KINDS_OF_FOLDERS = tuple(MARKS)


def kind_of(folder: Path) -> str | None:
    """Which of our outputs a folder is; None where it is somebody else's."""
    return next((kind for kind, is_marked in MARKS.items() if is_marked(folder)), None)


@dataclass(frozen=True)
class Output:
    """A path that a user named for a command to write.

    Attributes:
        path: file or folder.
        kind: what will stand there.
        overwrite: replace an earlier output.
        reads: what it is made from: files and folders; names that stand for no path are passed over.
        may_be_empty: an empty folder that stands there already is as good as none.
        nest: where it is made, while the place is `held`.
    """

    path: Path
    kind: str
    overwrite: bool = False
    reads: Sequence[str | Path | None] = ()
    may_be_empty: bool = False
    nest: Nest | None = None

    def require_free(self) -> None:
        """Ask whether it may be written: before long work that would end in a refusal, and again before it takes its place.

        Raises:
            MateError: it is, or holds, what the output is made from; it is a link or a device; it exists and `overwrite` is
                false; or it exists and is no earlier output.
        """
        path = standing(self.path)
        if path.is_symlink():
            raise MateError(
                f"{self.path} is a link to {os.readlink(path)}. Name the place itself, or remove the link."
            )
        if not path.exists():
            return
        self._require_not_read(path)
        self._require_alike(path)
        if self.may_be_empty and is_empty_folder(path):
            return
        if not self.overwrite:
            expected = "; expected a new path or an empty folder" if self.may_be_empty else ""
            raise MateError(
                f"{self.path} exists already{expected}. Choose another path, or pass --overwrite."
            )
        if self.kind != FILE and not is_empty_folder(path):
            self._require_ours(path)

    @contextmanager
    def reserved(self) -> Iterator[Nest]:
        """Hold the place for work that takes long: a second process that would write it is refused at once.

        Raises:
            MateError: see `require_free`; another process is writing it.
        """
        self.require_free()
        with nest_of(self.path) as nest:
            yield nest

    @contextmanager
    def held(self) -> Iterator[Output]:
        """The same, as an output for those who know `written` alone."""
        with self.reserved() as nest:
            yield replace(self, nest=nest)

    def written(self, nest: Nest | None = None) -> AbstractContextManager[Path]:
        """See `written_whole`.

        Args:
            nest: of `reserved`, where the place is held already.
        """
        return written_whole(self.path, check=self.require_free, nest=nest or self.nest)

    def _require_not_read(self, path: Path) -> None:
        for read in self._existing_reads():
            for holder in (read, *read.parents):
                if os.path.samefile(path, holder):
                    raise MateError(
                        f"{self.path} is, or holds, what is read ({read}); writing it would remove that. Choose another path."
                    )

    def _require_alike(self, path: Path) -> None:
        """A file for a file, a folder for a folder, and nothing that cannot be renamed."""
        if os.path.ismount(path):
            raise MateError(f"{self.path} is a mount point, which cannot be replaced. Name a path in it.")
        if self.kind == FILE and not path.is_file():
            what = "a folder" if path.is_dir() else "a device"
            raise MateError(f"{self.path} is {what}; expected the name of a file. Choose another path.")
        if self.kind != FILE and not path.is_dir():
            raise MateError(
                f"{self.path} is a file, and {self.kind} is a folder: expected a new path or an empty folder. Choose another path."
            )

    def _require_ours(self, path: Path) -> None:
        found = kind_of(path)
        if found is None:
            raise MateError(
                f"{self.path} is a folder of other things ({_some(path)}). --overwrite replaces earlier outputs alone: choose another "
                "path, or remove it yourself."
            )
        # What lies in something that is read belongs to it, unless it is what this command left there before.
        is_part = any(resolved(path).is_relative_to(read) for read in self._existing_reads())
        if found == RUN or (is_part and found != self.kind):
            raise MateError(
                f"{self.path} is {found}, which {self.kind} does not replace. Choose another path, or remove it yourself."
            )

    def _existing_reads(self) -> Iterator[Path]:
        """Each by its own name, and by that of what it is a link to."""
        for read in self.reads:
            # A Hub id, or `package:NAME`, stands for no path; neither does a name with a NUL.
            if read is not None and "\0" not in str(read) and os.path.exists(read):
                yield from dict.fromkeys((Path(read).absolute(), resolved(read)))


def is_empty_folder(path: Path) -> bool:
    """Whether it is a folder with nothing in it."""
    return path.is_dir() and not any(path.iterdir())


def _some(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def require_ending(path: Path, endings: Sequence[str]) -> None:
    """Of a name whose ending says what is written.

    Raises:
        MateError: it has none of these.
    """
    if path.suffix.lower() not in endings:
        found = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise MateError(f"{path}: the name {found}; expected {', '.join(endings[:-1])} or {endings[-1]}.")
