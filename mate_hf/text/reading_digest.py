"""A digest of how an encoder reads, which its weights do not say: two of the same weights may cut a sentence into other tokens."""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast

from mate_hf.text.encoders import TextEncoder

SETTINGS = ("num_attention_heads", "hidden_act", "activation", "layer_norm_eps", "eos_token_id")
"""Of a configuration: what changes features and no weight."""

PROBES = (
    "A person WALKS forward, then turns left-handed; it's 90 degrees (counter-clockwise)!",
    "café naïve Ångström ﬁne “quoted” it’s 走る 🙂 \t two  spaces\nanother line",
    "xqzzk vrrblt unforeseeably re-enters",
    "&amp; <b>bold</b> a_b #1 50% [MASK] <|endoftext|>",
    "",
)
"""Capitals, accents, punctuation, digits, other scripts, blanks, rare words, special tokens: wherever tokenizers differ."""


def reading_digest(encoder: TextEncoder) -> str:
    """A digest of vocabulary, merges, the tokens of `PROBES`, and `SETTINGS`.

    It is of what a tokenizer does and not of its files, which every version of transformers writes in another form.
    """
    tokens = [encoder.tokenise([probe]) for probe in PROBES]
    told: dict[str, Any] = {
        "vocabulary": sorted(encoder.tokenizer.get_vocab().items()),
        "merges": _merges(encoder),
        "probes": [read.input_ids[0].tolist() for read in tokens],
        "settings": {name: getattr(encoder.model.config, name, None) for name in SETTINGS},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _merges(encoder: TextEncoder) -> list[str]:
    """BPE's, in order; pairs in the newer files, texts in the older ones."""
    backend = cast(Any, encoder.tokenizer).backend_tokenizer
    merges = json.loads(backend.to_str())["model"].get("merges") or []
    return [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]
