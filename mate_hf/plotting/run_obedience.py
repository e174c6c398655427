"""`mate plot obedience`: files of `mate evaluate obedience` as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.plotting.obedience_bars import ALL, Obeyed, Share, draw_obedience
from mate_hf.plotting.run_skeleton import still_picture
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.visible import one_line

EXPECTED = "Expected a file of `mate evaluate obedience`."


def plot_obedience(
    results: str | Path | Sequence[str | Path],
    out: str | Path,
    name: Sequence[str] = (),
    overwrite: bool = False,
) -> Path:
    """Draw how many bodies obey, by class of prompt and probe.

    Args:
        results: files of `mate evaluate obedience`, a generator each.
        out: `.png`, `.svg` or `.pdf`.
        name: of each generator, in their order; by default the files'.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file.

    Raises:
        MateError: no results, a file that holds something else, names that do not fit, another ending, or a file that exists.
    """
    files = [Path(results)] if isinstance(results, (str, Path)) else [Path(file) for file in results]
    if not files:
        raise MateError(f"no results to draw. {EXPECTED}")
    names = list(name) or _names(files)
    if len(names) != len(files):
        raise MateError(f"name: {len(names)} for {len(files)} files; expected one of each, in their order.")
    place = still_picture(out, overwrite, files)
    arms = [Obeyed(one_line(called), read_shares(file)) for called, file in zip(names, files, strict=True)]
    draw_obedience(arms, place, "Bodies that did what they were told, judged by kinematics")
    return place.path


def read_shares(file: Path) -> dict[str, dict[str, Share]]:
    """Percent obeyed with its interval, by class and probe.

    Raises:
        MateError: the file cannot be read, or holds something else.
    """
    content = read_json(file, dict, EXPECTED)
    classes, probes = (content.get(part) for part in ("classes", "probes"))
    if (
        not isinstance(classes, dict)
        or not isinstance(probes, dict)
        or not classes
        or "told_apart" not in content
    ):
        raise MateError(f"{file}: no classes, probes and told_apart in it. {EXPECTED}")
    found = {}
    for of_class, share in classes.items():
        of_probes = probes.get(of_class)
        if not isinstance(of_probes, dict):
            raise MateError(f"{file}: probes of {of_class!r} are {brief(of_probes)}. {EXPECTED}")
        found[of_class] = {
            probe: _share(file, f"{of_class}, {probe}", of_probe)
            for probe, of_probe in {ALL: share, **of_probes}.items()
        }
    return found


def _share(file: Path, what: str, found: Any) -> Share:
    numbers = [found.get(part) for part in ("mean", "low", "high")] if isinstance(found, Mapping) else [None]
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise MateError(f"{file}: {what} is {brief(found)}; expected mean, low and high. {EXPECTED}")
    mean, low, high = map(float, numbers)  # type: ignore[arg-type]
    return mean, low, high


def _names(files: Sequence[Path]) -> list[str]:
    """Of files; their folders', where all are called alike."""
    names = [file.stem for file in files]
    return names if len(set(names)) == len(names) else [str(file.resolve().parent.name) for file in files]
