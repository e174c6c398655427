"""TMR: captions and motions in one latent space (E_t and E_m of MATE's Eq. 1)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .attention import EncoderLayer
from .configuration_tmr import TMRConfig
from .dropout import Dropout
from .motion_autoencoder import MotionDecoder, sinusoids
from .motion_model import MotionModel
from .ragged import length_groups


class Gaussian(NamedTuple):
    """A diagonal Gaussian over the latent space: mean and logvar, both (B, latent)."""

    mean: Tensor
    logvar: Tensor

    def sample(self) -> Tensor:
        """One draw each (B, latent), with gradient to mean and variance."""
        return self.mean + (self.logvar / 2).exp() * torch.randn_like(self.mean)

    def float(self) -> Gaussian:
        """In float32."""
        return Gaussian(self.mean.float(), self.logvar.float())


class SequenceEncoder(nn.Module):
    """A sequence -> a Gaussian, read off two learned tokens that stand before it (ACTOR, Petrovich et al. 2021)."""

    def __init__(self, width: int, relu: bool, config: TMRConfig) -> None:
        super().__init__()
        D = config.latent_size
        self.relu = relu
        self.embed = nn.Linear(width, D)
        self.distribution = nn.Parameter(torch.randn(2, D))
        self.dropout = Dropout(config.dropout)
        layer = EncoderLayer(D, config.heads, config.feedforward, config.dropout)
        self.transformer = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)

    def forward(self, sequence: Tensor, mask: Tensor) -> Gaussian:
        """(B,L,W) and mask (B,L), True where real."""
        groups = length_groups(mask, self.embed.out_features)
        if groups is None:
            encoded = self._encode(sequence, mask)
        else:
            parts = zip(groups.cut(sequence), groups.cut(mask), strict=True)
            encoded = groups.join(self._encode(*part) for part in parts)
        return Gaussian(encoded[:, 0], encoded[:, 1])

    def _encode(self, sequence: Tensor, mask: Tensor) -> Tensor:
        embedded = self.embed(torch.relu(sequence) if self.relu else sequence)
        first = self.distribution.to(embedded.dtype).expand(len(embedded), -1, -1)
        tokens = torch.cat([first, embedded], dim=1)
        tokens = tokens + sinusoids(tokens.shape[1], tokens.shape[2], tokens.device, tokens.dtype)
        padded = None
        # Segments of one length need no mask, and attention without one is faster.
        if self.training or not mask.all():
            padded = torch.cat([torch.zeros_like(mask[:, :1]).expand(-1, 2), ~mask], dim=1)
        tokens = self.dropout(tokens)
        *inner, last = self.transformer.layers
        for layer in inner:
            tokens = layer(tokens, src_key_padding_mask=padded)
        return last.encode_first(2, tokens, padded)


class TMRModel(MotionModel):
    """Text encoder, motion encoder and motion decoder around one latent space.

    Motions are raw HumanML3D or KIT-ML features; the model holds the corpus statistics and normalises them itself.
    Texts are token features of the frozen encoder that `config.text_encoder` names.
    """

    config_class = TMRConfig
    config: TMRConfig
    base_model_prefix = "tmr"
    main_input_name = "motion"

    def __init__(self, config: TMRConfig) -> None:
        super().__init__(config)
        sizes = (config.latent_size, config.layers, config.heads, config.feedforward, config.dropout)
        self.text_encoder = SequenceEncoder(config.text_width, config.text_relu, config)
        self.motion_encoder = SequenceEncoder(config.motion_width, False, config)
        self.motion_decoder = MotionDecoder(config.motion_width, *sizes)
        self.hold_statistics(config.motion_width)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, SequenceEncoder):
            nn.init.normal_(module.distribution)

    def encode_text(self, features: Tensor, mask: Tensor) -> Gaussian:
        """E_t: token features (B,S,text_width), mask (B,S) True on real tokens -> a Gaussian each."""
        return self.text_encoder(features, mask)

    def encode_motion(self, motion: Tensor, mask: Tensor) -> Gaussian:
        """E_m: raw features (B,T,F), mask (B,T) True on real frames -> a Gaussian each."""
        return self.motion_encoder(self.normalise(motion, mask), mask)

    def decode(self, latent: Tensor, mask: Tensor) -> Tensor:
        """Latent (B,latent), mask (B,T) -> normalised motion (B,T,F), zero where padded."""
        return self.motion_decoder(latent, mask)
