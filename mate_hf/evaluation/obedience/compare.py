"""Two generators told the same with the same noise: who obeys more often, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import intervals
from mate_hf.evaluation.obedience.intervals import Estimate
from mate_hf.evaluation.obedience.outcomes import Obedience, Outcome, in_order


@dataclass(frozen=True)
class Difference:
    """How much more often the second obeys than the first.

    Attributes:
        classes: percentage points by class of prompt.
        probes: by class and probe.
    """

    classes: dict[str, Estimate]
    probes: dict[str, dict[str, Estimate]]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(first: Obedience, second: Obedience) -> Difference:
    """Percentage points by which `second` obeys more often than `first`, prompt by prompt, with 95 % intervals over prompts.

    An interval is missing where every prompt differs by the same, as where both do the same throughout.

    Raises:
        MateError: other prompts, seeds or numbers of motions: the noise would not be the same.
    """
    for name in ("per_prompt", "seed"):
        ours, theirs = getattr(first, name), getattr(second, name)
        if ours != theirs:
            raise MateError(
                f"compare: {name} {ours} and {theirs}; expected the same. Measure one of the two again."
            )
    pairs = list(zip(first.outcomes, second.outcomes, strict=False))
    if len(first.outcomes) != len(second.outcomes) or any(a.prompt != b.prompt for a, b in pairs):
        raise MateError(
            "compare: other prompts in the two; expected the same, in the same order. Measure one of the two again."
        )
    classes = _differences(pairs, lambda outcome: outcome.prompt.of_class)
    probes = {
        name: _differences(
            [pair for pair in pairs if pair[0].prompt.of_class == name], lambda outcome: outcome.prompt.probe
        )
        for name in classes
    }
    return Difference(classes, probes)


def _differences(pairs: list[tuple[Outcome, Outcome]], of: Callable[[Outcome], str]) -> dict[str, Estimate]:
    groups: dict[str, dict[frozenset[str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for first, second in pairs:
        groups[of(first)][first.cluster] += [
            100.0 * (after - before) for before, after in zip(first.obeyed, second.obeyed, strict=True)
        ]
    return {name: intervals.mean(found.values()) for name, found in in_order(groups).items()}
