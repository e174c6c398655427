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


ANSWERS: dict[str, dict[str, list[list[float]]]] = {
    "tmr": {
        "text_mean": [
            [-0.193616, 0.435103, -0.189715, -1.245383, -1.577832, 0.802817, 1.760598, -0.314957],
            [-0.1075, 0.435201, -0.232871, -1.285956, -1.598474, 0.796269, 1.719543, -0.198209],
        ],
        "text_logvar": [
            [-0.182606, 0.420899, -0.185206, -1.203219, -1.668836, 0.855978, 1.712553, -0.280989],
            [-0.064357, 0.415582, -0.237512, -1.267002, -1.662958, 0.868286, 1.673412, -0.193975],
        ],
        "motion_mean": [
            [1.3123, -0.673049, -0.306314, 0.256237, 0.239779, -1.078955, -2.159141, 0.918169],
            [1.379709, -0.664265, -0.341278, 0.249492, 0.293082, -0.973576, -2.166672, 0.673218],
        ],
        "motion_logvar": [
            [1.312485, -0.673167, -0.306295, 0.256244, 0.239762, -1.078939, -2.158979, 0.917907],
            [1.380041, -0.664452, -0.341267, 0.249479, 0.29308, -0.973494, -2.166402, 0.67273],
        ],
        "decoded": [
            [2.384702, 0.109683, -2.871699, 3.623493, -1.730707, -1.269284, 2.943159],
            [2.374852, 0.216553, -2.986712, 3.651, -1.647833, -1.393619, 3.005554],
        ],
    },
    "opentma": {
        "text_mean": [
            [-2.37653, -0.082154, 0.646048, -0.174434, -0.549571, -0.346294, 0.903523, 2.010191],
            [-2.379764, -0.035173, 0.586366, -0.243813, -0.520083, -0.339816, 0.831539, 2.219249],
        ],
        "text_logvar": [
            [-2.398352, -0.117027, 0.665431, -0.165413, -0.546171, -0.328891, 0.88887, 1.994354],
            [-2.384024, -0.048967, 0.606455, -0.246357, -0.528254, -0.321646, 0.831775, 2.198198],
        ],
        "motion_mean": [
            [1.012351, 0.73431, -0.851259, -1.899188, -0.044559, 1.593583, 0.201504, -0.941746],
            [1.019381, 0.670318, -0.90897, -1.768395, 0.197886, 1.634115, 0.075145, -0.984657],
        ],
        "motion_logvar": [
            [1.055922, 0.297847, -1.009343, -0.919901, 1.164465, 1.538264, -0.611087, -1.089563],
            [0.99724, 0.165918, -1.003704, -0.584518, 1.515835, 1.433183, -0.879914, -1.004701],
        ],
        "decoded": [
            [-0.580511, -0.201798, 0.557708, -0.275753, -0.312047, 0.613599, -0.276862],
            [-0.778271, -0.64082, 1.268407, -0.66709, -0.565521, 1.301086, -0.826628],
        ],
    },
}
"""Family -> mean and logvar of each text and motion, and frame 2 of each decoded latent, every 40th feature."""
