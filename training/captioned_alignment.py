"""ATM's losses inside a training whose batches name captions by number."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from mate_hf.alignment import Aligner, align
from mate_hf.data.batching import caption_number


class CaptionedAlignment:
    """Reads every caption once, before the first step.

    Args:
        aligner: of raw features.
        captions: that batches will name by `caption_number`.
    """

    def __init__(self, aligner: Aligner, captions: Iterable[str]) -> None:
        self.aligner = aligner
        unique = sorted(set(captions), key=caption_number)
        device = aligner.mean.device
        self.numbers = torch.tensor([caption_number(caption) for caption in unique], device=device)
        self.texts, self.sentences = (part.to(device) for part in aligner.features(unique))

    def __call__(
        self, generated: Tensor, real: Tensor, lengths: Tensor, caption_id: Tensor
    ) -> dict[str, Tensor]:
        """`total`, to be added; `inter` and `intra`; and the shares of motions that have a term, `inter_active` and `intra_active`."""
        rows = torch.searchsorted(self.numbers, caption_id)
        sentences = self.sentences[rows]
        with torch.autocast(generated.device.type, enabled=False):
            found = align(
                generated,
                real,
                lengths,
                self.texts[rows],
                sentences @ sentences.T,
                self.aligner.encode,
                self.aligner.kind.fps,
                self.aligner.settings,
            )
        shares = {
            f"{name}_active": generated.new_tensor(1 - count / max(len(generated), 1))
            for name, count in found.inactive.items()
        }
        return {"total": found.total, "inter": found.inter, "intra": found.intra, **shares}
