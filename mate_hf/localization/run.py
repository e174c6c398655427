"""From names to a localized Dataset: what `mate localize` runs, alone or under `accelerate launch`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from accelerate import PartialState

from mate_hf.localization.stage import LocalizationReport, localize
from mate_hf.preparation import open_prepared
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.text.decomposition import RuleDecomposer


def localize_data(
    data: str,
    retrieval: Path,
    out: Path,
    unit_seconds: float = 0.5,
    device: str | None = None,
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> LocalizationReport | None:
    """Open everything and localize; see `stage.localize`. The report is the main process's, None elsewhere."""
    state = PartialState(cpu=device == "cpu")
    if device is None:
        device = str(state.device)
    retriever = open_retriever(retrieval, device=torch.device(device))
    rules = RuleDecomposer(workers=max(os.cpu_count() or 1, 1))
    with TemporaryDirectory(prefix="mate-localize-") as scratch:
        with state.main_process_first():
            prepared = open_prepared(data, Path(scratch) / "data")
        report = localize(
            prepared,
            retriever,
            lambda captions: list(rules.decompose(captions)),
            out,
            unit_seconds,
            argv,
            overwrite,
        )
    return report if state.is_main_process else None
