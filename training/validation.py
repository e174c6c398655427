"""How well sentences and motions of the validation split find each other."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from mate_hf.retrieval.metrics import cosine_similarity, retrieval_metrics
from mate_hf.training.loaders import Batches


@torch.no_grad()
def validate(
    objective: nn.Module,
    loader: Batches,
    features: Callable[[dict[str, Tensor]], tuple[Tensor, Tensor]],
    device: torch.device,
    similarity: Callable[[Tensor, Tensor], Tensor] = cosine_similarity,
) -> dict[str, float]:
    """Mean losses over the split, and retrieval of all its pairs (protocol (a)).

    The objective and its model are left in evaluation mode.

    Args:
        features: a batch -> text features and motion features, both (B,D).
        similarity: what retrieval goes by.
    """
    objective.eval()
    sums: dict[str, float] = {}
    texts, motions, seen = [], [], 0
    for batch in loader:
        batch = {name: tensor.to(device) for name, tensor in batch.items()}
        size = len(batch["length"])
        for name, value in objective(**batch).items():
            sums[name] = sums.get(name, 0.0) + float(value) * size
        text, motion = features(batch)
        texts.append(text)
        motions.append(motion)
        seen += size
    losses = {name: value / seen for name, value in sums.items()}
    return losses | retrieval_metrics(torch.cat(texts), torch.cat(motions), similarity)
