"""A motion diffusion transformer: text to motion, on any frozen text encoder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .configuration_mdm import MDMConfig
from .denoiser import MODULATIONS, DenoiserBlock
from .motion_autoencoder import sinusoids
from .motion_model import MotionModel
from .noise import NoiseProcess
from .ragged import length_groups

FREQUENCIES = 256
"""Width of the sinusoids of time and length."""
TEXT_STATISTICS = ("text_mean", "text_std", "sentence_mean", "sentence_std")
"""Buffers that generators of an older form lack: they hear the encoder as it is."""


class MDMModel(MotionModel):
    """Says what motion a noisy one was, or the like, given what a frozen text encoder says of a sentence.

    Motions are normalised HumanML3D or KIT-ML features, unlike elsewhere: noise has no unit. `normalise` and `denormalise` go
    between. Frames are read by patches; every block attends to the encoder's tokens and to one learned token that stands for
    no words at all; sentence, time and length tune every block. What the encoder says is standardised channel by channel:
    sentences that differ in a word differ little in its features.
    """

    config_class = MDMConfig
    config: MDMConfig
    text_mean: Tensor
    text_std: Tensor
    sentence_mean: Tensor
    sentence_std: Tensor
    base_model_prefix = "mdm"
    main_input_name = "noisy"

    def __init__(self, config: MDMConfig) -> None:
        super().__init__(config)
        D = config.hidden_size
        self.process = NoiseProcess(config.prediction, config.timesteps)
        self.enter = nn.Linear(config.patch * config.motion_width, D)
        self.leave = nn.Linear(D, config.patch * config.motion_width)
        self.last_norm = nn.LayerNorm(D)
        self.words = nn.Linear(config.text_width, D)
        self.words_norm = nn.LayerNorm(D)
        self.no_word = nn.Parameter(torch.zeros(D))
        self.sentence = nn.Linear(config.sentence_width, D)
        self.no_sentence = nn.Parameter(torch.zeros(D))
        self.time = nn.Sequential(nn.Linear(FREQUENCIES, D), nn.SiLU(), nn.Linear(D, D))
        self.length = nn.Linear(FREQUENCIES, D)
        self.modulation = nn.Linear(D, MODULATIONS * D)
        layers = [
            DenoiserBlock(D, config.heads, config.feedforward, config.dropout) for _ in range(config.layers)
        ]
        self.blocks = nn.ModuleList(layers)
        self.hold_statistics(config.motion_width)
        for name, width in (("text", config.text_width), ("sentence", config.sentence_width)):
            self.register_buffer(f"{name}_mean", torch.zeros(width))
            self.register_buffer(f"{name}_std", torch.ones(width))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, DenoiserBlock):
            # Each block begins as one that changes nothing but by what it hears of the words.
            nn.init.zeros_(module.modulation)
        elif module is self:
            for name in ("text", "sentence"):
                nn.init.zeros_(getattr(self, f"{name}_mean"))
                nn.init.ones_(getattr(self, f"{name}_std"))
            nn.init.normal_(self.no_word, std=0.02)
            nn.init.normal_(self.no_sentence, std=0.02)
            nn.init.zeros_(self.modulation.weight)
            nn.init.zeros_(self.modulation.bias)
            nn.init.zeros_(self.leave.weight)
            nn.init.zeros_(self.leave.bias)

    @torch.no_grad()
    def set_text_statistics(self, text: tuple[Any, Any], sentence: tuple[Any, Any]) -> None:
        """Take mean and standard deviation of what the encoder says of the training captions: of tokens, of sentences."""
        for name, spread in (("text", text), ("sentence", sentence)):
            for moment, found in zip(("mean", "std"), spread, strict=True):
                getattr(self, f"{name}_{moment}").copy_(torch.as_tensor(found))

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
        told = self._tell(time, mask, sentence, silent)
        words, words_mask = self._hear(text, text_mask, silent)
        groups = length_groups(mask, self.config.hidden_size, self.config.patch)
        if groups is None:
            return self._denoise(noisy, mask, told, words, words_mask)
        shared = (groups.share(part) for part in (told, words, words_mask))
        parts = zip(groups.cut(noisy), groups.cut(mask), *shared, strict=True)
        return groups.join_padded(self._denoise(*part) for part in parts)

    @torch.no_grad()
    def word_attention(
        self, noisy: Tensor, time: Tensor, mask: Tensor, text: Tensor, text_mask: Tensor, sentence: Tensor
    ) -> Tensor:
        """How much each frame looks at each token, the mean over blocks and heads: (B,T,S). What is missing to 1 is looked at no word."""
        told = self._tell(time, mask, sentence, None)
        words, words_mask = self._hear(text, text_mask, None)
        found: list[Tensor] = []
        self._denoise(noisy, mask, told, words, words_mask, found)
        weights = torch.stack(found).mean(0)[:, :, 1:]
        return weights.repeat_interleave(self.config.patch, 1)[:, : mask.shape[1]] * mask.unsqueeze(-1)

    def _tell(self, time: Tensor, mask: Tensor, sentence: Tensor, silent: Tensor | None) -> Tensor:
        """Time, length and sentence as the modulation of all blocks (B,6,D)."""
        said = self.sentence((sentence - self.sentence_mean) / self.sentence_std)
        if silent is not None:
            said = torch.where(silent[:, None], self.no_sentence.to(said.dtype), said)
        steps = self.time(waves(time * (1000 / self.config.timesteps)).to(said.dtype))
        told = said + steps + self.length(waves(mask.sum(1)).to(said.dtype))
        return self.modulation(F.silu(told)).unflatten(-1, (MODULATIONS, -1))

    def _hear(self, text: Tensor, text_mask: Tensor, silent: Tensor | None) -> tuple[Tensor, Tensor]:
        """The tokens behind the one that says nothing, (B,1+S,D), and which of them are there."""
        words = self.words_norm(self.words((text - self.text_mean) / self.text_std))
        if silent is not None:
            text_mask = text_mask & ~silent[:, None]
        nothing = self.no_word.to(words.dtype).expand(len(words), 1, -1)
        return torch.cat([nothing, words], 1), F.pad(text_mask, (1, 0), value=True)

    def _denoise(
        self,
        noisy: Tensor,
        mask: Tensor,
        told: Tensor,
        words: Tensor,
        words_mask: Tensor,
        found: list[Tensor] | None = None,
    ) -> Tensor:
        P, length = self.config.patch, noisy.shape[1]
        padding = -length % P
        patches = F.pad(noisy * mask.unsqueeze(-1), (0, 0, 0, padding)).unflatten(1, (-1, P)).flatten(2)
        frames = self.enter(patches)
        frames = frames + sinusoids(frames.shape[1], frames.shape[2], frames.device, frames.dtype)
        there = F.pad(mask, (0, padding)).unflatten(1, (-1, P)).any(-1)[:, None, None]
        heard = words_mask[:, None, None]
        for block in cast(Iterable[DenoiserBlock], self.blocks):
            read = block.read_words(words)
            frames = block(frames, there, told, read, heard)
            if found is not None:
                found.append(block.word_weights(frames, read, heard))
        predicted = self.leave(self.last_norm(frames)).unflatten(-1, (P, -1)).flatten(1, 2)[:, :length]
        return predicted * mask.unsqueeze(-1)


def waves(number: Tensor) -> Tensor:
    """Sinusoids (B,FREQUENCIES) of numbers (B,) up to some thousands."""
    half = FREQUENCIES // 2
    rates = torch.exp(torch.arange(half, device=number.device) * (-torch.log(torch.tensor(10000.0)) / half))
    angles = number.float()[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], -1)
