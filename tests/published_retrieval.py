"""Tiny checkpoints in the layouts of Mathux/TMR and LinghaoChan/OpenTMA, weights by formula, and the originals' answers.

The answers were recorded by loading these very weights (`strict=True`) into the modules of TMR 6d74688 and OpenTMA
0f7afd8, 4 heads, in evaluation mode.
"""

from __future__ import annotations

from zlib import crc32

import torch
from torch import Tensor

LATENT, FEEDFORWARD, LAYERS, TEXT_WIDTH, MOTION_WIDTH = 8, 16, 2, 12, 263

Shapes = dict[str, tuple[int, ...]]


def formula(name: str, shape: tuple[int, ...]) -> Tensor:
    """Numbers of a size that weights have, the same everywhere, different for every name."""
    count = torch.Size(shape).numel()
    steps = torch.arange(count, dtype=torch.float64)
    waves = 0.5 * torch.sin(steps * 0.7 + crc32(name.encode()) % 1000)
    # A norm whose weights are small passes on little of what it is given.
    return (waves + (".norm" in name and name.endswith("weight"))).float().reshape(shape)


def _linear(name: str, inputs: int, outputs: int) -> Shapes:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _layers(stem: str, attentions: tuple[str, ...]) -> Shapes:
    D, shapes = LATENT, Shapes()
    for number in range(LAYERS):
        layer = f"{stem}.layers.{number}"
        for attention in attentions:
            shapes[f"{layer}.{attention}.in_proj_weight"] = (3 * D, D)
            shapes[f"{layer}.{attention}.in_proj_bias"] = (3 * D,)
            shapes |= _linear(f"{layer}.{attention}.out_proj", D, D)
        shapes |= _linear(f"{layer}.linear1", D, FEEDFORWARD) | _linear(f"{layer}.linear2", FEEDFORWARD, D)
        for norm in range(len(attentions) + 1):
            shapes[f"{layer}.norm{norm + 1}.weight"] = shapes[f"{layer}.norm{norm + 1}.bias"] = (D,)
    return shapes


def _decoder(module: str) -> Shapes:
    layers = _layers(f"{module}.seqTransDecoder", ("self_attn", "multihead_attn"))
    return layers | _linear(f"{module}.final_layer", LATENT, MOTION_WIDTH)


def tmr_state() -> dict[str, Tensor]:
    """The `state_dict` of a TMR checkpoint."""
    shapes = _decoder("motion_decoder")
    for module, width in (("text_encoder", TEXT_WIDTH), ("motion_encoder", MOTION_WIDTH)):
        shapes |= {f"{module}.tokens": (2, LATENT)} | _linear(f"{module}.projection", width, LATENT)
        shapes |= _layers(f"{module}.seqTransEncoder", ("self_attn",))
    return {name: formula(name, shape) for name, shape in shapes.items()}


def opentma_state() -> dict[str, Tensor]:
    """The `state_dict` of an OpenTMA checkpoint, sinusoids included, without its text encoder."""
    shapes = _decoder("motiondecoder")
    for module, projection, width in (
        ("textencoder", "projection.1", TEXT_WIDTH),
        ("motionencoder", "skel_embedding", MOTION_WIDTH),
    ):
        shapes |= {f"{module}.mu_token": (LATENT,), f"{module}.logvar_token": (LATENT,)}
        shapes |= _linear(f"{module}.{projection}", width, LATENT)
        shapes |= _layers(f"{module}.seqTransEncoder", ("self_attn",))
    for module in ("textencoder", "motionencoder", "motiondecoder"):
        shapes[f"{module}.sequence_pos_encoding.pe"] = (5000, 1, LATENT)
    return {name: formula(name, shape) for name, shape in shapes.items()}


def statistics() -> tuple[Tensor, Tensor]:
    """Mean and Std."""
    return formula("mean", (MOTION_WIDTH,)), formula("std", (MOTION_WIDTH,)).abs() + 0.1


def questions() -> dict[str, Tensor]:
    """Two captions' token features, two raw motions, two latents, and masks; padding is zero."""
    text_mask = torch.tensor([[True] * 4, [True] * 2 + [False] * 2])
    mask = torch.tensor([[True] * 6, [True] * 3 + [False] * 3])
    return {
        "text": formula("text", (2, 4, TEXT_WIDTH)) * text_mask.unsqueeze(-1),
        "text_mask": text_mask,
        "motion": formula("motion", (2, 6, MOTION_WIDTH)) * mask.unsqueeze(-1),
        "mask": mask,
        "latent": formula("latent", (2, LATENT)),
    }


