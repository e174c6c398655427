"""Format `full`: the whole `MateModel` with its code, for analysis and for going on with training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import AutoModel

from mate_hf.exports.stock import probe_tokens, require_equal
from mate_hf.exports.tokenizer_files import save_tokenizer
from mate_hf.modeling.configuration_mate import MateConfig
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.runs.trained import Trained
from mate_hf.text.vocabulary import VOCABULARY_FILE


def write_full(trained: Trained, folder: Path) -> None:
    """Weights, configuration, tokenizer, vocabulary, and the modules of `modeling/` that the Hub runs as remote code."""
    with _as_remote_code():
        trained.model.save_pretrained(folder)
    save_tokenizer(trained, folder)
    if trained.vocabulary is not None:
        trained.vocabulary.save(folder / VOCABULARY_FILE)
    _verify(trained, folder)


@contextmanager
def _as_remote_code() -> Iterator[None]:
    # Registered for good, every later save would copy the code beside the weights.
    MateConfig.register_for_auto_class()
    MateModel.register_for_auto_class("AutoModel")
    try:
        yield
    finally:
        MateConfig._auto_class = MateModel._auto_class = None


@torch.no_grad()
def _verify(trained: Trained, folder: Path) -> None:
    model = AutoModel.from_pretrained(folder, trust_remote_code=True).eval()
    inputs = probe_tokens(trained)
    require_equal(
        model.text_feature(**inputs), trained.model.text_feature(**inputs), "AutoModel with remote code"
    )
