"""What `make quickstart` leaves, in small: made by an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples import train_on_your_folder
from tests.tiny import make_corpus
from tests.training.conftest import forget_accelerate


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory, text_encoders: dict[str, Path]) -> Path:
    """A folder with runs/quickstart/ in it."""
    root = tmp_path_factory.mktemp("checkout")
    forget_accelerate()
    folder = make_corpus(root / "folder", clips=30)
    out = root / "runs" / "quickstart"
    train_on_your_folder.main(folder, out, text_encoder=str(text_encoders["bert"]), steps=2)
    forget_accelerate()
    (root / "examples").mkdir()
    return root
