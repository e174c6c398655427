"""Trained runs of every family and their exports, made once, and a whole tiny CLIP of OpenAI's shape."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

# What takes seconds to import stands where it is used: pytest-xdist's own process reads this file, too, and runs no test.
if TYPE_CHECKING:
    from mate_hf.text.vocabulary import Vocabulary

Trained = Callable[..., Path]

Exported = Callable[..., Path]

CHANGED = [1000, 1001, 2000]
"""Rows in which a trained encoder differs from its base."""


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    from mate_hf.text.vocabulary import Vocabulary
    from tests.tiny import CAPTIONS

    return Vocabulary.from_captions(CAPTIONS)


@pytest.fixture(scope="session")
def whole_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stock-shaped CLIP repository at random weights: towers 64 wide, heads of 64 as OpenAI has them."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    from tests.clip_tokenizer import make_clip_tokenizer

    folder = tmp_path_factory.mktemp("clip") / "tiny-clip-vit"
    make_clip_tokenizer(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 1}
    sizes["projection_dim"] = 24
    text = {**sizes, "bos_token_id": 49406, "eos_token_id": 49407, "pad_token_id": 49407}
    vision = {**sizes, "image_size": 32, "patch_size": 16}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)
    model = CLIPModel(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        '{"image_processor_type": "CLIPImageProcessor", "size": 32}'
    )
    return folder


@pytest.fixture(scope="session")
def trained_once(
    text_encoders: dict[str, Path],
    whole_clip: Path,
    vocabulary: Vocabulary,
    tmp_path_factory: pytest.TempPathFactory,
) -> Trained:
    """A run folder, to be read and no more, whose encoder differs from its base in three embedding rows."""
    import torch

    from mate_hf.runs.model import save_model
    from tests.modeling.test_modeling_mate import tiny_model

    root = tmp_path_factory.mktemp("trained")

    @cache
    def make(family: str) -> Path:
        base = whole_clip if family == "whole_clip" else text_encoders[family]
        model = tiny_model(base)
        with torch.no_grad():
            rows = model.text_encoder.get_input_embeddings().weight
            rows[CHANGED] += torch.randn(len(CHANGED), rows.shape[1], generator=torch.manual_seed(3))
        # Many repositories leave it unset; the export must not.
        model.tokenizer.model_max_length = 10**30
        run = root / f"run_{family}"
        save_model(model, model.state_dict(), model.tokenizer, vocabulary, run / "best")
        (run / "config.yaml").write_text(yaml.safe_dump({"text_encoder": str(base)}))
        return run

    return make


@pytest.fixture
def trained(trained_once: Trained, tmp_path: Path) -> Trained:
    """The same as the test's own, which may change it."""

    def make(family: str, base_known: bool = True) -> Path:
        run = tmp_path / f"run_{family}"
        shutil.copytree(trained_once(family), run, dirs_exist_ok=True)
        if not base_known:
            (run / "config.yaml").unlink()
        return run

    return make


@pytest.fixture(scope="session")
def exported(trained_once: Trained, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """`exported(family, format="hf")` is the folder of an export, to be read and no more."""
    from mate_hf.exports import export

    root = tmp_path_factory.mktemp("exported")

    @cache
    def once(family: str, format: str) -> Path:
        export(trained_once(family), out := root / format / family, format)
        return out

    # A default told and one left out are two calls to a cache.
    return lambda family, format="hf": once(family, format)
