"""Every training script, tiny; as a program `train_all` of a JSON list."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.state import PartialState

from mate_hf.modeling import VQConfig, VQModel
from mate_hf.modeling.dropout import Dropout
from mate_hf.training import entry
from tests.tiny import TINY_SIZES
from tests.training.conftest import forget_accelerate

SCRIPTS: dict[str, Callable[..., dict[str, Any]]] = {
    "train": entry.train,
    "train-retrieval": entry.train_retrieval,
    "train-evaluator": entry.train_evaluator,
    "train-generator": entry.train_generator,
    "train-vq": entry.train_vq,
    "train-masked": entry.train_masked,
}
ALIGNED: dict[str, object] = {
    "alignment": "inter,intra",
    "aligned_motion": 1.0,
    "similar_captions": 1.0,
    "alignment_weight": 1.0,
}
_NETWORK: dict[str, object] = {"layers": 1, "heads": 2, "feedforward": 16}
_GENERATOR: dict[str, object] = {"hidden_size": 16, "dropout": 0.0, **_NETWORK}


def make_vq(run: Path) -> Path:
    """A run whose VQ-VAE is at random weights."""
    torch.manual_seed(0)
    model = VQModel(VQConfig(hidden_size=16, code_size=8, codes=12, levels=3, depth=1))
    torch.nn.init.normal_(model.quantizer.books, std=0.1)
    model.save_pretrained(run / "best")
    return run


def tiny_settings(script: str, encoder: Path, vq: Path) -> dict[str, object]:
    """All that a script needs but `data` and `output_dir`; nothing drops out."""
    sizes: dict[str, dict[str, object]] = {
        "train": {**TINY_SIZES, "motion_dropout": 0.0, "attention_dropout": 0.0},
        "train-retrieval": {"sentence_encoder": encoder, "latent_size": 16, "dropout": 0.0, **_NETWORK},
        "train-evaluator": {"movement_width": 8, "motion_hidden": 8, "text_hidden": 8, "feature_width": 8},
        "train-generator": _GENERATOR,
        "train-vq": {"hidden_size": 16, "code_size": 8, "codes": 12, "levels": 3, "depth": 1},
        "train-masked": {"vq": vq, "residual_layers": 1, **_GENERATOR},
    }
    reads = {"train-evaluator": {"word_encoder": encoder}, "train-vq": {}}
    return {
        "lr": 1e-3,
        "batch_size": 8,
        "num_workers": 0,
        **reads.get(script, {"text_encoder": encoder}),
        **sizes[script],
    }


def nothing_drops_out(_: Dropout, features: torch.Tensor) -> torch.Tensor:
    """In place of `Dropout.forward`: the evaluator's dropout is the field's, and no setting."""
    return features


def train_all(calls: Iterable[tuple[str, Sequence[str]]]) -> None:
    """One after another, by the scripts' names and their flags."""
    for script, argv in calls:
        forget_accelerate()
        SCRIPTS[script](argv)


if __name__ == "__main__":
    Dropout.forward = nothing_drops_out  # type: ignore[method-assign,assignment]
    # One that is joined again finds what is left of the one before.
    PartialState.destroy_process_group = lambda *_: None
    train_all(json.loads(sys.argv[1]))
