"""One small corpus for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mate_hf.data.synthetic import write_synthetic_corpus


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of 240 motions."""
    out = tmp_path_factory.mktemp("synthetic") / "corpus"
    write_synthetic_corpus(out, motions=240, seed=3, progress=False)
    return out


@pytest.fixture(scope="session")
def truth(corpus: Path) -> list[dict[str, Any]]:
    """Its truth, one dictionary a caption."""
    return [json.loads(line) for line in (corpus / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
