"""Tokenizer files that old and new transformers read."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError


def save_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path, limit: int) -> None:
    """Tokenizer files of both ages: `tokenizer.json`, and the vocabulary files that slow tokenizers read.

    transformers 5 writes the first alone; version 4's slow classes need `vocab.json` and `merges.txt`, or `vocab.txt`.

    Args:
        limit: tokens the encoder takes, for `model_max_length`.
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
