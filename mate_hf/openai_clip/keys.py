"""State dicts of `transformers`' CLIP in OpenAI's names, and back."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from mate_hf.errors import MateError

_TEXT = {
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
    "ln_final.weight": "text_model.final_layer_norm.weight",
    "ln_final.bias": "text_model.final_layer_norm.bias",
}
_VISUAL = {
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "visual.ln_pre.weight": "vision_model.pre_layrnorm.weight",
    "visual.ln_pre.bias": "vision_model.pre_layrnorm.bias",
    "visual.ln_post.weight": "vision_model.post_layernorm.weight",
    "visual.ln_post.bias": "vision_model.post_layernorm.bias",
}
_TRANSPOSED = {"text_projection": "text_projection.weight", "visual.proj": "visual_projection.weight"}
_LAYER = {
    "attn.out_proj": "self_attn.out_proj",
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
_TOWERS = {
    "transformer.resblocks.": "text_model.encoder.layers.",
    "visual.transformer.resblocks.": "vision_model.encoder.layers.",
}

LOGIT_SCALE = 4.605170249938965
"""log 100, where OpenAI's training left it; no text feature depends on it."""


def to_openai(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A `CLIPModel` or `CLIPTextModelWithProjection` state dict in OpenAI's names: the towers that it holds.

    Raises:
        MateError: a weight of the text tower is missing.
    """
    found = {ours: state[theirs] for ours, theirs in (_TEXT | _VISUAL).items() if theirs in state}
    found |= {ours: state[theirs].T for ours, theirs in _TRANSPOSED.items() if theirs in state}
    missing = [theirs for ours, theirs in _TEXT.items() if ours not in found]
    if missing or "text_projection" not in found:
        raise MateError(
            f"not a CLIP text tower with its projection: {', '.join(missing) or 'text_projection.weight'} is missing. "
            "Give a CLIPTextModelWithProjection or a whole CLIPModel."
        )
    for ours, theirs in _TOWERS.items():
        for number in range(_layers(state, theirs)):
            found |= _layer_to_openai(state, f"{ours}{number}.", f"{theirs}{number}.")
    found["logit_scale"] = state.get("logit_scale", torch.tensor(LOGIT_SCALE))
    return {name: value.detach().cpu().contiguous() for name, value in found.items()}


def from_openai(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The reverse of `to_openai`."""
    found = {theirs: state[ours] for ours, theirs in (_TEXT | _VISUAL).items() if ours in state}
    found |= {theirs: state[ours].T.contiguous() for ours, theirs in _TRANSPOSED.items() if ours in state}
    for ours, theirs in _TOWERS.items():
        for number in range(_layers(state, ours)):
            found |= _layer_from_openai(state, f"{ours}{number}.", f"{theirs}{number}.")
    return found | {"logit_scale": state["logit_scale"]}


def stand_in_visual(width: int, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """The smallest visual tower that `clip.load` accepts, all zeros: no layer, 64 wide, one patch of 32 pixels.

    Args:
        width: of the shared embedding space (512 in ViT-B/32).
    """
    shapes = {
        "visual.class_embedding": (64,),
        "visual.conv1.weight": (64, 3, 32, 32),
        "visual.positional_embedding": (2, 64),
        "visual.ln_pre.weight": (64,),
        "visual.ln_pre.bias": (64,),
        "visual.ln_post.weight": (64,),
        "visual.ln_post.bias": (64,),
        "visual.proj": (64, width),
    }
    return {name: torch.zeros(shape, dtype=dtype) for name, shape in shapes.items()}


def _layers(state: Mapping[str, Tensor], prefix: str) -> int:
    numbers = [name.removeprefix(prefix).split(".")[0] for name in state if name.startswith(prefix)]
    return 1 + max(map(int, numbers), default=-1)


def _layer_to_openai(state: Mapping[str, Tensor], ours: str, theirs: str) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        parts = [state[f"{theirs}self_attn.{part}_proj.{kind}"] for part in "qkv"]
        found[f"{ours}attn.in_proj_{kind}"] = torch.cat(parts)
        found |= {f"{ours}{a}.{kind}": state[f"{theirs}{b}.{kind}"] for a, b in _LAYER.items()}
    return found


def _layer_from_openai(state: Mapping[str, Tensor], ours: str, theirs: str) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        parts = state[f"{ours}attn.in_proj_{kind}"].chunk(3)
        named = {
            f"{theirs}self_attn.{part}_proj.{kind}": value for part, value in zip("qkv", parts, strict=True)
        }
        found |= {name: value.contiguous() for name, value in named.items()}
        found |= {f"{theirs}{b}.{kind}": state[f"{ours}{a}.{kind}"] for a, b in _LAYER.items()}
    return found
