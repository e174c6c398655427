"""Opens an export by every class that clients name. Runs where only transformers and torch are installed: nothing of ours.

    python tests/exports/doors.py EXPORT EXPECTED.pt

EXPECTED.pt is what the trained model gives: {"captions", "hidden": one tensor (N,H) per caption, "features"}. It is made beforehand, from a
checkout with the test extra installed:

    python -c "import torch; from tests.exports.test_doors import expected_of; torch.save(expected_of('RUN'), 'EXPECTED.pt')"

Prints one JSON object per class and tokenizer: their names, the largest deviations, and the keys that the class reported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoModel, AutoTokenizer

MODELS = {
    "clip_text_model": ("CLIPTextModel", "CLIPTextModelWithProjection"),
    "clip": ("CLIPModel", "CLIPTextModel", "CLIPTextModelWithProjection"),
    "distilbert": ("DistilBertModel",),
    "bert": ("BertModel",),
}
TOKENIZERS = {
    "clip_text_model": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "clip": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "distilbert": ("DistilBertTokenizer", "DistilBertTokenizerFast"),
    "bert": ("BertTokenizer", "BertTokenizerFast"),
}


def doors(folder: str, expected: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each class with each tokenizer that this version of transformers has for the export's type."""
    kind = AutoConfig.from_pretrained(folder).model_type
    models = [getattr(transformers, name) for name in MODELS[kind]]
    tokenizers = [getattr(transformers, name) for name in TOKENIZERS[kind] if hasattr(transformers, name)]
    for model_class in (AutoModel, *models):
        model, loading = model_class.from_pretrained(folder, output_loading_info=True)
        for tokenizer_class in (AutoTokenizer, *tokenizers):
            tokenizer = tokenizer_class.from_pretrained(folder)
            yield {
                "transformers": transformers.__version__,
                "class": f"{model_class.__name__} ({type(model).__name__})",
                "tokenizer": tokenizer_class.__name__,
                "limit": tokenizer.model_max_length,
                "missing": sorted(loading["missing_keys"]),
                "unexpected": sorted(loading["unexpected_keys"]),
                "mismatched": len(loading["mismatched_keys"]),
                **deviations(model.eval(), tokenizer, expected),
            }


@torch.no_grad()
def deviations(model: Any, tokenizer: Any, expected: dict[str, Any]) -> dict[str, float]:
    """Largest absolute deviation of hidden states and, where the class has them, of sentence features."""
    text = model.text_model if hasattr(model, "vision_model") else model
    found = {"hidden": 0.0}
    batch = tokenizer(expected["captions"], padding=True, truncation=True, return_tensors="pt")
    for caption, hidden in zip(expected["captions"], expected["hidden"], strict=True):
        alone = tokenizer(caption, truncation=True, return_tensors="pt")
        found["hidden"] = max(found["hidden"], _far(text(**alone).last_hidden_state[0], hidden))
    if (features := _features(model, batch)) is not None:
        found["features"] = _far(features, expected["features"])
    return found


def _features(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor | None:
    if hasattr(model, "get_text_features"):
        features = model.get_text_features(**batch)
        return features if torch.is_tensor(features) else features.pooler_output
    return getattr(model(**batch), "text_embeds", None)


def _far(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).abs().max()) if found.shape == expected.shape else float("inf")


if __name__ == "__main__":
    for door in doors(sys.argv[1], torch.load(sys.argv[2], weights_only=True)):
        print(json.dumps(door), flush=True)
