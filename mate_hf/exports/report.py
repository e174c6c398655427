"""What an export changed, counted against the base encoder, and what was written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.exports.adapter import changed_rows, changed_weights
from mate_hf.runs.trained import Trained
from mate_hf.utils.json_files import brief, read_json

REPORT_FILE = "mate_export.json"
SHOWN = 8

_REMEDY = "Write the export again, or remove the file and name the base: --base."


@dataclass
class ExportReport:
    """What an export changed against its base, and what was written.

    Attributes:
        format: of the export. base: the encoder it is compared with; `compared` is "" or why no comparison was possible.
        rows, rows_changed: of the embedding table.
        weights_changed: how many of the encoder's other tensors differ: none where its rows alone were trained.
        word_change: word -> norm of the change of its embedding over the norm of its base embedding, largest first.
        changed_entries_in_fp16: percent of the changed table entries that still differ from the base in half precision.
        files: name -> bytes and sha256.
    """

    format: str
    base: str | None
    compared: str = ""
    rows: int = 0
    rows_changed: int = 0
    weights_changed: int = 0
    word_change: dict[str, float] = field(default_factory=dict)
    changed_entries_in_fp16: float | None = None
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def summary(self) -> str:
        """In a few lines."""
        size = sum(entry["bytes"] for entry in self.files.values()) / 1e6
        lines = [f"format {self.format}, {len(self.files)} files, {size:.1f} MB"]
        if {"model.pt", "model.safetensors"} <= self.files.keys():
            lines.append(
                "model.pt is for clip.load(..., jit=False), model.safetensors for code that reads a file by torch.load"
            )
        if self.compared:
            return "\n".join([*lines, f"not compared with the base encoder: {self.compared}"])
        lines.append(f"{self.rows_changed} of {self.rows} embedding rows differ from {self.base}")
        if self.weights_changed:
            lines.append(f"{self.weights_changed} weights of its layers differ, too")
        if self.changed_entries_in_fp16 is not None:
            lines.append(f"{self.changed_entries_in_fp16:.1f} % of the changed entries still differ in fp16")
        if self.word_change:
            ranked = list(self.word_change.items())
            most, least = ranked[:SHOWN], ranked[SHOWN:][-SHOWN:]
            lines.append("changed most: " + ", ".join(f"{word} {change:.2f}" for word, change in most))
            if least:
                lines.append("changed least: " + ", ".join(f"{word} {change:.2f}" for word, change in least))
        return "\n".join(lines)


def compare_with_base(trained: Trained, format: str) -> ExportReport:
    """The table against the base encoder's; where that is not at hand, the report says so."""
    report = ExportReport(format, trained.base_name)
    after = trained.encoder.embedding_rows.cpu()
    report.rows = len(after)
    try:
        before = trained.base.embedding_rows.cpu()
    except MateError as error:
        report.compared = str(error).splitlines()[0]
        return report
    rows = changed_rows(before, after)
    report.rows_changed = len(rows)
    report.weights_changed = len(changed_weights(trained))
    if len(rows):
        entries = before[rows] != after[rows]
        kept = before[rows].half() != after[rows].half()
        report.changed_entries_in_fp16 = 100 * (kept & entries).sum().item() / entries.sum().item()
    if trained.vocabulary is not None:
        report.word_change = _word_change(trained)
    return report


def _word_change(trained: Trained) -> dict[str, float]:
    assert trained.vocabulary is not None
    words = sorted(trained.vocabulary.word_to_lemma)
    old, new = trained.base.word_embeddings(words), trained.encoder.word_embeddings(words)
    change = ((new - old).norm(dim=1) / old.norm(dim=1)).tolist()
    return dict(sorted(zip(words, change, strict=True), key=lambda entry: (-entry[1], entry[0])))


def list_files(folder: Path, root: Path | None = None) -> dict[str, dict[str, Any]]:
    """Sizes and checksums of what was written.

    Args:
        root: that names are seen from; by default the folder itself.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(root or folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in files
    }


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def recorded_base(folder: Path) -> str | None:
    """The base encoder that an export's report names; None without a report or a name."""
    path = folder / REPORT_FILE
    if not path.is_file():
        return None
    base = read_json(path, dict, _REMEDY).get("base")
    if base is not None and not isinstance(base, str):
        raise MateError(f"{path}: base is {brief(base)}; expected a name. {_REMEDY}")
    return base
