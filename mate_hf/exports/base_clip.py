"""The base run's whole CLIP: its visual tower goes into exports for code that loads all of CLIP."""

from __future__ import annotations

import torch
from transformers import AutoConfig, CLIPModel

from mate_hf.errors import MateError
from mate_hf.runs.trained import Trained
from mate_hf.utils.reasons import reason
from mate_hf.utils.weights import open_weights


def open_base_clip(trained: Trained, format: str) -> CLIPModel:
    """The stock `CLIPModel` that the run's text encoder came from.

    Raises:
        MateError: another kind of encoder, the base is not known, not at hand, or holds no visual tower.
    """
    trained.require_clip(format)
    name = trained.require_base(format)
    source, revision = trained.base_source, trained.base_revision
    advice = "Name a whole CLIP repository, such as openai/clip-vit-base-patch32 or a folder of it: --base"
    if format == "openai-clip":
        advice += ", or take --visual stand-in where nothing looks at images"
    try:
        config = AutoConfig.from_pretrained(source, trust_remote_code=False, revision=revision)
    # A configuration that is none ends in whatever its class meets first.
    except Exception as error:
        raise MateError(
            f"format {format}: base {name} could not be opened: {reason(error)}.\n{advice}."
        ) from error
    if config.model_type != "clip":
        raise MateError(
            f"format {format}: base {name} is a {config.model_type} without a visual tower. {advice}."
        )
    try:
        model, absent = open_weights(CLIPModel, source, revision=revision, dtype=torch.float32)
    except MateError:
        raise
    except (OSError, ValueError) as error:
        raise MateError(
            f"format {format}: base {name} could not be opened: {reason(error)}.\n{advice}."
        ) from error
    if absent:
        raise MateError(
            f"format {format}: base {name} lacks {len(absent)} weights, e.g. {absent[0]}. {advice}."
        )
    ours = trained.model.text_encoder.config
    for size in ("vocab_size", "hidden_size", "num_hidden_layers", "projection_dim"):
        theirs = getattr(config.text_config, size) if size != "projection_dim" else config.projection_dim
        if theirs != getattr(ours, size):
            raise MateError(
                f"format {format}: base {name} has {size} {theirs}, the run's text encoder {getattr(ours, size)}. {advice}."
            )
    return model
