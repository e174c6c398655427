"""A trained run -> the stock text encoder that everybody's code opens, with nothing of ours installed."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.files import written_whole
from mate_hf.modeling.text_families import family_of
from mate_hf.runs import model_folder, open_model
from mate_hf.weights import open_weights

FORMATS = ("hf",)

PROBE = ["a person walks in a clockwise circle", "left", "someone slowly raises both hands, then sits down"]
"""Captions on which a written export must agree with the trained model before it counts as written."""


def export(
    run: str | Path, out: str | Path, format: str = "hf", which: str = "best", overwrite: bool = False
) -> Path:
    """Write the run's text encoder to `out`.

    Args:
        run: a run folder or a model folder.
        format: `hf`, the stock Hugging Face layout: `CLIPTextModelWithProjection` (keys `text_model.*`),
            `DistilBertModel` or `BertModel`, with tokenizer files for old and new versions of transformers.
        which: `best` or `last` of a run folder.

    Raises:
        MateError: no model there, an unknown format, `out` exists, or the written folder does not give the trained
            model's features.
    """
    if format not in FORMATS:
        raise MateError(f"format: {format!r}; expected one of {', '.join(FORMATS)}.")
    model = open_model(run, which)
    tokenizer = AutoTokenizer.from_pretrained(model_folder(run, which))
    limit = family_of(model.config.text_config).token_limit(model.config.text_config)
    with written_whole(out, overwrite) as fresh:
        model.text_encoder.save_pretrained(fresh)
        save_tokenizer(tokenizer, fresh, limit)
        _verify(fresh, model.text_encoder, tokenizer, limit)
    return Path(out)


def save_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path, limit: int) -> None:
    """Tokenizer files of both ages: `tokenizer.json`, and the vocabulary files that slow tokenizers read.

    transformers 5 writes the first alone; version 4's slow classes need `vocab.json` and `merges.txt`, or `vocab.txt`.
    """
    tokenizer.model_max_length = limit
    tokenizer.save_pretrained(folder)
    model = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    ordered = sorted(model["vocab"], key=model["vocab"].__getitem__)
    if model["type"] == "WordPiece":
        (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in ordered), encoding="utf-8")
    elif model["type"] == "BPE":
        merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
        (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False), encoding="utf-8")
        (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
    else:
        raise MateError(f"tokenizer of type {model['type']}: expected WordPiece (BERT) or BPE (CLIP).")


@torch.no_grad()
def _verify(folder: Path, trained: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, limit: int) -> None:
    model, absent = open_weights(type(trained), folder)
    if absent:
        raise MateError(f"export check failed: {len(absent)} weights do not fit, e.g. {absent[0]}.")
    stock = AutoModel.from_pretrained(folder).eval()
    reopened = AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer(PROBE, padding=True, truncation=True, max_length=limit, return_tensors="pt")
    again = reopened(PROBE, padding=True, truncation=True, return_tensors="pt")
    if not torch.equal(tokens["input_ids"], again["input_ids"]):
        raise MateError("export check failed: the written tokenizer gives other token ids.")
    inputs = {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
    expected = trained.eval()(**inputs).last_hidden_state
    for reader in (model, stock):
        # Weights are the same bits; products of matrices that lie elsewhere in memory may differ in the last one.
        if not torch.allclose(reader(**inputs).last_hidden_state, expected, rtol=1e-5, atol=1e-6):
            raise MateError(
                f"export check failed: {type(reader).__name__} gives other features than the trained model."
            )
