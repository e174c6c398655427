"""A tiny generator at random weights, with the encoder that it names."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mate_hf.generation import MotionPipeline
from mate_hf.modeling import MaskedConfig, MaskedModel, MDMConfig, MDMModel, VQConfig, VQModel
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import encoder_digest
from mate_hf.utils.weights import weights_digest


@pytest.fixture(scope="session")
def generator(tmp_path_factory: pytest.TempPathFactory, text_encoders: dict[str, Path]) -> Path:
    """A folder that `MotionPipeline.from_pretrained` opens."""
    folder = tmp_path_factory.mktemp("generator") / "model"
    encoder = open_text_encoder(str(text_encoders["bert"]))
    torch.manual_seed(0)
    config = MDMConfig(
        text_encoder=str(text_encoders["bert"]),
        text_digest=encoder_digest(encoder),
        text_reading_digest=reading_digest(encoder),
        text_width=16,
        sentence_width=16,
        hidden_size=16,
        layers=2,
        heads=2,
        feedforward=24,
        dropout=0.0,
    )
    model = MDMModel(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.15)
    mean = torch.zeros(263)
    mean[3] = 0.9
    model.set_statistics(mean, torch.full((263,), 0.05))
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def pipe(generator: Path) -> MotionPipeline:
    """It, opened."""
    return MotionPipeline.from_pretrained(generator)


@pytest.fixture(scope="session")
def masked_generator(tmp_path_factory: pytest.TempPathFactory, text_encoders: dict[str, Path]) -> Path:
    """The same of a masked one, with the VQ-VAE that it says codes of."""
    folder = tmp_path_factory.mktemp("masked") / "model"
    encoder = open_text_encoder(str(text_encoders["bert"]))
    torch.manual_seed(0)
    vq = VQModel(VQConfig(hidden_size=16, code_size=8, codes=40, levels=3, depth=1))
    torch.nn.init.normal_(vq.quantizer.books, std=10)
    mean = torch.zeros(263)
    mean[3] = 0.9
    vq.set_statistics(mean, torch.full((263,), 0.05))
    config = MaskedConfig(
        text_encoder=str(text_encoders["bert"]),
        text_digest=encoder_digest(encoder),
        text_reading_digest=reading_digest(encoder),
        text_width=16,
        sentence_width=16,
        vq_digest=weights_digest(vq),
        codes=40,
        levels=3,
        hidden_size=16,
        layers=2,
        residual_layers=1,
        heads=2,
        feedforward=24,
        dropout=0.0,
    )
    model = MaskedModel(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    vq.save_pretrained(folder / "vq")
    return folder


@pytest.fixture(scope="session")
def masked(masked_generator: Path) -> MotionPipeline:
    """It, opened."""
    return MotionPipeline.from_pretrained(masked_generator)
