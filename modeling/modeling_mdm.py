"""A motion diffusion transformer: text to motion, on any frozen text encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .conditioning import FREQUENCIES, TEXT_STATISTICS, Conditioned, Heard, TextStatistics, waves
from .configuration_mdm import MDMConfig
from .denoiser import DenoiserBlock
from .motion_model import MotionModel
from .noise import NoiseProcess
from .patches import Patches
from .ragged import length_groups

__all__ = ["TEXT_STATISTICS", "MDMModel"]


class MDMModel(MotionModel, TextStatistics, Conditioned):
    """Says what motion a noisy one was, or the like, given what a frozen text encoder says of a sentence.

    Motions are normalised HumanML3D or KIT-ML features, unlike elsewhere: noise has no unit. `normalise` and `denormalise` go
    between. Frames are read by patches; every block attends to the encoder's tokens and to one learned token that stands for
    no words at all; sentence, time and length tune every block. What the encoder says is standardised channel by channel:
    sentences that differ in a word differ little in its features.
    """

    config_class = MDMConfig
    config: MDMConfig
    base_model_prefix = "mdm"
    main_input_name = "noisy"

    def __init__(self, config: MDMConfig) -> None:
        super().__init__(config)
        D = config.hidden_size
        self.process = NoiseProcess(config.prediction, config.timesteps)
        self.enter = nn.Linear(config.patch * config.motion_width, D)
        self.leave = nn.Linear(D, config.patch * config.motion_width)
        self.last_norm = nn.LayerNorm(D)
        self.hold_words(D, config.text_width, config.sentence_width, config.conditions)
        self.time = nn.Sequential(nn.Linear(FREQUENCIES, D), nn.SiLU(), nn.Linear(D, D))
        self.hold_blocks(D, config.layers, config.heads, config.feedforward, config.dropout)
        self.hold_statistics(config.motion_width)
        self.hold_text_statistics(config.text_width, config.sentence_width)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, DenoiserBlock):
            # Each block begins as one that changes nothing but by what it hears of the words.
            nn.init.zeros_(module.modulation)
        elif module is self:
            self.init_text_statistics()
            self.init_conditioning()
            nn.init.zeros_(self.leave.weight)
            nn.init.zeros_(self.leave.bias)

    def forward(
        self,
        noisy: Tensor,
        time: Tensor,
        mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        sentence: Tensor,
        silent: Tensor | None = None,
    ) -> Tensor:
        """What `config.prediction` names, (B,T,F), zero where padded.

        Args:
            noisy: x_t, normalised (B,T,F).
            time: (B,), see `NoiseProcess`.
            mask: (B,T), True on real frames.
            text: the encoder's token features (B,S,text_width); text_mask: (B,S), True on real tokens.
            sentence: its sentence features (B,sentence_width).
            silent: (B,), True where nothing is said: the other half of classifier-free guidance.
        """
        patches = Patches(mask, self.config.patch)
        said = self.denoise(patches.cut(noisy), time, patches, text, text_mask, sentence, silent)
        return patches.join(said)

    def denoise(
        self,
        noisy: Tensor,
        time: Tensor,
        patches: Patches,
        text: Tensor,
        text_mask: Tensor,
        sentence: Tensor,
        silent: Tensor | None = None,
    ) -> Tensor:
        """`forward` of motions that are cut already (N,size,F): what is said of padding in them means nothing."""
        text, sentence = self.standardised(text, sentence)
        tuned = self._tuned(time, patches.lengths, sentence, silent)
        heard = self.hear(text, text_mask, silent)
        places, there = self._enter(noisy, patches), patches.there
        groups = length_groups(there, self.config.hidden_size)
        if groups is None:
            seen = self.attend(places, there, tuned, heard)
        else:
            shared = (groups.share(part) for part in (tuned, *heard))
            parts = zip(groups.cut(places), groups.cut(there), *shared, strict=True)
            seen = groups.join_padded(
                self.attend(places, there, tuned, Heard(*heard)) for places, there, tuned, *heard in parts
            )
        predicted: Tensor = self.leave(self.last_norm(patches.gather(seen)))
        return predicted.unflatten(-1, (patches.size, -1))

    @torch.no_grad()
    def word_attention(
        self, noisy: Tensor, time: Tensor, mask: Tensor, text: Tensor, text_mask: Tensor, sentence: Tensor
    ) -> Tensor:
        """How much each frame looks at each token, the mean over blocks and heads: (B,T,S). What is missing to 1 is looked at no word."""
        text, sentence = self.standardised(text, sentence)
        patches, found = Patches(mask, self.config.patch), list[Tensor]()
        tuned = self._tuned(time, patches.lengths, sentence, None)
        places = self._enter(patches.cut(noisy), patches)
        self.attend(places, patches.there, tuned, self.hear(text, text_mask, None), found)
        weights = torch.stack(found).mean(0)[:, :, 1:]
        return weights.repeat_interleave(self.config.patch, 1)[:, : mask.shape[1]] * mask.unsqueeze(-1)

    def _enter(self, noisy: Tensor, patches: Patches) -> Tensor:
        """Patches (N,size,F) as the places that blocks see (B,P,D)."""
        return patches.spread(self.enter((noisy * patches.real.unsqueeze(-1)).flatten(1)))

    def _tuned(self, time: Tensor, lengths: Tensor, sentence: Tensor, silent: Tensor | None) -> Tensor:
        """Time, length and sentence as the modulation of all blocks (B,6,D)."""
        said = self.say(sentence, silent)
        steps = self.time(waves(time * (1000 / self.config.timesteps)).to(said.dtype))
        return self.tune(said + steps, lengths)
