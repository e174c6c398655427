"""How a generator hears a frozen text encoder: words that every block attends to, sentence and length that tune every block."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .denoiser import MODULATIONS, DenoiserBlock
from .motion_autoencoder import sinusoids

FREQUENCIES = 256
"""Width of the sinusoids of time and length."""
TEXT_STATISTICS = ("text_mean", "text_std", "sentence_mean", "sentence_std")
"""Buffers that generators of an older form lack: they hear the encoder as it is."""


class Heard(NamedTuple):
    """The tokens behind the one that says nothing (B,1+S,D), and which of them are there (B,1+S)."""

    words: Tensor
    mask: Tensor


class TextStatistics(nn.Module):
    """Standardises what the encoder says, channel by channel: sentences that differ in a word differ little in its features."""

    text_mean: Tensor
    text_std: Tensor
    sentence_mean: Tensor
    sentence_std: Tensor

    def hold_text_statistics(self, text_width: int, sentence_width: int) -> None:
        """Make room for mean and standard deviation of tokens and of sentences."""
        for name, width in (("text", text_width), ("sentence", sentence_width)):
            self.register_buffer(f"{name}_mean", torch.zeros(width))
            self.register_buffer(f"{name}_std", torch.ones(width))

    def init_text_statistics(self) -> None:
        """Those of an encoder that needs no standardising."""
        for name in ("text", "sentence"):
            nn.init.zeros_(getattr(self, f"{name}_mean"))
            nn.init.ones_(getattr(self, f"{name}_std"))

    @torch.no_grad()
    def set_text_statistics(self, text: tuple[Any, Any], sentence: tuple[Any, Any]) -> None:
        """Take mean and standard deviation of what the encoder says of the training captions: of tokens, of sentences."""
        for name, spread in (("text", text), ("sentence", sentence)):
            for moment, found in zip(("mean", "std"), spread, strict=True):
                getattr(self, f"{name}_{moment}").copy_(torch.as_tensor(found))

    def standardised(self, text: Tensor, sentence: Tensor) -> tuple[Tensor, Tensor]:
        """Token features (B,S,W) and sentence features (B,D), each channel by its statistics."""
        return (text - self.text_mean) / self.text_std, (sentence - self.sentence_mean) / self.sentence_std


class Conditioned(nn.Module):
    """A transformer of `DenoiserBlock`s under standardised text. One learned token stands for no words at all; where the generator is
    told sentences alone (`CONDITIONS`), its blocks attend to nothing else.
    """

    words: nn.Linear | None

    def hold_words(self, width: int, text_width: int, sentence_width: int, conditions: str) -> None:
        """Make what reads the encoder."""
        self.words = None
        if conditions == "words":
            self.words = nn.Linear(text_width, width)
            self.words_norm = nn.LayerNorm(width)
        self.no_word = nn.Parameter(torch.zeros(width))
        self.sentence = nn.Linear(sentence_width, width)
        self.no_sentence = nn.Parameter(torch.zeros(width))

    def hold_blocks(self, width: int, layers: int, heads: int, feedforward: int, dropout: float) -> None:
        """Make the blocks, and what tunes them."""
        self.length = nn.Linear(FREQUENCIES, width)
        self.modulation = nn.Linear(width, MODULATIONS * width)
        self.blocks = nn.ModuleList(DenoiserBlock(width, heads, feedforward, dropout) for _ in range(layers))

    def init_conditioning(self) -> None:
        """All blocks begin alike, whatever is said."""
        nn.init.normal_(self.no_word, std=0.02)
        nn.init.normal_(self.no_sentence, std=0.02)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def say(self, sentence: Tensor, silent: Tensor | None) -> Tensor:
        """Sentence features (B,W) as the blocks know them (B,D); `silent` (B,): True where nothing is said."""
        said: Tensor = self.sentence(sentence)
        return said if silent is None else torch.where(silent[:, None], self.no_sentence.to(said.dtype), said)

    def tune(self, said: Tensor, length: Tensor) -> Tensor:
        """The modulation of all blocks (B,6,D), by what is said of each motion (B,D) and by its length (B,)."""
        told = said + self.length(waves(length).to(said.dtype))
        modulation: Tensor = self.modulation(F.silu(told))
        return modulation.unflatten(-1, (MODULATIONS, -1))

    def hear(self, text: Tensor, text_mask: Tensor, silent: Tensor | None) -> Heard:
        """What blocks attend to of token features (B,S,W), text_mask (B,S) True on real tokens."""
        if self.words is None:
            nothing = self.no_word.expand(len(text), 1, -1)
            return Heard(nothing, torch.ones_like(text_mask[:, :1]))
        words = self.words_norm(self.words(text))
        if silent is not None:
            text_mask = text_mask & ~silent[:, None]
        nothing = self.no_word.to(words.dtype).expand(len(words), 1, -1)
        return Heard(torch.cat([nothing, words], 1), F.pad(text_mask, (1, 0), value=True))

    def attend(
        self, places: Tensor, there: Tensor, tuned: Tensor, heard: Heard, found: list[Tensor] | None = None
    ) -> Tensor:
        """Places of a motion (B,P,D) through all blocks.

        Args:
            there: (B,P), True where the motion is.
            tuned: see `tune`.
            found: is given how much each place looks at each word, (B,P,1+S) a block.
        """
        places = places + sinusoids(places.shape[1], places.shape[2], places.device, places.dtype)
        there, words_mask = there[:, None, None], heard.mask[:, None, None]
        for block in cast(Iterable[DenoiserBlock], self.blocks):
            read = block.read_words(heard.words)
            places = block(places, there, tuned, read, words_mask)
            if found is not None:
                found.append(block.word_weights(places, read, words_mask))
        return places


def waves(number: Tensor) -> Tensor:
    """Sinusoids (B,FREQUENCIES) of numbers (B,) up to some thousands."""
    half = FREQUENCIES // 2
    rates = torch.exp(torch.arange(half, device=number.device) * (-torch.log(torch.tensor(10000.0)) / half))
    angles = number.float()[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], -1)
