"""The checks that docs/clients.md offers for inside a client tell the export from another encoder."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import AutoModel

from mate_hf.exports import export
from tests.openai_clip.package import openai_package
from tests.trained_runs import Trained

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text(encoding="utf-8")
OPENAI, AUTO = (block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "assert" in block)


def require_told(code: str, root: Path, clip_model: Any, table: torch.Tensor) -> None:
    code = code.replace("/absolute/path", str(root))
    names = {"model": SimpleNamespace(clip_model=clip_model)}
    exec(code, names)
    with torch.no_grad():
        table[1000] += 1
    with pytest.raises(AssertionError, match="stock encoder"):
        exec(code, names)


def test_an_encoder_of_clip_load_is_told(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = openai_package(monkeypatch)
    export(trained("whole_clip"), out := tmp_path / "exports" / "clip", format="openai-clip")
    model, _ = clip.load(str(out / "model.pt"), device="cpu", jit=False)
    require_told(OPENAI, tmp_path, model, model.token_embedding.weight)


def test_an_encoder_of_auto_model_is_told(trained: Trained, tmp_path: Path) -> None:
    export(trained("distilbert"), out := tmp_path / "exports" / "distilbert-hf")
    held = SimpleNamespace(text_model=AutoModel.from_pretrained(out))
    require_told(AUTO, tmp_path, held, held.text_model.get_input_embeddings().weight)
