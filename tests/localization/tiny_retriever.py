"""A retriever at random weights, small enough for exhaustive search."""

from __future__ import annotations

from pathlib import Path

import torch

from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.retrieval.retriever import Retriever, save_retrieval_model
from mate_hf.text.encoders import open_text_encoder


def make_retrieval_model(text_encoder: Path, folder: Path, motion_width: int = 263) -> Path:
    """A tiny TMR for a tiny text encoder, saved as a run's best model."""
    torch.manual_seed(0)
    config = TMRConfig(
        text_encoder=str(text_encoder),
        text_width=16,
        motion_width=motion_width,
        latent_size=8,
        layers=1,
        heads=2,
        feedforward=16,
    )
    save_retrieval_model(TMRModel(config), folder / "best")
    return folder


def make_retriever(text_encoder: Path) -> Retriever:
    """The same in memory."""
    torch.manual_seed(0)
    config = TMRConfig(text_width=16, latent_size=8, layers=1, heads=2, feedforward=16)
    return Retriever(TMRModel(config), open_text_encoder(str(text_encoder)))
