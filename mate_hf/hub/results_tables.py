"""Files of `mate evaluate` as tables and as the Hub's model-index: what the card says is what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult

from mate_hf.errors import MateError
from mate_hf.evaluation.words.left_alone import left_alone
from mate_hf.evaluation.words.unseen_words import HELD_OUT
from mate_hf.hub.generation_tables import generation_table, obedience_table
from mate_hf.retrieval.metrics import RANKS
from mate_hf.utils.json_files import read_json
from mate_hf.utils.markdown import plain
from mate_hf.utils.masked import masked

SOURCE = ("command", "data_hash")
RETRIEVING, GENERATING = "sentence-similarity", "text-to-motion"
"""Tasks as the model-index names them."""


@dataclass(frozen=True)
class Result:
    """One results file. `table`: Markdown; `entries`: for the model-index, metric's type, name and value."""

    title: str
    table: str
    command: str
    data_hash: str
    commit: str
    split: str
    task: str
    entries: tuple[tuple[str, str, float], ...]
    task_type: str = RETRIEVING

    def model_index(self) -> Iterator[EvalResult]:
        """The entries as the Hub reads them."""
        for kind, name, value in self.entries:
            yield EvalResult(
                task_type=self.task_type,
                task_name=self.task,
                dataset_type="motion-text",
                dataset_name=f"{self.split} split, {self.data_hash}" if self.split else self.data_hash,
                dataset_split=self.split or None,
                metric_type=kind,
                metric_name=name,
                metric_value=round(value, 2),
            )


def read_result(path: Path) -> Result:
    """Open a file of `mate evaluate`: retrieval, words, obedience or generation.

    Raises:
        MateError: it cannot be read, or is none of these.
    """
    expected = "Expected a file of `mate evaluate retrieval`, `words`, `obedience` or `generation`."
    content = read_json(path, dict, expected)
    missing = [name for name in SOURCE if name not in content]
    try:
        if not missing and (read := _read(content)) is not None:
            return read
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MateError(
            f"results {path}: not what was written there ({type(error).__name__}: {error}). {expected}"
        ) from error
    lacking = ", ".join(missing) or "protocols, metrics nor obedience"
    raise MateError(f"results {path}: no {lacking}. {expected}")


def _read(content: dict[str, Any]) -> Result | None:
    if "protocols" in content:
        return _result(content, "text-motion retrieval", *_retrieval(content["protocols"]))
    if "swaps" in content.get("metrics", {}):
        return _result(content, "word probes", *_words(content["metrics"]))
    if "told_apart" in content:
        return _result(content, "obedience", *obedience_table(content), GENERATING)
    if "generated" in content.get("metrics", {}):
        return _result(content, "generation", *generation_table(content), GENERATING)
    return None


def _result(
    content: dict[str, Any],
    task: str,
    table: str,
    entries: list[tuple[str, str, float]],
    task_type: str = RETRIEVING,
) -> Result:
    for _, name, value in entries:
        if not isfinite(value):
            raise ValueError(f"{name} is {value}")
    split = content["split"] if task_type == RETRIEVING else ""
    title = f"{task[0].upper()}{task[1:]}"
    return Result(
        title=f"{title}, {split} split" if split else title,
        table=table,
        command=masked(content["command"]),
        data_hash=content["data_hash"][:12],
        commit=(content.get("commit") or "unknown")[:12],
        split=split,
        task=task,
        entries=tuple(entries),
        task_type=task_type,
    )


def _retrieval(protocols: dict[str, dict[str, float]]) -> tuple[str, list[tuple[str, str, float]]]:
    ways = {"t2m": "text to motion", "m2t": "motion to text"}
    lines = [
        "| protocol | items | | " + " | ".join(f"R@{k}" for k in RANKS) + " | MedR |",
        "|---" * (len(RANKS) + 4) + "|",
    ]
    entries = []
    for name, scores in protocols.items():
        for way, words in ways.items():
            recalls = " | ".join(f"{scores[f'{way}/R@{k}']:.1f}" for k in RANKS)
            lines.append(
                f"| ({plain(name)}) | {scores['items']:.0f} | {words} | {recalls} | {scores[f'{way}/MedR']:.1f} |"
            )
            entries += [("recall", f"{way} R@{k}, protocol ({name})", scores[f"{way}/R@{k}"]) for k in RANKS]
        chance = " | ".join(f"{scores[f'chance_R@{k}']:.1f}" for k in RANKS)
        lines.append(f"| ({plain(name)}) | {scores['items']:.0f} | chance | {chance} | |")
    return "\n".join(lines), entries


def _words(metrics: dict[str, Any]) -> tuple[str, list[tuple[str, str, float]]]:
    before = metrics.get("cosines_before", {})
    rows: list[tuple[str, str, str]] = []
    for name, probe in metrics["cosines"].items():
        was = f"{before[name]['mean']:.3f}" if name in before else ""
        rows.append((f"mean cosine, {name.replace('_', ' ')}", was, f"{probe['mean']:.3f}"))
    entries = []
    for name, scores in metrics["swaps"].items():
        if name.startswith("pair "):
            continue
        rows.append(
            (
                f"right choice between caption and antonym negative, {name} ({scores['count']})",
                "50.0 % by chance",
                f"{scores['accuracy']:.1f} %, margin {scores['margin']:.3f}",
            )
        )
        entries.append(("accuracy", f"antonym negative, {name}", scores["accuracy"]))
    if "R@1" in (told := metrics.get("paraphrases", {})):
        rows.append(
            (
                f"R@1 of 32, captions told in untrained words ({told['count']})",
                f"{told['R@1 before']:.1f} % in their own",
                f"{told['R@1']:.1f} %",
            )
        )
        entries.append(("recall", "R@1 of 32, paraphrases in untrained words", told["R@1"]))
    if "pointing" in (grounding := metrics.get("grounding", {})):
        rows.append(
            (
                f"attention's peak inside the word's frames ({grounding['words']} words)",
                f"{grounding['chance']:.1f} % by chance",
                f"{grounding['pointing']:.1f} %",
            )
        )
        entries.append(("accuracy", "pointing at a word's frames", grounding["pointing"]))
    entries += _kept(metrics)
    lines = ["| probe | before, or chance | after |", "|---|---|---|"]
    lines += [f"| {plain(name)} | {plain(was)} | {plain(now)} |" for name, was, now in rows]
    if sentence := left_alone(metrics):
        lines += ["", sentence]
    return "\n".join(lines), entries


def _kept(metrics: dict[str, Any]) -> list[tuple[str, str, float]]:
    """What `left_alone` says in words; the Hub keeps two decimals, so that likenesses are in percent."""
    entries = []
    unseen = metrics.get("unseen_words", {}).get("halves", {}).get(HELD_OUT, {}).get("all", {})
    if "after" in unseen:
        entries.append(("accuracy", "unseen words, held out", unseen["after"]["mean"]))
    for name, kind in (("cosine", "cosine with stock"), ("rank_correlation", "rank correlation with stock")):
        if name in (found := metrics.get("retention", {})):
            entries.append(("correlation", f"general English, {kind}, %", 100 * found[name]["mean"]))
    return entries
