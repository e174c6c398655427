"""Format `hf`: the text encoder alone, in stock layout, with nothing of ours needed to open it."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

from mate_hf.errors import MateError
from mate_hf.exports.sentence_files import save_sentence_files
from mate_hf.exports.tokenizer_files import save_tokenizer
from mate_hf.runs.trained import Trained
from mate_hf.utils.weights import open_weights, unreported

PROBE = ["a person walks in a clockwise circle", "left", "someone slowly raises both hands, then sits down"]
"""Captions on which a written export must agree with the trained model before it counts as written."""


def write_stock(trained: Trained, folder: Path) -> None:
    """`CLIPTextModelWithProjection` (keys `text_model.*`), `DistilBertModel` or `BertModel`, tokenizer files for old and
    new transformers, and what `SentenceTransformer` reads.

    Raises:
        MateError: what was written does not give the trained model's features.
    """
    trained.model.text_encoder.save_pretrained(folder)
    save_tokenizer(trained, folder)
    save_sentence_files(trained, folder)
    _verify(trained, folder)


@torch.no_grad()
def _verify(trained: Trained, folder: Path) -> None:
    encoder = trained.model.text_encoder.eval()
    model, absent = open_weights(type(encoder), folder)
    if absent:
        raise MateError(f"export check failed: {len(absent)} weights do not fit, e.g. {absent[0]}.")
    with unreported():
        stock = AutoModel.from_pretrained(folder).eval()
    inputs = probe_tokens(trained)
    again = AutoTokenizer.from_pretrained(folder)(PROBE, padding=True, truncation=True, return_tensors="pt")
    if not torch.equal(inputs["input_ids"], again["input_ids"]):
        raise MateError("export check failed: the written tokenizer gives other token ids.")
    expected = encoder(**inputs).last_hidden_state
    for reader in (model, stock):
        require_equal(reader(**inputs).last_hidden_state, expected, type(reader).__name__)


def probe_tokens(trained: Trained) -> dict[str, torch.Tensor]:
    """`PROBE` as the trained model reads it: input_ids and attention_mask (3,S)."""
    tokens = trained.tokenizer(
        PROBE, padding=True, truncation=True, max_length=trained.token_limit, return_tensors="pt"
    )
    return {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}


def require_equal(found: torch.Tensor, expected: torch.Tensor, reader: str, tolerance: float = 1e-6) -> None:
    """Refuse an export whose features are not the trained model's.

    Raises:
        MateError: they differ by more than `tolerance` and 1e-5 of their size.
    """
    # Weights are the same bits; products of matrices that lie elsewhere in memory may differ in the last one.
    if not torch.allclose(found, expected, rtol=1e-5, atol=tolerance):
        raise MateError(f"export check failed: {reader} gives other features than the trained model.")
