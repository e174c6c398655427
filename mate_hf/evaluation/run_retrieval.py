"""`mate evaluate retrieval`: a trained run on a split, with where the numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from mate_hf.data.batching import crop, pad_motions
from mate_hf.data.corpus import Corpus, first_rows_of_clips, read_motion
from mate_hf.errors import MateError
from mate_hf.evaluation.retrieval import retrieval_metrics
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.preparation import open_prepared
from mate_hf.provenance import provenance
from mate_hf.runs import open_model

BATCH = 64


def retrieval_of_run(
    run: Path, data: str, split_name: str, which: str, argv: Sequence[str]
) -> dict[str, Any]:
    """Protocol (a): every clip's first caption against every motion of the split, cropped to 196 frames.

    Returns:
        Provenance, `split`, `items` and `metrics` (see `retrieval_metrics`).
    """
    model = open_model(run, which)
    with TemporaryDirectory(prefix="mate-evaluation-") as scratch:
        return _retrieval(model, open_prepared(data, Path(scratch) / "data").corpus, data, split_name, argv)


def _retrieval(
    model: MateModel, corpus: Corpus, data: str, split_name: str, argv: Sequence[str]
) -> dict[str, Any]:
    if split_name not in corpus.splits:
        raise MateError(f"split {split_name!r}: {data} holds {', '.join(corpus.splits)}.")
    split = corpus.splits[split_name]
    rows = first_rows_of_clips(split)
    captions = split.select_columns(["caption"])
    texts, motions = [], []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        texts.append(model.encode_text([captions[row]["caption"] for row in batch]))
        frames = [read_motion(split, row) for row in batch]
        padded = pad_motions([motion[: crop(len(motion), None)[1]] for motion in frames])
        motions.append(model.encode_motion(padded["motion"], padded["length"]))
    return {
        **provenance(argv, corpus, seed=0),
        "split": split_name,
        "items": len(rows),
        "metrics": retrieval_metrics(torch.cat(texts), torch.cat(motions)),
    }
