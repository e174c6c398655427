"""Features of frozen text encoders for a training: computed by the main process first, on its device."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from accelerate import Accelerator

from mate_hf.text.encoders import TextEncoder
from mate_hf.text.text_features import TextFeatures, cached_text_features
from mate_hf.utils.cache import cache_folder


def frozen_text_features(
    captions: Sequence[str],
    encoder: TextEncoder,
    sentences: TextEncoder,
    accelerator: Accelerator,
    cache: str | None = None,
    dtype: str = "float32",
) -> TextFeatures:
    """See `cached_text_features`. The encoders are on the CPU afterwards.

    Args:
        cache: by default text_features/ in mate's cache folder.
    """
    for one in (encoder, sentences):
        torch.nn.Module.to(one.model, accelerator.device)
    with accelerator.main_process_first():
        folder = Path(cache) if cache else cache_folder("text_features")
        found = cached_text_features(captions, encoder, sentences, folder, dtype)
    for one in (encoder, sentences):
        torch.nn.Module.to(one.model, torch.device("cpu"))
    return found
