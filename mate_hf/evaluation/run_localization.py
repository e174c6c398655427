"""`mate evaluate localization`: a retrieval model's boundaries on a corpus whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mate_hf.data.corpus import Corpus, open_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.localization import TRUTH_FILE, examples, localization_metrics, read_truth
from mate_hf.retrieval.retriever import Retriever, open_retriever
from mate_hf.runs.provenance import provenance
from mate_hf.text.decomposition import RuleDecomposer


def localization_of_run(
    run: Path,
    data: str,
    split_name: str,
    which: str,
    argv: Sequence[str],
    truth: Path | None = None,
    unit_seconds: float = 0.5,
) -> dict[str, Any]:
    """Boundary errors of a split (Table 9) in seconds, beside uniform cuts and change points.

    Args:
        data: a corpus made by `mate prepare --synthetic`, or the Dataset prepared from it.
        truth: its `truth.jsonl`, where it does not lie in `data`.
    """
    known = read_truth(truth or Path(data) / TRUTH_FILE)
    retriever = open_retriever(run, which)
    with TemporaryDirectory(prefix="mate-evaluation-") as scratch:
        return _measure(open_corpus(data, scratch), retriever, known, split_name, argv, unit_seconds)


def _measure(
    corpus: Corpus,
    retriever: Retriever,
    truth: dict[tuple[str, str], dict[str, Any]],
    split_name: str,
    argv: Sequence[str],
    unit_seconds: float,
) -> dict[str, Any]:
    items = examples(corpus.split(split_name), truth)
    if not items:
        raise MateError(
            f"split {split_name!r}: no caption of several sub-texts that the truth knows. Is it the truth of this corpus?"
        )
    rules = RuleDecomposer()
    metrics = localization_metrics(
        items,
        retriever,
        lambda captions: list(rules.decompose(captions)),
        corpus.std,
        corpus.kind.fps,
        unit_seconds,
    )
    return {
        **provenance(argv, corpus, seed=0),
        "split": split_name,
        "unit_seconds": unit_seconds,
        "metrics": metrics,
    }
