"""`mate export`: one run, every door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.exports.adapter import write_adapter
from mate_hf.exports.clip_repository import write_clip_repository
from mate_hf.exports.full import write_full
from mate_hf.exports.openai import require_visual, write_openai
from mate_hf.exports.report import REPORT_FILE, ExportReport, compare_with_base, list_files
from mate_hf.exports.stock import write_stock
from mate_hf.runs.trained import Trained, open_trained
from mate_hf.utils.files import write_json
from mate_hf.utils.outputs import EXPORT, Output

_WRITERS: dict[str, Callable[[Trained, Path], None]] = {
    "hf": write_stock,
    "hf-clip": write_clip_repository,
    "openai-clip": write_openai,
    "adapter": write_adapter,
    "full": write_full,
}
FORMATS = tuple(_WRITERS)


def export(
    run: str | Path,
    out: str | Path,
    format: str = "hf",
    which: str = "best",
    overwrite: bool = False,
    base: str | None = None,
    visual: str = "base",
) -> ExportReport:
    """Write the run's encoder to the folder `out`, whole or not at all, opened again before it counts as written.

    Args:
        run: a run folder or a model folder.
        out: folder to write.
        format: `hf`, the text encoder in stock layout; `hf-clip`, the whole CLIP repository; `openai-clip`, `model.pt` for
            `clip.load` and `model.safetensors` for what reads a file by `torch.load`; `adapter`, the changed rows for PEFT;
            `full`, the whole `MateModel` with its code.
        which: `best` or `last` of a run folder.
        overwrite: replace an earlier output that stands at `out`.
        base: the text encoder that the run was trained from, where the run does not say or it lies elsewhere now.
        visual: of `openai-clip`, see `write_openai`.

    Returns:
        What changed against the base encoder and what was written; it is left as `mate_export.json` in `out`, too.

    Raises:
        MateError: no model there, an unknown format, one that this encoder has not, `out` exists, is read or is being written, no base where one is
            needed, or what was written does not give the trained model's features.
    """
    _require_known(format)
    require_visual(visual)
    reads = [run, base]
    Output(Path(out), EXPORT, overwrite, reads).require_free()
    return export_trained(open_trained(run, which, base), out, format, overwrite, visual, reads)


def export_trained(
    trained: Trained,
    out: str | Path,
    format: str = "hf",
    overwrite: bool = False,
    visual: str = "base",
    reads: Sequence[str | Path | None] = (),
) -> ExportReport:
    """`export` of a run that is open already; `reads`: what it was opened from, which `out` must not replace."""
    _require_known(format)
    require_visual(visual)
    place = Output(Path(out), EXPORT, overwrite, [*reads, trained.folder, trained.base_name])
    write = partial(write_openai, visual=visual) if format == "openai-clip" else _WRITERS[format]
    with place.written() as fresh:
        write(trained, fresh)
        report = compare_with_base(trained, format)
        report.files = list_files(fresh)
        write_json(fresh / REPORT_FILE, asdict(report))
    return report


def _require_known(format: str) -> None:
    if format not in FORMATS:
        raise MateError(f"format: {format!r}; expected one of {', '.join(FORMATS)}.")
