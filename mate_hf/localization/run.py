"""From names to a localized Dataset: what `mate localize` runs, alone or under `accelerate launch`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mate_hf.data.preparation import open_prepared
from mate_hf.localization.stage import LocalizationReport, localize_prepared
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.text.decomposition.decompose import decompose_captions
from mate_hf.utils.distributed import launched_state
from mate_hf.utils.outputs import PREPARED, Output
from mate_hf.utils.scratch import scratch_folder


def localize(
    data: str | Path,
    retrieval: str | Path,
    out: str | Path,
    unit_seconds: float = 0.5,
    backend: str = "rules",
    model: str | None = None,
    base_url: str | None = None,
    device: str | None = None,
    overwrite: bool = False,
    argv: Sequence[str] = (),
) -> LocalizationReport | None:
    """Cut captions into sub-texts and their motions into the segments that match them best (Eq. 1).

    Under `accelerate launch` clips are shared among the processes; a broken run goes on where it stopped. See
    `localize_prepared` for what is written.

    Args:
        data: prepared Dataset, HumanML3D/KIT-ML folder, or Hub id.
        retrieval: run of train_retrieval.py, or a converted checkpoint.
        out: Dataset to write: the captions with columns `sub_texts`, `segments` (frames), `cost` and `margin`.
        unit_seconds: segments are whole units of this length (Table 10).
        backend, model, base_url: what cuts captions, see `decompose_captions`.
        device: `cpu`, `cuda`, ...; by default what accelerate finds.
        overwrite: replace an earlier output that stands at `out`.
        argv: the command to record.

    Returns:
        The main process's report, None elsewhere.

    Raises:
        MateError: no corpus, no retrieval model, one of another kind of motion, or `out` stands already, is read or is being written.
    """
    place = Output(Path(out), PREPARED, overwrite, reads=[data, retrieval])
    place.require_free()
    state = launched_state(device)
    retriever = open_retriever(retrieval, device=device or state.device)
    with scratch_folder("localize") as scratch:
        with state.main_process_first():
            prepared = open_prepared(str(data), scratch / "data")
        cut = partial(decompose_captions, backend=backend, model=model, base_url=base_url)
        report = localize_prepared(
            prepared, retriever, cut, Path(out), unit_seconds, argv, overwrite, reads=place.reads
        )
    return report if state.is_main_process else None
