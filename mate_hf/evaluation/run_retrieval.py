"""`mate evaluate retrieval`: a trained run on a split, with where the numbers come from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.data.batching import evaluation_batch
from mate_hf.data.corpus import Corpus, first_rows_of_clips, open_corpus
from mate_hf.evaluation.protocols import protocol_metrics
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.model import open_model
from mate_hf.runs.provenance import provenance
from mate_hf.text.encoders import open_text_encoder
from mate_hf.utils.json_files import read_json
from mate_hf.utils.results import RETRIEVAL, Results
from mate_hf.utils.scratch import scratch_folder

BATCH = 64

Encoders = tuple[Callable[[list[str]], Tensor], Callable[[dict[str, Tensor]], Tensor]]
"""Captions -> features (B,D); a batch of motions (`motion`, `length`, `mask`) -> features (B,D)."""


def evaluate_retrieval(
    run: str | Path,
    data: str | Path,
    split: str = "test",
    out: str | Path | None = None,
    which: str = "best",
    sentence_encoder: str | None = None,
    device: str = "cpu",
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> dict[str, Any]:
    """Every clip's first caption against every motion of the split, cropped to 196 frames, by protocols (a) to (d).

    Args:
        run: of train.py or train_retrieval.py, or a model folder.
        data: folder, prepared Dataset or Hub id.
        out: JSON file to write the results to.
        which: `best` or `last`.
        sentence_encoder: tells which captions are alike, for (b) and (c). By default the one that a run of
            train_retrieval.py filtered its negatives with, at its revision; without any, these two are left out.
        device: where models are run: `cpu`, `cuda`, ...
        argv: the command to record.
        overwrite: replace another file that stands at `out`; results of this measurement are replaced in any case.

    Returns:
        Provenance, `split`, `items`, `metrics` (protocol (a)) and `protocols` (see `protocol_metrics`).

    Raises:
        MateError: no model, no corpus, no such split, or `out` holds something else.
    """
    kept = Results(out, RETRIEVAL, overwrite, reads=[run, data, sentence_encoder])
    run, data = Path(run), str(data)
    encoders, width = _open(run, which, device)
    named = (sentence_encoder, None) if sentence_encoder else RunFolder.around(run).sentence_encoder()
    with scratch_folder("evaluation") as scratch:
        corpus = open_corpus(data, scratch)
        corpus.require_width(width, str(run))
        return kept.keep(_retrieval(encoders, corpus, data, split, argv, named))


def _open(run: Path, which: str, device: str) -> tuple[Encoders, int]:
    """What reads captions and motions, and how many features a frame it was trained on."""
    config = read_json(RunFolder(run).model(which) / "config.json", dict, "Copy the folder again.")
    if config.get("model_type") == TMRConfig.model_type:
        retriever = open_retriever(run, which, device)
        encoders: Encoders = (
            retriever.encode_texts,
            lambda batch: retriever.encode_motions(batch["motion"], batch["mask"]),
        )
        return encoders, retriever.model.config.motion_width
    model = open_model(run, which, device)
    encoders = (
        lambda captions: model.encode_text(captions).cpu(),
        lambda batch: model.encode_motion(batch["motion"], batch["length"]).cpu(),
    )
    return encoders, model.config.motion_width


def _retrieval(
    encoders: Encoders,
    corpus: Corpus,
    data: str,
    split_name: str,
    argv: Sequence[str],
    sentence_encoder: tuple[str, str | None] | None,
) -> dict[str, Any]:
    split = corpus.split(split_name, data)
    rows = first_rows_of_clips(split)
    named = split.select(rows)
    captions, clips = list(named["caption"]), list(named["clip"])
    encode_texts, encode_motions = encoders
    # Each caption once, so that motions of equal captions tie exactly.
    unique = sorted(set(captions))
    known = torch.cat([encode_texts(unique[start : start + BATCH]) for start in range(0, len(unique), BATCH)])
    texts = known[[bisect_left(unique, caption) for caption in captions]]
    motions = []
    for start in range(0, len(rows), BATCH):
        motions.append(encode_motions(evaluation_batch(split.motions, rows[start : start + BATCH])))
    likeness = None
    if sentence_encoder is not None:
        features = F.normalize(open_text_encoder(*sentence_encoder).sentence_features(captions), dim=-1)
        likeness = features @ features.T
    protocols = protocol_metrics(texts, torch.cat(motions), likeness, clips)
    return {
        **provenance(argv, corpus, seed=0),
        "split": split_name,
        "sentence_encoder": sentence_encoder and sentence_encoder[0],
        "items": len(rows),
        "metrics": protocols["a"],
        "protocols": protocols,
    }
