"""`mate evaluate localization`: a retrieval model's boundaries on a corpus whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mate_hf.data.corpus import Corpus, open_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.localization import TRUTH_FILE, examples, localization_metrics, read_truth
from mate_hf.retrieval.retriever import Retriever, open_retriever
from mate_hf.runs.provenance import provenance
from mate_hf.text.decomposition import RuleDecomposer
from mate_hf.utils.results import LOCALIZATION, Results
from mate_hf.utils.scratch import scratch_folder


def evaluate_localization(
    run: str | Path,
    data: str | Path,
    split: str = "test",
    truth: str | Path | None = None,
    unit_seconds: float = 0.5,
    out: str | Path | None = None,
    which: str = "best",
    device: str = "cpu",
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> dict[str, Any]:
    """Boundary errors of a split (Table 9) in seconds, beside uniform cuts and change points.

    Args:
        run: of train_retrieval.py, or a converted checkpoint.
        data: a corpus made by `mate prepare --synthetic`, or the Dataset prepared from it.
        truth: its `truth.jsonl`, where it does not lie in `data`.
        unit_seconds: segments are whole units of this length.
        out: JSON file to write the results to.
        which: `best` or `last`.
        device: where models are run: `cpu`, `cuda`, ...
        argv: the command to record.
        overwrite: replace another file that stands at `out`; results of this measurement are replaced in any case.

    Raises:
        MateError: no model, no corpus, no truth of this split, or `out` holds something else.
    """
    kept = Results(out, LOCALIZATION, overwrite, reads=[run, data, truth])
    known = read_truth(Path(truth) if truth is not None else Path(data) / TRUTH_FILE)
    retriever = open_retriever(run, which, device)
    with scratch_folder("evaluation") as scratch:
        corpus = open_corpus(data, scratch)
        return kept.keep(_measure(corpus, retriever, known, split, argv, unit_seconds))


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
