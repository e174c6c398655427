"""From names to a localized Dataset: what `mate localize` runs, alone or under `accelerate launch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import parse_flag_from_env

from mate_hf.data.preparation import open_prepared
from mate_hf.localization.stage import LocalizationReport, localize
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.text.decomposition.decompose import decompose_captions


def localize_data(
    data: str,
    retrieval: Path,
    out: Path,
    unit_seconds: float = 0.5,
    device: str | None = None,
    argv: Sequence[str] = (),
    overwrite: bool = False,
    decomposition: Mapping[str, Any] | None = None,
) -> LocalizationReport | None:
    """Open everything and localize; see `stage.localize`.

    Args:
        decomposition: options of `decompose_captions`; by default the rules.

    Returns:
        The main process's report, None elsewhere.
    """
    on_cpu = parse_flag_from_env("ACCELERATE_USE_CPU") or not torch.accelerator.is_available()
    # Without `cpu=True` processes on CPUs would not find each other, and each would do all the work.
    state = PartialState(cpu=device == "cpu" or (device is None and on_cpu))
    if device is None:
        device = str(state.device)
    retriever = open_retriever(retrieval, device=torch.device(device))
    with TemporaryDirectory(prefix="mate-localize-") as scratch:
        with state.main_process_first():
            prepared = open_prepared(data, Path(scratch) / "data")
        cut = partial(decompose_captions, **(decomposition or {}))
        report = localize(prepared, retriever, cut, out, unit_seconds, argv, overwrite)
    return report if state.is_main_process else None
