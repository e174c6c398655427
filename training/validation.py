"""How well sentences and motions of the validation split find each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from torch.utils.data import DataLoader

from mate_hf.data.batching import Draw
from mate_hf.data.triplets import EVALUATION, TripletCollator, Triplets
from mate_hf.evaluation.retrieval import retrieval_metrics
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.objective import MateObjective
from mate_hf.text.vocabulary import Vocabulary

Batches = DataLoader[Any]
"""Yields the dictionaries of tensors that `MateObjective.forward` takes."""


def first_captions(split: Dataset, vocabulary: Vocabulary) -> list[int]:
    """One row a clip: its first caption that holds a word with a prototype."""
    rows: dict[str, int] = {}
    for row, (clip, lemmas) in enumerate(zip(split["clip"], split["lemmas"], strict=True)):
        if clip not in rows and any(vocabulary.prototype_id(lemma) is not None for lemma in lemmas):
            rows[clip] = row
    return list(rows.values())


def validation_loader(
    split: Dataset, rows: Sequence[int], collator: TripletCollator, batch_size: int
) -> Batches:
    """The rows in batches of like length, the same every time."""
    lengths = np.asarray(split["length"])
    ordered = sorted(rows, key=lambda row: (int(lengths[row]), row))
    batches = [
        [Draw(EVALUATION, row) for row in ordered[start : start + batch_size]]
        for start in range(0, len(ordered), batch_size)
    ]
    return DataLoader(
        Triplets(split, collator.seed),
        batch_sampler=batches,
        collate_fn=collator,
        generator=torch.Generator(),
    )


@torch.no_grad()
def validate(objective: MateObjective, loader: Batches, device: torch.device) -> dict[str, float]:
    """Mean losses over the split, and retrieval of all its pairs (protocol (a)).

    The objective and its model are left in evaluation mode.
    """
    objective.eval()
    model: MateModel = objective.model
    sums: dict[str, float] = {}
    texts, motions, seen = [], [], 0
    for batch in loader:
        batch = {name: tensor.to(device) for name, tensor in batch.items()}
        size = len(batch["length"])
        for name, value in objective(**batch).items():
            sums[name] = sums.get(name, 0.0) + float(value) * size
        texts.append(model.text_feature(batch["input_ids"], batch["attention_mask"]))
        motions.append(
            model.motion_encoder(model.normalise(batch["motion"], batch["mask"]), batch["mask"])[0]
        )
        seen += size
    losses = {name: value / seen for name, value in sums.items()}
    return losses | retrieval_metrics(torch.cat(texts), torch.cat(motions))
