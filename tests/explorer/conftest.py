"""A tiny run with everything beside it that a page can show."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from mate_hf.data.preparation import prepare
from mate_hf.explorer.opening import Explored, open_explored
from mate_hf.runs.model import save_model
from mate_hf.text.vocabulary import Vocabulary
from tests.generation.conftest import generator
from tests.localization.tiny_retriever import make_retrieval_model
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, make_corpus

__all__ = ["generator"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, text_encoders: dict[str, Path]) -> Path:
    """What a quickstart leaves: data, mate, retrieval; the run's encoder has another row for "left" than its base."""
    home = tmp_path_factory.mktemp("quickstart")
    prepare(str(make_corpus(home / "folder")), home / "data")
    base = text_encoders["bert"]
    make_retrieval_model(base, home / "retrieval")
    model = tiny_model(base)
    [left] = model.tokenizer("left", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        model.text_encoder.get_input_embeddings().weight[left] *= -1
    save_model(
        model,
        model.state_dict(),
        model.tokenizer,
        Vocabulary.from_captions(CAPTIONS),
        home / "mate" / "best",
    )
    settings = {"text_encoder": str(base), "data": str(home / "data")}
    (home / "mate" / "config.yaml").write_text(yaml.safe_dump(settings))
    return home


@pytest.fixture(scope="session")
def explored(home: Path, generator: Path) -> Explored:
    """It, opened, with one generator twice."""
    return open_explored(home / "mate", generator=[f"stock={generator}", f"MATE={generator}"])
