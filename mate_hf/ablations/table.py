"""The runs of a plan as Markdown: mean and spread over seeds, and differences seed by seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t as student

from mate_hf.ablations.plan import Plan, Table
from mate_hf.ablations.runs import Run
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import CLASSES, PROBES
from mate_hf.evaluation.words.unseen_words import HALVES, HELD_OUT
from mate_hf.utils.files import written_whole
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.markdown import plain

Values = dict[int, float]
"""Seed -> number."""

Found = dict[str, dict["Metric", Values]]
"""Arm -> metric -> its numbers."""


@dataclass(frozen=True)
class Metric:
    """A number of a results file: its heading, the file, the keys down to it, and its decimals."""

    heading: str
    file: str
    keys: tuple[str, ...]
    decimals: int = 1


UNSEEN = ("metrics", "unseen_words", "halves")

OF_ENCODERS = (
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
    *(
        Metric(f"unseen words %, {half}", "words.json", (*UNSEEN, half, "all", "after", "mean"))
        for half in HALVES
    ),
    Metric("unseen words %, held out, stock", "words.json", (*UNSEEN, HELD_OUT, "all", "before", "mean")),
    Metric(
        "function over direction", "words.json", ("metrics", "displacement", "function over direction"), 2
    ),
    Metric("general English, cosine", "words.json", ("metrics", "retention", "cosine", "mean"), 4),
    Metric(
        "general English, rank corr.", "words.json", ("metrics", "retention", "rank_correlation", "mean"), 4
    ),
)

FIELDS_METRICS = (
    *("R-Precision top 1", "R-Precision top 2", "R-Precision top 3"),
    *("FID", "MM-Dist", "Diversity", "MultiModality"),
)
"""By their names in the results."""

OF_BODIES = (
    *(Metric(f"obeyed %, {name}", "obedience.json", ("classes", name, "mean")) for name in CLASSES),
    *(Metric(f"told apart %, {name}", "obedience.json", ("told_apart", name, "mean")) for name in CLASSES),
    Metric("feet skate %", "obedience.json", ("quality", "generated", "skating", "mean")),
    Metric("jerk m/s^3", "obedience.json", ("quality", "generated", "jerk", "mean"), 0),
    *(Metric(name, "generation.json", ("metrics", "generated", name, "mean"), 3) for name in FIELDS_METRICS),
    *(
        Metric(f"{probe} %, {name}", "obedience.json", ("probes", name, probe, "mean"))
        for name in CLASSES
        for probe in PROBES
    ),
)

METRICS = (*OF_BODIES, *OF_ENCODERS)

OVERVIEW = (
    *(f"obeyed %, {name}" for name in CLASSES),
    *("R-Precision top 1", "FID"),
    "R@1 t2m (a)",
    "R@1 m2t (a)",
    "swap %",
    "swap margin",
    "pointing %",
    "pointing in context %",
    "contained/absent AUC",
    "found where absent %",
    "cos antonym words",
    "cos synonym words",
    "cos antonym sentences",
    f"unseen words %, {HELD_OUT}",
    "function over direction",
    "general English, rank corr.",
)
"""Headings of tables of many arms."""


def render_tables(plan: Plan, runs: Sequence[Run], planned: int | None = None) -> str:
    """One section a corpus and table; arms and seeds that are not done yet are left out and counted.

    Args:
        planned: how many runs the plan has; by default these.
    """
    done = [run for run in runs if run.done]
    lines = []
    if len(done) < (count := len(runs) if planned is None else planned):
        lines.append(f"{len(done)} of {count} runs are done.\n")
    for corpus in plan.corpora:
        found = _collect([run for run in done if run.corpus == corpus])
        for table in plan.tables:
            lines.append(_section(f"{corpus}: {table.title}", table, found))
    return "\n".join(lines)


def _collect(runs: Sequence[Run]) -> Found:
    found: dict[str, dict[Metric, Values]] = defaultdict(lambda: defaultdict(dict))
    for run in runs:
        files = {
            name: read_json(run.folder / name, dict, f"Remove {run.folder} and call again.")
            for name in run.results
        }
        for metric in METRICS:
            value = number_at(files.get(metric.file), metric.keys, run.folder / metric.file)
            if value is not None:
                found[run.arm][metric][run.seed] = value
    return found


def number_at(content: Any, keys: Sequence[str], file: Path) -> float | None:
    """A number of a results file, by the keys down to it; None where there is no such place, null (a ratio of two zeros is written so), or
    none that is finite.

    Raises:
        MateError: something else stands there.
    """
    for key in keys:
        if not isinstance(content, dict) or key not in content:
            return None
        content = content[key]
    if content is None:
        return None
    if not isinstance(content, (int, float)):
        raise MateError(
            f"{file}: {' '.join(keys)} is {brief(content)}; expected a number. Evaluate that run again."
        )
    # One that is not finite would take the mean of all seeds with it.
    return float(content) if isfinite(content) else None


def _section(title: str, table: Table, found: Found) -> str:
    arms = [arm for arm in table.arms if arm in found]
    metrics = [metric for metric in METRICS if any(metric in found[arm] for arm in arms)]
    lines = LAYOUTS[table.rows](table, arms, metrics, found) if metrics else ["Nothing is done yet."]
    return "\n".join([f"### {plain(title)}\n", *lines, ""])


def _by_metric(table: Table, arms: list[str], metrics: list[Metric], found: Found) -> list[str]:
    compared = [arm for arm in arms if arm != table.against] if table.against in found else []
    headings = [plain(arm) for arm in (*arms, *(f"{arm} − {table.against}" for arm in compared))]
    counts = [str(max(len(values) for values in found[arm].values())) for arm in arms]
    lines = [
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
    return lines


def _by_arm(table: Table, arms: list[str], metrics: list[Metric], found: Found) -> list[str]:
    metrics = [metric for metric in metrics if metric.heading in OVERVIEW]
    bold = f"Bold: differs from {plain(table.against)}, seed by seed, beyond its 95 % interval.\n"
    lines = [
        *([bold] if table.against else []),
        "| | seeds | " + " | ".join(metric.heading for metric in metrics) + " |",
        "|---" * (len(metrics) + 2) + "|",
    ]
    for arm in arms:
        counted = max(len(values) for values in found[arm].values())
        cells = [
            _marked(found[arm].get(m, {}), found.get(str(table.against), {}).get(m, {}), m) for m in metrics
        ]
        lines.append(f"| {plain(arm)} | {counted} | " + " | ".join(cells) + " |")
    return lines


LAYOUTS = {"metrics": _by_metric, "arms": _by_arm}
"""By what their rows are."""


def _marked(values: Values, reference: Values, metric: Metric) -> str:
    """Mean and spread, bold where the difference from the reference leaves its interval."""
    text = _spread(values, metric.decimals)
    return f"**{text}**" if _decided(values, reference) else text


def _spread(values: Values, decimals: int) -> str:
    """Mean and standard deviation."""
    if not values:
        return ""
    numbers = list(values.values())
    mean = f"{fmean(numbers):.{decimals}f}"
    return mean if len(numbers) < 2 else f"{mean} ± {stdev(numbers):.{decimals}f}"


def _difference(values: Values, reference: Values, decimals: int) -> str:
    """Mean difference over common seeds with its 95 % interval (Student's t); bold where that excludes 0."""
    differences = _differences(values, reference)
    if not differences:
        return ""
    mean = fmean(differences)
    if len(differences) < 2:
        return f"{mean:+.{decimals}f}"
    text = f"{mean:+.{decimals}f} ± {_half_interval(differences):.{decimals}f}"
    return f"**{text}**" if _decided(values, reference) else text


def _decided(values: Values, reference: Values) -> bool:
    """Whether the mean difference leaves its 95 % interval."""
    differences = _differences(values, reference)
    return len(differences) > 1 and abs(fmean(differences)) > _half_interval(differences)


def _differences(values: Values, reference: Values) -> list[float]:
    """Seed by seed."""
    return [values[seed] - reference[seed] for seed in sorted(values.keys() & reference.keys())]


def _half_interval(differences: list[float]) -> float:
    count = len(differences)
    return float(student.ppf(0.975, count - 1)) * stdev(differences) / count**0.5


def write_tables(plan: Plan, runs: Sequence[Run], planned: int, path: Path) -> None:
    """The tables as a file, whole or not at all; see `render_tables`."""
    with written_whole(path) as fresh:
        fresh.write_text(render_tables(plan, runs, planned), encoding="utf-8")
