"""The run folder: its layout, and the only place that reads and writes it.

RUN/checkpoints/step_XXXXXXXX/   what an exact continuation needs
RUN/best/  RUN/last/             models that `from_pretrained` opens
RUN/config.yaml                  every setting it was trained with
RUN/results.json                 provenance and metrics
RUN/log.jsonl                    a record a log interval
RUN/vocabulary.json              lemmas and their prototypes (MATE)
RUN/data/                        the corpus, where the run had to prepare it
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mate_hf.errors import MateError
from mate_hf.utils.files import write_json, written_whole
from mate_hf.utils.foreign_paths import resolved
from mate_hf.utils.json_files import read_json
from mate_hf.utils.nests import heal
from mate_hf.utils.outputs import PREPARED, RUN, kind_of
from mate_hf.utils.write_errors import could_not_write
from mate_hf.utils.yaml_files import read_yaml, require_settings

CHECKPOINTS, SETTINGS, RESULTS, LOG, DATA = "checkpoints", "config.yaml", "results.json", "log.jsonl", "data"
BEST, LAST = "best", "last"
LOCK = ".lock"
"""Held while a training writes the run."""
MODELS = (BEST, LAST)
REPLACED = (CHECKPOINTS, *MODELS, RESULTS, LOG)
"""What a new run in the same place removes."""

GOES_ON = "Earlier checkpoints are whole: continue with --resume last."
"""What is told where a training could not write."""

_REMEDY = "Copy the run folder again."


@dataclass(frozen=True)
class RunFolder:
    """A run on disk, or the place where one will be."""

    path: Path

    @classmethod
    def around(cls, path: str | Path) -> RunFolder:
        """The run that a path belongs to: itself, or the folder above `best/` and `last/`."""
        path = Path(path)
        above = path.parent if path.name in MODELS else path
        return cls(above if not (path / SETTINGS).is_file() and (above / SETTINGS).is_file() else path)

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self.path / CHECKPOINTS

    @property
    def log(self) -> Path:
        """Records of the training, JSON lines."""
        return self.path / LOG

    @property
    def data(self) -> Path:
        """The corpus that the run prepared for itself."""
        return self.path / DATA

    @property
    def is_finished(self) -> bool:
        """Whether training came to its end."""
        return (self.path / RESULTS).is_file()

    def settings(self) -> dict[str, Any]:
        """What the run was trained with, by the names of the flags; empty where nobody recorded it.

        Raises:
            MateError: the file cannot be read.
        """
        file = self.path / SETTINGS
        if not file.is_file():
            return {}
        return require_settings(read_yaml(file, _REMEDY), str(file))

    def sentence_encoder(self) -> tuple[str, str | None] | None:
        """Name and Hub revision of what told the captions of a training apart; None where nobody recorded it.

        Raises:
            MateError: see `settings`.
        """
        trained = self.settings()
        name, revision = (trained.get(f"sentence_encoder{of}") for of in ("", "_revision"))
        return None if name is None else (str(name), revision)

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Record what the run is trained with."""
        with written_whole(self.path / SETTINGS) as fresh:
            fresh.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def results(self) -> dict[str, Any]:
        """Provenance and metrics of a finished run; empty where it is not finished.

        Raises:
            MateError: the file cannot be read.
        """
        file = self.path / RESULTS
        if not file.is_file():
            return {}
        return read_json(file, dict, _REMEDY)

    def write_results(self, results: dict[str, Any]) -> None:
        """Record that the run is finished, and what came of it."""
        write_json(self.path / RESULTS, results)

    def model(self, which: str = BEST) -> Path:
        """The run's `best/` (or `last/`), or the folder itself where it is a model's.

        Raises:
            MateError: neither is there.
        """
        for folder in (self.path / which, self.path):
            heal(folder)
            if _holds_model(folder):
                return folder
        other = next((name for name in MODELS if _holds_model(self.path / name)), None)
        way_out = "has the run finished an epoch?" if other is None else f"it has {other}/: --which {other}."
        raise MateError(
            f"{self.path}: no trained model. Expected {self.path / which}/ or {self.path}/ with config.json and "
            f"model.safetensors; {way_out}"
        )

    def claim(self, overwrite: bool) -> None:
        """Make sure a new run may write here; nothing is removed yet.

        Raises:
            MateError: the folder holds a run and `overwrite` is false, or it holds what such a run would remove and is none.
        """
        held = [name for name in REPLACED if _holds_something(self.path / name)]
        if held and kind_of(self.path) != RUN:
            raise MateError(
                f"output_dir {self.path} holds {held[0]} and is no run that mate wrote: a new run there would remove it. Choose "
                "another output_dir."
            )
        if held and not overwrite:
            raise MateError(
                f"output_dir {self.path} holds a run already ({held[0]}). Continue it with --resume last, choose "
                "another output_dir, or pass --overwrite true."
            )
        self.checkpoints.mkdir(exist_ok=True)

    def require_apart(self, reads: Iterable[str | Path | None]) -> None:
        """Make sure that a run here neither is nor removes what it learns from.

        Args:
            reads: data, encoders, models; names that stand for no path are passed over.

        Raises:
            MateError: it is, or would remove, one of them.
        """
        for read in reads:
            if read is None or "\0" in str(read) or not os.path.exists(read) or not self.path.exists():
                continue
            place = resolved(read)
            # The run's folder is written into; what it replaces may not hold what is read either.
            replaced = [*REPLACED, *([] if kind_of(place) == PREPARED else [DATA])]
            holders = {self.path: [place], **{self.path / name: [place, *place.parents] for name in replaced}}
            for part, places in holders.items():
                if part.exists() and any(os.path.samefile(part, one) for one in places):
                    raise MateError(
                        f"output_dir {self.path}: a run there would write over {part}, and with it over {read}, which is read. Choose "
                        "another output_dir."
                    )

    def require_place(self) -> None:
        """Make the folder, where it is not there.

        Raises:
            MateError: it cannot be written.
        """
        if not self.path.resolve().name:
            raise MateError(
                f"output_dir {self.path}: the root of the file system is no place for a run. Name a folder in it."
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / LOCK
            probe.touch()
        except OSError as error:
            raise could_not_write(f"output_dir {self.path}", error) from error

    def clear(self) -> None:
        """Remove what an old run left, once its successor has its data and its model."""
        for name in REPLACED:
            part = self.path / name
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink(missing_ok=True)
        self.checkpoints.mkdir()


def _holds_something(part: Path) -> bool:
    """A run that was killed before its first checkpoint leaves an empty folder, which is no run yet."""
    return any(part.glob("[!.]*")) if part.is_dir() else part.exists()


def model_folder(run: str | Path, which: str = BEST) -> Path:
    """See `RunFolder.model`."""
    return RunFolder(Path(run)).model(which)


def _holds_model(folder: Path) -> bool:
    return (folder / "config.json").is_file() and any(folder.glob("model*.safetensors"))
