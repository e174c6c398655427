"""The masked generator's objective: masked codes and a caption -> the codes, at the first level and at one further level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.modeling.code_transformers import Said
from mate_hf.modeling.masking import draw_levels, draw_masks, mask_codes
from mate_hf.modeling.modeling_masked import MaskedModel
from mate_hf.objectives.averaged import AveragedArguments, AveragedObjective


@dataclass
class MaskedArguments(AveragedArguments):
    """How often the masked generator learns without a caption, and how its weights are averaged."""


class Guess(NamedTuple):
    """Cross-entropy of the codes that were asked for, and the share of them that was the likeliest, both means."""

    entropy: Tensor
    accuracy: Tensor


class MaskedObjective(AveragedObjective):
    """Masks the first codes of each motion as MoMask does, and asks for them; asks for the codes of one further level a motion.

    In evaluation the running mean of the weights is asked, at masks that are the same every time, of all further levels, and every
    caption is said.
    """

    model: MaskedModel
    average: MaskedModel

    def __init__(self, model: MaskedModel, settings: MaskedArguments) -> None:
        super().__init__(model, settings)

    def forward(
        self,
        codes: Tensor,
        there: Tensor,
        text: Tensor,
        text_mask: Tensor,
        sentence: Tensor,
        **unused: Tensor,
    ) -> dict[str, Tensor]:
        """One batch of captioned codes -> `loss`, the sum of the cross-entropies `base` and `residual`, and accuracies of both; in
        evaluation of each level too, `cross_entropy_1` and so on.

        Args:
            codes: (B,P,levels); there: (B,P), True where the motion is.
            text: token features (B,S,W) of the frozen text encoder; text_mask: (B,S), True on real tokens.
            sentence: its sentence features (B,D).
        """
        model = self.model if self.training else self.average
        random = None if self.training else torch.Generator().manual_seed(0)
        base = self._base(model, codes, there, self._said(model, text, text_mask, sentence), random)
        found = {"loss": base.entropy, "base": base.entropy, "base_accuracy": base.accuracy}
        levels = codes.shape[-1]
        if levels == 1:
            return found
        said = self._said(model, text, text_mask, sentence)
        if self.training:
            first, whole = self.place(codes)
            drawn = draw_levels(whole, levels)[first : first + len(codes)]
            residual = self._residual(model, codes, there, said, drawn)
        else:
            each = [base]
            for level in range(1, levels):
                each.append(self._residual(model, codes, there, said, torch.full((len(codes),), level)))
            for number, guess in enumerate(each, 1):
                found |= {f"cross_entropy_{number}": guess.entropy, f"accuracy_{number}": guess.accuracy}
            residual = Guess(*(torch.stack(part).mean() for part in zip(*each[1:], strict=True)))
        return found | {
            "loss": base.entropy + residual.entropy,
            "residual": residual.entropy,
            "residual_accuracy": residual.accuracy,
        }

    def _said(self, model: MaskedModel, text: Tensor, text_mask: Tensor, sentence: Tensor) -> Said:
        """In training some captions are not."""
        silent = self.silence(text) if self.training else None
        return model.said(text, text_mask, sentence, silent)

    def _base(
        self, model: MaskedModel, codes: Tensor, there: Tensor, said: Said, random: torch.Generator | None
    ) -> Guess:
        first = codes[..., 0]
        start, whole = self.place(first)
        drawn = draw_masks(whole, self.longest(first), model.config.codes, random)
        own = drawn.part(start, *first.shape)
        masked = mask_codes(first, there, model.base.mask, own)
        return self._guess(model.base(masked.codes, there, said), first, masked.asked)

    def _residual(self, model: MaskedModel, codes: Tensor, there: Tensor, said: Said, level: Tensor) -> Guess:
        assert model.residual is not None
        level = level.to(codes.device)
        wanted = codes.gather(2, level[:, None, None].expand(-1, codes.shape[1], 1)).squeeze(2)
        return self._guess(model.residual(codes, level, there, said), wanted, there)

    def _guess(self, logits: Tensor, wanted: Tensor, asked: Tensor) -> Guess:
        with torch.autocast(logits.device.type, enabled=False):
            chosen, count = logits[asked].float(), asked.sum()
            entropy = F.cross_entropy(chosen, wanted[asked], reduction="sum")
            right = (chosen.argmax(-1) == wanted[asked]).float().sum()
        return Guess(self.mean(entropy, count), self.mean(right, count))
