"""The runs of a plan as Markdown: mean and spread over seeds, and differences seed by seed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t as student

from mate_hf.ablations.plan import Plan, Table
from mate_hf.ablations.runs import Run
from mate_hf.files import written_whole

Values = dict[int, float]
"""Seed -> number."""


@dataclass(frozen=True)
class Metric:
    """A row: its heading, the results file, the keys down to the number, and its decimals."""

    heading: str
    file: str
    keys: tuple[str, ...]
    decimals: int = 1


METRICS = (
    Metric("R@1 t2m (a)", "retrieval.json", ("protocols", "a", "t2m/R@1")),
    Metric("R@1 m2t (a)", "retrieval.json", ("protocols", "a", "m2t/R@1")),
    Metric("R@1 t2m (d)", "retrieval.json", ("protocols", "d", "t2m/R@1")),
    Metric("swap %", "words.json", ("metrics", "swaps", "all", "accuracy")),
    Metric("swap margin", "words.json", ("metrics", "swaps", "all", "margin"), 3),
    Metric("swap %, several actions", "words.json", ("metrics", "swaps", "several actions", "accuracy")),
    Metric("margin, several", "words.json", ("metrics", "swaps", "several actions", "margin"), 3),
    Metric("swap %, held-out", "words.json", ("metrics", "swaps", "held-out combinations", "accuracy")),
    Metric("R@1 of 32, untrained words", "words.json", ("metrics", "paraphrases", "R@1")),
    Metric("pointing %", "words.json", ("metrics", "grounding", "pointing")),
    Metric("attention inside %", "words.json", ("metrics", "grounding", "mass")),
    Metric("pointing in context %", "words.json", ("metrics", "grounding", "pointing in context")),
    Metric("contained/absent AUC", "words.json", ("metrics", "disentanglement", "auc")),
    Metric("found where absent %", "words.json", ("metrics", "disentanglement", "absent", "nearest")),
    Metric("cos antonym words", "words.json", ("metrics", "cosines", "antonym_words", "mean"), 3),
    Metric("cos synonym words", "words.json", ("metrics", "cosines", "synonym_words", "mean"), 3),
    Metric("cos antonym sentences", "words.json", ("metrics", "cosines", "antonym_sentences", "mean"), 3),
    Metric("cos synonym sentences", "words.json", ("metrics", "cosines", "synonym_sentences", "mean"), 3),
)


def render_tables(plan: Plan, runs: Sequence[Run]) -> str:
    """One section a corpus and table; arms and seeds that are not done yet are left out and counted."""
    done = [run for run in runs if run.done]
    lines = []
    if len(done) < len(runs):
        lines.append(f"{len(done)} of {len(runs)} runs are done.\n")
    for corpus in plan.corpora:
        found = _collect([run for run in done if run.corpus == corpus])
        for table in plan.tables:
            lines.append(_table(f"{corpus}: {table.title}", table, found))
    return "\n".join(lines)


def _collect(runs: Sequence[Run]) -> dict[str, dict[Metric, Values]]:
    found: dict[str, dict[Metric, Values]] = defaultdict(lambda: defaultdict(dict))
    for run in runs:
        files = {
            name: json.loads((run.folder / name).read_text("utf-8")) for name in {m.file for m in METRICS}
        }
        for metric in METRICS:
            value = _number(files[metric.file], metric.keys)
            if value is not None:
                found[run.arm][metric][run.seed] = value
    return found


def _number(content: Any, keys: Sequence[str]) -> float | None:
    for key in keys:
        if not isinstance(content, dict) or key not in content:
            return None
        content = content[key]
    return float(content)


def _table(title: str, table: Table, found: dict[str, dict[Metric, Values]]) -> str:
    arms = [arm for arm in table.arms if arm in found]
    metrics = [metric for metric in METRICS if any(metric in found[arm] for arm in arms)]
    if not metrics:
        return f"### {title}\n\nNothing is done yet.\n"
    compared = [arm for arm in arms if arm != table.against] if table.against in found else []
    headings = [*arms, *(f"{arm} − {table.against}" for arm in compared)]
    counts = [str(max(len(values) for values in found[arm].values())) for arm in arms]
    lines = [
        f"### {title}\n",
        "| | " + " | ".join(headings) + " |",
        "|---" * (len(headings) + 1) + "|",
        "| seeds | " + " | ".join([*counts, *("" for _ in compared)]) + " |",
    ]
    for metric in metrics:
        cells = [_spread(found[arm].get(metric, {}), metric.decimals) for arm in arms]
        for arm in compared:
            reference = found[str(table.against)].get(metric, {})
            cells.append(_difference(found[arm].get(metric, {}), reference, metric.decimals))
        lines.append(f"| {metric.heading} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _spread(values: Values, decimals: int) -> str:
    """Mean and standard deviation."""
    if not values:
        return ""
    numbers = list(values.values())
    mean = f"{fmean(numbers):.{decimals}f}"
    return mean if len(numbers) < 2 else f"{mean} ± {stdev(numbers):.{decimals}f}"


def _difference(values: Values, reference: Values, decimals: int) -> str:
    """Mean difference over common seeds with its 95 % interval (Student's t); bold where that excludes 0."""
    seeds = sorted(values.keys() & reference.keys())
    if not seeds:
        return ""
    differences = [values[seed] - reference[seed] for seed in seeds]
    mean = fmean(differences)
    if len(seeds) < 2:
        return f"{mean:+.{decimals}f}"
    half = float(student.ppf(0.975, len(seeds) - 1)) * stdev(differences) / len(seeds) ** 0.5
    text = f"{mean:+.{decimals}f} ± {half:.{decimals}f}"
    return f"**{text}**" if abs(mean) > half else text


def write_tables(plan: Plan, runs: Sequence[Run], path: Path) -> None:
    """The tables as a file, whole or not at all."""
    with written_whole(path) as fresh:
        fresh.write_text(render_tables(plan, runs), encoding="utf-8")
