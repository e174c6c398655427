"""A folder of another kind is said to be one, and not to be damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.guo_evaluator import open_evaluator
from mate_hf.modeling import MateModel
from mate_hf.retrieval.retriever import open_retrieval_model
from mate_hf.runs.model import open_model
from mate_hf.utils.model_kinds import require_kind
from tests.localization.tiny_retriever import make_retrieval_model


def test_each_kind_of_model_folder_is_told_from_the_others(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    retrieval = make_retrieval_model(text_encoders["bert"], tmp_path / "retrieval")
    with pytest.raises(
        MateError, match=r"holds a retrieval model.*expected a MATE model, as a run of `mate train`"
    ):
        open_model(retrieval)
    with pytest.raises(MateError, match=r"holds a text encoder of type bert.*expected a MATE model"):
        open_model(text_encoders["bert"])
    with pytest.raises(MateError, match=r"holds a retrieval model.*expected an evaluator"):
        open_evaluator(retrieval)
    with pytest.raises(MateError, match=r"type distilbert.*expected a retrieval model"):
        open_retrieval_model(text_encoders["distilbert"])


def test_a_book_in_place_of_a_type_is_named_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "#" * 5000}))
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(MateError, match=r"of type '#+\.\.\.#+'.*expected a MATE model") as raised:
        require_kind(MateModel, tmp_path)
    assert len(str(raised.value)) < 500
