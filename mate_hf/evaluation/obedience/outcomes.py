"""What came of each prompt, and the shares that follow: by class, by probe, by word, and of pairs told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from mate_hf.evaluation.obedience import intervals
from mate_hf.evaluation.obedience.intervals import Estimate
from mate_hf.evaluation.obedience.probes import NUMBER, PAIR, PROBES
from mate_hf.evaluation.obedience.prompts import CLASSES, Prompt

Cluster = frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What bodies did of one prompt.

    Attributes:
        prompt: what they were told.
        values: the probe's number of each.
        others: the number of the counterpart's body from the same noise; empty where none was generated.
    """

    prompt: Prompt
    values: tuple[float, ...]
    others: tuple[float, ...] = ()

    @property
    def obeyed(self) -> list[bool]:
        """Of each body, whether it did as told."""
        probe = PROBES[self.prompt.probe]
        others = self.others or (0.0,) * len(self.values)
        return [probe.obeyed(self.prompt.expected, *pair) for pair in zip(self.values, others, strict=True)]

    @property
    def told_apart(self) -> list[bool]:
        """Of each pair from the same noise, whether its bodies differ as their words do; empty where there are no pairs.

        A body that turns one way whatever it is told obeys half of the prompts and tells none apart.
        """
        probe = PROBES[self.prompt.probe]
        if probe.judged == NUMBER:
            return []
        pairs = zip(self.values, self.others, strict=True) if self.others else ()
        return [self.prompt.expected * (value - other) > probe.least for value, other in pairs]

    @property
    def cluster(self) -> Cluster:
        """What outcomes that are not independent of each other share: the words, of both sides where pairs are judged."""
        if PROBES[self.prompt.probe].judged == PAIR:
            return self.pair
        return frozenset([self.prompt.text])

    @property
    def pair(self) -> Cluster:
        return frozenset([self.prompt.text, self.prompt.counterpart])

    def to_json(self) -> dict[str, Any]:
        """The fields of the prompt, the numbers, and what they were judged."""
        prompt = self.prompt
        return {
            "prompt": prompt.text,
            "class": prompt.of_class,
            "probe": prompt.probe,
            "expected": prompt.expected,
            "seconds": prompt.seconds,
            "counterpart": prompt.counterpart,
            "of": list(prompt.of),
            "word": prompt.word,
            "values": list(self.values),
            "others": list(self.others),
            "obeyed": self.obeyed,
        }


@dataclass(frozen=True)
class Obedience:
    """What a generator's bodies did of what they were told.

    Attributes:
        outcomes: one a prompt, in the order of the prompts.
        per_prompt: motions of each.
        seed: of their noise.
        quality: `generated` and, where they were given, `real`: `skating` (percent), `sliding` (cm a frame), `jerk` (m/s^3).
    """

    outcomes: tuple[Outcome, ...]
    per_prompt: int
    seed: int
    quality: dict[str, dict[str, Estimate]] = field(default_factory=dict)

    @property
    def classes(self) -> dict[str, Estimate]:
        """Percent obeyed by class of prompt."""
        return self._shares(lambda outcome: outcome.prompt.of_class)

    @property
    def probes(self) -> dict[str, dict[str, Estimate]]:
        """Percent obeyed by class and probe."""
        return {
            name: shares(_of_class(self.outcomes, name), lambda outcome: outcome.prompt.probe)
            for name in self.classes
        }

    @property
    def words(self) -> dict[str, Estimate]:
        """Percent obeyed by the word that a prompt is about."""
        return self._shares(lambda outcome: outcome.prompt.word)

    @property
    def told_apart(self) -> dict[str, Estimate]:
        """Percent of opposite prompts whose bodies, from the same noise, differ as their words do, by class.

        A pair belongs to the later class of its two prompts in `CLASSES`.
        """
        pairs: dict[Cluster, Outcome] = {}
        for outcome in self.outcomes:
            kept = pairs.get(outcome.pair)
            if outcome.told_apart and (kept is None or _rank(outcome) > _rank(kept)):
                pairs[outcome.pair] = outcome
        by_class: dict[str, list[list[bool]]] = defaultdict(list)
        for outcome in pairs.values():
            by_class[outcome.prompt.of_class].append(outcome.told_apart)
        return {name: intervals.share(by_class[name]) for name in CLASSES if name in by_class}

    def _shares(self, of: Callable[[Outcome], str]) -> dict[str, Estimate]:
        return shares(self.outcomes, of)

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {
            "per_prompt": self.per_prompt,
            "seed": self.seed,
            "classes": _plain(self.classes),
            "probes": {name: _plain(found) for name, found in self.probes.items()},
            "words": _plain(self.words),
            "told_apart": _plain(self.told_apart),
            "quality": {name: _plain(found) for name, found in self.quality.items()},
            "prompts": [outcome.to_json() for outcome in self.outcomes],
        }


def shares(outcomes: Iterable[Outcome], of: Callable[[Outcome], str]) -> dict[str, Estimate]:
    """Percent obeyed of the outcomes that `of` gives the same name; those with an empty one are left out."""
    clusters: dict[str, dict[Cluster, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for outcome in outcomes:
        if of(outcome):
            clusters[of(outcome)][outcome.cluster] += outcome.obeyed
    return {name: intervals.share(groups.values()) for name, groups in in_order(clusters).items()}


def in_order(named: dict[str, Any]) -> dict[str, Any]:
    """Classes and probes in the order of their tables, words as they came."""
    table = [*CLASSES, *PROBES]
    return dict(
        sorted(named.items(), key=lambda item: table.index(item[0]) if item[0] in table else len(table))
    )


def _of_class(outcomes: Iterable[Outcome], name: str) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.prompt.of_class == name]


def _rank(outcome: Outcome) -> int:
    return CLASSES.index(outcome.prompt.of_class)


def _plain(found: dict[str, Estimate]) -> dict[str, dict[str, Any]]:
    return {name: asdict(estimate) for name, estimate in found.items()}
