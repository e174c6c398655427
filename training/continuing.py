"""Going on with a run: what may have changed since it began, and what may not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mate_hf.data.prepared import PREPARED_MARK, REPORT_FILE, load_corpus
from mate_hf.errors import MateError
from mate_hf.runs.folder import SETTINGS, RunFolder
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary

FREE = ("output_dir", "resume", "overwrite")
"""How a run is called, not what it is. (`data` is compared by what it holds, not by its path.)"""

MAY_CHANGE = (
    *(
        "epochs",
        "max_steps",
        "early_stop",
        "num_workers",
        "cpu_threads",
        "checkpoint_steps",
        "keep_checkpoints",
    ),
    *("log_steps", "report_to", "text_cache"),
)
"""How long, how fast and how talkative: what is said where it changed."""


def compare_settings(run: RunFolder, settings: Mapping[str, Any]) -> list[str]:
    """Before anything is written: do these settings go on with that run?

    Settings that the run does not record, for they came later, are not asked for.

    Returns:
        What changed and may, a line to say each.

    Raises:
        MateError: what changed and may not, with both values.
    """
    before, now = run.settings(), yaml.safe_load(yaml.safe_dump(dict(settings)))
    if not before:
        return [
            f"{run.path / SETTINGS} says nothing, so nobody knows whether the settings are those it began with."
        ]
    changed = {
        name: (before[name], value)
        for name, value in now.items()
        if name in before and name not in (*FREE, "data") and not _same(before[name], value)
    }
    refused = [name for name in changed if name not in MAY_CHANGE]
    if refused:
        was, is_now = changed[refused[0]]
        more = f" (and {', '.join(refused[1:])})" if refused[1:] else ""
        raise MateError(
            f"resume: {refused[0]} was {was} when {run.path} began and is {is_now} now{more}. A run goes on with its own settings: "
            f"give them again (--config {run.path / 'config.yaml'}), or begin another in a new output_dir."
        )
    return [f"{name} is {is_now} now (was {was})." for name, (was, is_now) in changed.items()]


def compare_data(run: RunFolder, recorded: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Is this the corpus that the run began with?

    Args:
        recorded: `depends_on` of its checkpoint; of version 0.1, what `of_old_run` finds.
        now: of the task.

    Raises:
        MateError: another one.
    """
    for name, value in recorded.items():
        if name in now and now[name] != value:
            raise MateError(
                f"resume: {run.path} began with another {name} ({value[:12]}…, now {now[name][:12]}…): prototypes and losses would "
                "mean other things. Give it the data it began with, or begin another run in a new output_dir."
            )


def require_same_source(run: RunFolder, data: str) -> None:
    """Where the run prepared its corpus for itself: is it to be read from the same place?

    Raises:
        MateError: another folder or Hub dataset, from which the run's own corpus would be prepared anew.
    """
    if not (run.data / REPORT_FILE).is_file() or (Path(data) / PREPARED_MARK).is_file():
        return
    source = load_corpus(run.data).report.source
    if not _same(source, data):
        raise MateError(
            f"resume: {run.path} began with the data of {source}, now it is {data}. Give it the data it began with, or begin another "
            "run in a new output_dir."
        )


def of_old_run(run: RunFolder) -> dict[str, str]:
    """What the folder of a run of version 0.1 says of its data."""
    words = run.path / VOCABULARY_FILE
    found = {"vocabulary": vocabulary_hash(Vocabulary.load(words))} if words.is_file() else {}
    known = run.results().get("data_hash")
    return found | ({"corpus": known} if isinstance(known, str) else {})


def vocabulary_hash(vocabulary: Vocabulary) -> str:
    """Of the lemmas in the order of their prototypes."""
    return hashlib.sha256("\n".join(vocabulary.lemmas).encode()).hexdigest()


def _same(one: Any, other: Any) -> bool:
    if one == other:
        return True
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    # The same folder under another name.
    return Path(one).exists() and os.path.realpath(one) == os.path.realpath(other)
