"""Tokenizer files that old and new transformers read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.modeling.text_families import family_of
from mate_hf.runs.trained import Trained
from mate_hf.utils.json_files import read_json

_REMEDY = "Is the run's tokenizer whole?"
_OF_THIS_MACHINE = ("is_local", "local_files_only")


def save_tokenizer(trained: Trained, folder: Path) -> None:
    """Tokenizer files of both ages: `tokenizer.json`, and the vocabulary files that slow tokenizers read.

    transformers 5 writes the first alone, and in a form that tokenizers before 0.20 cannot read; version 4's slow classes
    need `vocab.json` and `merges.txt`, or `vocab.txt`.
    """
    tokenizer = trained.tokenizer
    tokenizer.model_max_length = trained.token_limit
    tokenizer.save_pretrained(folder)
    _name_stock_class(trained, folder / "tokenizer_config.json")
    whole = read_json(folder / "tokenizer.json", dict, _REMEDY)
    model = whole["model"]
    ordered = sorted(model["vocab"], key=model["vocab"].__getitem__)
    if model["type"] == "WordPiece":
        (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in ordered), encoding="utf-8")
    elif model["type"] == "BPE":
        model["merges"] = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
        _write_json(folder / "tokenizer.json", whole)
        _write_json(folder / "vocab.json", model["vocab"])
        merges = "\n".join(["#version: 0.2", *model["merges"], ""])
        (folder / "merges.txt").write_text(merges, encoding="utf-8")
    else:
        raise MateError(f"tokenizer of type {model['type']}: expected WordPiece (BERT) or BPE (CLIP).")


def _name_stock_class(trained: Trained, settings: Path) -> None:
    # transformers 5 opens DistilBERT's tokenizer as BertTokenizer and would write that down; version 4 would then give
    # token_type_ids to a model that refuses them.
    family = family_of(trained.model.config.text_config)
    written = read_json(settings, dict, _REMEDY)
    written = {name: value for name, value in written.items() if name not in _OF_THIS_MACHINE}
    stock = {"tokenizer_class": family.tokenizer_class, "model_input_names": list(family.inputs)}
    _write_json(settings, written | stock, indent=2)


def _write_json(path: Path, value: Any, indent: int | None = None) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent), encoding="utf-8")
