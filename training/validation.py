"""What the validation split says: losses, and how well sentences and motions of it find each other."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from mate_hf.retrieval.metrics import cosine_similarity, retrieval_metrics
from mate_hf.training.loaders import Batches

Batch = dict[str, Tensor]


@torch.no_grad()
def mean_losses(
    objective: nn.Module,
    loader: Batches,
    device: torch.device,
    seen: Callable[[Batch], None] = lambda batch: None,
) -> dict[str, float]:
    """Mean losses over the split. The objective and its model are left in evaluation mode.

    Args:
        seen: called with each batch, on the device, for what else is asked of it.
    """
    objective.eval()
    sums: dict[str, float] = {}
    total = 0
    for batch in loader:
        batch = {name: tensor.to(device) for name, tensor in batch.items()}
        size = len(batch["length"])
        for name, value in objective(**batch).items():
            sums[name] = sums.get(name, 0.0) + float(value) * size
        seen(batch)
        total += size
    return {name: value / total for name, value in sums.items()}


def losses_and_retrieval(
    objective: nn.Module,
    loader: Batches,
    features: Callable[[Batch], tuple[Tensor, Tensor]],
    device: torch.device,
    similarity: Callable[[Tensor, Tensor], Tensor] = cosine_similarity,
) -> dict[str, float]:
    """Mean losses over the split, and retrieval of all its pairs (protocol (a)); see `mean_losses`.

    Args:
        features: a batch -> text features and motion features, both (B,D).
        similarity: what retrieval goes by.
    """
    pairs: list[tuple[Tensor, Tensor]] = []
    losses = mean_losses(objective, loader, device, lambda batch: pairs.append(features(batch)))
    texts, motions = (torch.cat(side) for side in zip(*pairs, strict=True))
    return losses | retrieval_metrics(texts, motions, similarity)
