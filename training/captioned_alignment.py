"""ATM's losses inside a training whose batches name captions by number."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.alignment import Aligner
from mate_hf.data.batching import caption_number
from mate_hf.data.corpus import Corpus
from mate_hf.text.text_features import encoder_digest
from mate_hf.training.alignment_arguments import AlignmentArguments
from mate_hf.utils.distributed import all_rows, longest, row_counts, world_size
from mate_hf.utils.weights import weights_digest


class CaptionedAlignment:
    """Reads every caption once, before the first step.

    Args:
        aligner: of raw features.
        captions: that batches will name by `caption_number`.
        every: steps of which one is aligned.

    Attributes:
        digests: of all that is frozen, by what it is.
    """

    def __init__(self, aligner: Aligner, captions: Iterable[str], every: int = 1) -> None:
        self.aligner, self.every, self.due = aligner, every, True
        self.digests = {
            "alignment module": weights_digest(aligner.retriever.model),
            "text encoder of the alignment module": encoder_digest(aligner.retriever.encoder),
            "sentence encoder of the alignment": encoder_digest(aligner.sentences),
        }
        unique = sorted(set(captions), key=caption_number)
        device = aligner.mean.device
        self.numbers = torch.tensor([caption_number(caption) for caption in unique], device=device)
        self.texts, self.sentences = (part.to(device) for part in aligner.features(unique))

    def before_step(self, step: int) -> None:
        """Every process, and a run that goes on, must align the same steps: the step alone says which."""
        self.due = step % self.every == 0

    def __call__(
        self, generated: Tensor, real: Tensor, lengths: Tensor, caption_id: Tensor
    ) -> dict[str, Tensor]:
        """`total`, to be added; `inter` and `intra`; and the shares of motions that have a term, `inter_active` and `intra_active`.

        In a step that is not aligned, `total` alone, 0.
        """
        if not self.due:
            return {"total": generated.new_zeros(())}
        generated, real, lengths, caption_id = self._whole(generated, real, lengths, caption_id)
        if not len(generated):
            names = ("total", "inter", "intra", "inter_active", "intra_active")
            return {name: generated.new_zeros(()) for name in names}
        rows = torch.searchsorted(self.numbers, caption_id)
        alike = self.aligner.likeness(self.sentences[rows])
        found = self.aligner.align(generated, real, lengths, self.texts[rows], alike)
        shares = {
            f"{name}_active": generated.new_tensor(1 - count / max(len(generated), 1))
            for name, count in found.inactive.items()
        }
        return {"total": self.every * found.total, "inter": found.inter, "intra": found.intra, **shares}

    def _whole(self, generated: Tensor, real: Tensor, *numbers: Tensor) -> list[Tensor]:
        """Those of all processes, with gradient: hard examples and proxies are sought in the whole batch, by each process for all of it."""
        if world_size() == 1:
            return [generated, real, *numbers]
        counts = row_counts(real)
        further = longest(real.shape[1], real.device) - real.shape[1]
        motions = (F.pad(motion, (0, 0, 0, further)) for motion in (generated, real))
        return [all_rows(rows, counts) for rows in (*motions, *numbers)]


def open_alignment(
    settings: AlignmentArguments, corpus: Corpus, captions: Iterable[str], device: torch.device
) -> CaptionedAlignment | None:
    """What the settings ask for; None where that is nothing.

    Args:
        corpus: that is learned from. captions: of its batches.

    Raises:
        MateError: a module that does not open, or one of another kind of motion.
    """
    if settings.alignment == "none" or settings.alignment_module is None:
        return None
    aligner = Aligner.open(
        settings.alignment_module,
        device=device,
        sentence_encoder=settings.alignment_sentence_encoder,
        settings=settings,
    )
    corpus.require_width(aligner.kind.width, f"the alignment module {settings.alignment_module}")
    return CaptionedAlignment(aligner, captions, settings.alignment_every)
