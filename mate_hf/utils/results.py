"""Files of results: which are ours, and which may take another's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary, finalize

from mate_hf.errors import MateError
from mate_hf.utils.files import as_json, written_whole
from mate_hf.utils.foreign_paths import resolved
from mate_hf.utils.json_files import read_json
from mate_hf.utils.nests import Nest, nest_of
from mate_hf.utils.outputs import FILE, Output

PROVENANCE = ("command", "commit", "data_hash", "seed", "versions")
"""What every results file of a measurement begins with."""

(
    RETRIEVAL,
    LOCALIZATION,
    WORDS,
    GENERATION,
    OBEDIENCE,
    COMPARISON,
    COMPARED_OBEDIENCE,
    QUICKSTART,
    GENERATOR,
) = (
    "evaluate retrieval",
    "evaluate localization",
    "evaluate words",
    "evaluate generation",
    "evaluate obedience",
    "compare",
    "compare-obedience",
    "quickstart",
    "generator",
)
"""Commands that leave results."""


def _measured(content: dict[str, Any]) -> bool:
    return all(name in content for name in PROVENANCE)


def _probes(content: dict[str, Any]) -> Any:
    metrics = content.get("metrics")
    return metrics if isinstance(metrics, dict) else {}


MARKS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "train": lambda content: _measured(content) and "history" in content,
    "localize": lambda content: _measured(content) and "decomposition" in content,
    RETRIEVAL: lambda content: _measured(content) and "protocols" in content,
    LOCALIZATION: lambda content: _measured(content) and "unit_seconds" in content,
    WORDS: lambda content: _measured(content) and "swaps" in _probes(content),
    GENERATION: lambda content: _measured(content) and "diversity_pairs" in content,
    OBEDIENCE: lambda content: _measured(content) and "told_apart" in content,
    COMPARISON: lambda content: set(content) == {"neighbours", "pairs"},
    GENERATOR: lambda content: {"seconds", "generators", "differences"} <= set(content),
    COMPARED_OBEDIENCE: lambda content: _measured(content) and "differences" in content,
    QUICKSTART: lambda content: {"seconds", "retrieval_training", "changed"} <= set(content),
}
"""By what the results of each command are known, the first that fits."""


def results_of(file: Path) -> str | None:
    """The command whose results a file holds; None for any other file."""
    try:
        content: dict[str, Any] = read_json(file, dict, "")
    except MateError:
        return None
    return next((command for command, is_marked in MARKS.items() if is_marked(content)), None)


_HOLDING: WeakValueDictionary[str, Results] = WeakValueDictionary()
"""Who holds which file in this process."""


class Results:
    """The file that a measurement leaves, or none.

    Results of the same command are replaced, for measuring again is common and results say what they were made from. Anything
    else that stands there is kept, unless `overwrite` is set. The place is held from here to `keep`: a second measurement that
    would end in the same file is refused before it begins.

    Args:
        out: the file; None to keep no results.
        command: that measures.
        overwrite: replace another file, too, unless it is read or lies in a folder that is read.
        reads: what is measured, and on what.

    Raises:
        MateError: `out` must not be written, or another process measures for it.
    """

    def __init__(
        self,
        out: str | Path | None,
        command: str,
        overwrite: bool = False,
        reads: Sequence[str | Path | None] = (),
    ) -> None:
        self.out = None if out is None else Path(out)
        self.command, self.overwrite, self.reads = command, overwrite, reads
        self._held = ExitStack()
        self._nest: Nest | None = None
        self.require_free()
        if self.out is not None:
            self._hold(self.out)

    def _hold(self, out: Path) -> None:
        place = str(out.absolute())
        before = _HOLDING.get(place)
        if before is not None:
            # Of a call that failed in a notebook, which keeps its traceback.
            before._let_go()
        self._nest = self._held.enter_context(nest_of(out))
        _HOLDING[place] = self
        # A measurement that fails lets go of it when it is forgotten, at the latest when the process ends.
        finalize(self, self._held.close)

    def _let_go(self) -> None:
        self._nest = None
        self._held.close()

    def require_free(self) -> None:
        """Ask whether the file may be written.

        Raises:
            MateError: see the class.
        """
        if self.out is None:
            return
        Output(self.out, FILE, overwrite=True, reads=self.reads).require_free()
        if not self.out.exists() or results_of(self.out) == self.command:
            return
        what = f"{self.out} exists already, and holds no results of `mate {self.command}`"
        if not self.overwrite:
            raise MateError(f"{what}. Choose another path, or pass --overwrite.")
        for read in self.reads:
            if read is not None and Path(read).is_dir() and _lies_in(self.out, Path(read)):
                raise MateError(f"{what}; it belongs to {read}, which is read. Choose another path.")

    def keep(self, results: dict[str, Any]) -> dict[str, Any]:
        """Write the results, whole; they are given back."""
        if self.out is not None:
            try:
                with written_whole(self.out, check=self.require_free, nest=self._nest) as fresh:
                    fresh.write_text(as_json(results), encoding="utf-8")
            finally:
                self._let_go()
        return results


def _lies_in(file: Path, folder: Path) -> bool:
    return resolved(file).is_relative_to(resolved(folder))
