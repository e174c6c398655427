"""A masked generator: text to the codes of a residual VQ-VAE, on any frozen text encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from .code_transformers import BaseTransformer, CodeTransformer, ResidualTransformer, Said
from .conditioning import TextStatistics
from .configuration_masked import MaskedConfig
from .denoiser import DenoiserBlock


class MaskedModel(PreTrainedModel, TextStatistics):
    """Says which codes a `VQModel` has for a motion, given what a frozen text encoder says of a sentence.

    Two transformers, which share nothing: `base` fills in masked codes of the first level, `residual` says a further level's, given
    those before it. `unmask` makes whole motions of them.
    """

    config_class = MaskedConfig
    config: MaskedConfig
    base_model_prefix = "masked"
    main_input_name = "codes"

    def __init__(self, config: MaskedConfig) -> None:
        super().__init__(config)
        self.base = BaseTransformer(config)
        self.residual = ResidualTransformer(config) if config.levels > 1 else None
        self.hold_text_statistics(config.text_width, config.sentence_width)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, (nn.Linear, nn.LayerNorm)):
            module.reset_parameters()
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        elif isinstance(module, DenoiserBlock):
            nn.init.zeros_(module.modulation)
        elif isinstance(module, CodeTransformer):
            module.init_conditioning()
            # At first every code is as likely.
            nn.init.zeros_(module.leave.weight)
            nn.init.zeros_(module.leave.bias)
        elif module is self:
            self.init_text_statistics()

    def said(self, text: Tensor, mask: Tensor, sentence: Tensor, silent: Tensor | None = None) -> Said:
        """What the encoder says, standardised, for `base` and `residual`.

        Args:
            text: the encoder's token features (B,S,text_width); mask: (B,S), True on real tokens.
            sentence: its sentence features (B,sentence_width).
            silent: (B,), True where nothing is said: the other half of classifier-free guidance.
        """
        text, sentence = self.standardised(text, sentence)
        return Said(text, mask, sentence, silent)

    def forward(
        self,
        codes: Tensor,
        there: Tensor,
        text: Tensor,
        text_mask: Tensor,
        sentence: Tensor,
        silent: Tensor | None = None,
    ) -> Tensor:
        """Logits (B,P,codes) of first codes (B,P), `base.mask` where masked; there: (B,P), True where the motion is. See `said`."""
        logits: Tensor = self.base(codes, there, self.said(text, text_mask, sentence, silent))
        return logits

    @torch.no_grad()
    def word_attention(self, codes: Tensor, there: Tensor, said: Said) -> Tensor:
        """How much each frame looks at each token where first codes (B,P) are known, the mean over blocks and heads: (B,P*patch,S).
        What is missing to 1 is looked at no word."""
        found: list[Tensor] = []
        self.base(codes, there, said, found)
        weights = torch.stack(found).mean(0)[:, :, 1:] * there[..., None]
        return weights.repeat_interleave(self.config.patch, 1)
