"""From names to a localized Dataset: what `mate localize` runs, alone or under `accelerate launch`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mate_hf.data.preparation import load_prepared, open_prepared
from mate_hf.localization.report import LocalizationReport
from mate_hf.localization.shards import localize_share
from mate_hf.localization.stage import localize_prepared
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.text.decomposition.decompose import decompose_captions
from mate_hf.utils.distributed import launched_state
from mate_hf.utils.outputs import PREPARED, SHARD, Output
from mate_hf.utils.scratch import scratch_folder
from mate_hf.utils.shards import Share, require_alone


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


def localize_shard(
    data: str | Path,
    retrieval: str | Path,
    out: str | Path,
    shard: str,
    unit_seconds: float = 0.5,
    backend: str = "rules",
    model: str | None = None,
    base_url: str | None = None,
    device: str | None = None,
    overwrite: bool = False,
) -> LocalizationReport:
    """Localize a share of a corpus, on a machine that need not know of any other; `join` makes a Dataset of all shards.

    A broken run goes on where it stopped.

    Args:
        data: prepared Dataset, the same on every machine; anything else would be prepared by each.
        retrieval, unit_seconds, backend, model, base_url, device: see `localize`. Only captions of the share are cut.
        out: folder to write, without motions.
        shard: `2/8` for the second of eight shares. Every eighth lot of 64 clips is in it.
        overwrite: replace an earlier shard that stands at `out`.

    Returns:
        A report on the share.

    Raises:
        MateError: no such share, `data` is not prepared, or anything that `localize` would refuse.
    """
    share = Share.parse(shard)
    place = Output(Path(out), SHARD, overwrite, reads=[data, retrieval])
    place.require_free()
    state = launched_state(device)
    require_alone(state.num_processes)
    retriever = open_retriever(retrieval, device=device or state.device)
    prepared = load_prepared(Path(data))
    cut = partial(decompose_captions, backend=backend, model=model, base_url=base_url)
    cut_by = backend if model is None else f"{backend}:{model}"
    return localize_share(
        prepared, retriever, cut, Path(out), share, unit_seconds, overwrite, place.reads, cut_by
    )
