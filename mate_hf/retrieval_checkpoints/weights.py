"""Weights under their makers' names -> the configuration they imply, and the same weights under ours."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mate_hf.data.kinds import kind_of_width
from mate_hf.errors import MateError
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.retrieval_checkpoints.families import Family
from mate_hf.retrieval_checkpoints.reading import Checkpoint
from mate_hf.utils.weights import MOST_LAYERS

STATISTICS = ("motion_mean", "motion_std")


def infer_config(checkpoint: Checkpoint, family: Family, heads: int, **known: Any) -> TMRConfig:
    """Read the sizes off the shapes.

    Args:
        heads: of every attention; no shape shows it.
        known: further fields of `TMRConfig`.

    Raises:
        MateError: a weight that shows a size is missing, or the size is none that a model of motions has.
    """
    latent, text_width = _shape(checkpoint, family, "text_encoder.embed.weight")
    _, motion_width = _shape(checkpoint, family, "motion_encoder.embed.weight")
    feedforward, _ = _shape(checkpoint, family, "motion_encoder.transformer.layers.0.linear1.weight")
    stem = family.sources("motion_encoder.transformer.layers.")[0]
    layers = {name.removeprefix(stem).split(".")[0] for name in checkpoint.state if name.startswith(stem)}
    if len(layers) > MOST_LAYERS:
        raise MateError(f"{checkpoint.source}: {len(layers)} layers; expected at most {MOST_LAYERS}.")
    (embedding,) = family.sources("motion_encoder.embed.weight")
    kind = kind_of_width(motion_width, f"{checkpoint.source}: {embedding}")
    if heads < 1 or latent % heads:
        raise MateError(f"{checkpoint.source}: {heads} heads do not divide a latent space of {latent}.")
    fields = {"motion_fps": kind.fps} | known
    return TMRConfig(
        text_width=text_width,
        text_relu=family.text_relu,
        motion_width=motion_width,
        latent_size=latent,
        layers=len(layers),
        heads=heads,
        feedforward=feedforward,
        **fields,
    )


def convert_weights(checkpoint: Checkpoint, family: Family, model: TMRModel) -> dict[str, Tensor]:
    """All weights of `model` but Mean and Std, taken from the checkpoint.

    Raises:
        MateError: a weight is missing, left over, of another shape or type, or not finite.
    """
    state: dict[str, Tensor] = {}
    used: set[str] = set()
    for ours, weight in model.state_dict().items():
        if ours in STATISTICS:
            continue
        theirs = family.sources(ours)
        shape = weight.shape if len(theirs) == 1 else weight.shape[1:]
        parts = [_checked(checkpoint, family, name, tuple(shape)) for name in theirs]
        state[ours] = parts[0] if len(parts) == 1 else torch.stack(parts)
        used.update(theirs)
    left = sorted(name for name in checkpoint.state if family.owns(name) and name not in used)
    if left:
        raise MateError(
            f"{checkpoint.source}: {len(left)} weights have no place in a {family.name} model of "
            f"{model.config.layers} layers, e.g. {left[0]} {tuple(checkpoint.state[left[0]].shape)}."
        )
    return state


def _shape(checkpoint: Checkpoint, family: Family, ours: str) -> tuple[int, int]:
    (name,) = family.sources(ours)
    weight = _present(checkpoint, family, name, "two dimensions")
    if weight.ndim != 2:
        raise MateError(f"{checkpoint.source}: {name} has shape {tuple(weight.shape)}; expected a matrix.")
    return weight.shape[0], weight.shape[1]


def _present(checkpoint: Checkpoint, family: Family, name: str, expected: object) -> Tensor:
    if name not in checkpoint.state:
        raise MateError(
            f"{checkpoint.source}: {name} is missing; expected it with {expected}. A {family.name} checkpoint holds "
            f"{', '.join(family.modules)}, trained with `vae: true`; was the file written whole?"
        )
    return checkpoint.state[name]


def _checked(checkpoint: Checkpoint, family: Family, name: str, shape: tuple[int, ...]) -> Tensor:
    weight = _present(checkpoint, family, name, f"shape {shape}")
    if tuple(weight.shape) != shape:
        raise MateError(
            f"{checkpoint.source}: {name} has shape {tuple(weight.shape)}; expected {shape}, as the rest of the "
            "checkpoint implies."
        )
    if weight.dtype != torch.float32:
        raise MateError(
            f"{checkpoint.source}: {name} is {weight.dtype}; expected torch.float32, as published."
        )
    if not bool(weight.isfinite().all()):
        raise MateError(
            f"{checkpoint.source}: {name} holds NaN or infinity; expected finite numbers. Use an earlier checkpoint."
        )
    return weight
