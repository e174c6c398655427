"""`mate compare-obedience`: generators side by side that were told the same with the same noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.compare import compare
from mate_hf.evaluation.obedience.reading import read_obedience
from mate_hf.runs.provenance import provenance_of
from mate_hf.utils.results import COMPARED_OBEDIENCE, Results

SAMPLING = ("steps", "guidance", "solver")


def compare_obedience(
    results: Sequence[str | Path],
    out: str | Path | None = None,
    argv: Sequence[str] = (),
    overwrite: bool = False,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """How often each generator obeys, and by how much more often than the first, prompt by prompt.

    Args:
        results: files of `mate evaluate obedience`, two or more, of the same prompts, seed and number of motions.
        out: results, JSON.
        argv: the command to record.
        overwrite: replace another file that stands at `out`, too.
        names: of the generators; by default the files'.

    Returns:
        Provenance; `generators`, of each file its name, text encoder, and percent obeyed with 95 % intervals by class and probe;
        `differences` of the second and each later one from the first, percentage points; `warnings`, where they were sampled unlike.

    Raises:
        MateError: fewer than two files, one that is no such file, or other prompts or noise.
    """
    if len(results) < 2:
        raise MateError(f"compare-obedience: {len(results)} files; expected two or more.")
    kept = Results(out, COMPARED_OBEDIENCE, overwrite, reads=results)
    read = [read_obedience(path) for path in results]
    names = list(names) or _names(results)
    (first, told), *others = read
    differences = []
    for name, (other, _) in zip(names[1:], others, strict=True):
        try:
            found = compare(first, other)
        except MateError as error:
            raise MateError(f"{names[0]} and {name}: {error}") from error
        differences.append({"name": name, "from": names[0], **found.to_json()})
    return kept.keep(
        {
            **provenance_of(argv, told["data_hash"], first.seed),
            "generators": [
                {
                    "name": name,
                    "text_encoder": content.get("text_encoder"),
                    **{part: found.to_json()[part] for part in ("classes", "probes")},
                }
                for name, (found, content) in zip(names, read, strict=True)
            ],
            "differences": differences,
            "warnings": _warnings(names, [content for _, content in read]),
        }
    )


def _names(results: Sequence[str | Path]) -> list[str]:
    """The files' own names; with their folders, where two are called alike."""
    stems = [Path(path).stem for path in results]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in results]


def _warnings(names: Sequence[str], contents: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"{setting} {contents[0].get(setting)} of {names[0]}, {other.get(setting)} of {name}: what differs is not the generator alone."
        for setting in SAMPLING
        for name, other in zip(names[1:], contents[1:], strict=True)
        if other.get(setting) != contents[0].get(setting)
    ]
