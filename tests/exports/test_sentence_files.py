"""`SentenceTransformer(OUT)` gives the encoder's own sentence feature."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.exports import export
from mate_hf.text.encoders import open_text_encoder
from tests.tiny import CAPTIONS, minilm_folder
from tests.trained_runs import Exported, Trained

sentence_transformers = pytest.importorskip("sentence_transformers")


@pytest.mark.parametrize("family", ["clip", "whole_clip", "distilbert", "bert"])
def test_features_are_the_trained_encoders(exported: Exported, family: str) -> None:
    out = exported(family)
    encoder = open_text_encoder(str(out))
    found = sentence_transformers.SentenceTransformer(str(out), device="cpu")
    assert found.max_seq_length == encoder.max_length
    features = found.encode(list(CAPTIONS), convert_to_tensor=True)
    assert torch.allclose(features, encoder.sentence_features(list(CAPTIONS)), atol=1e-5)


def test_a_base_with_files_of_its_own_keeps_them(
    trained: Trained, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(text_encoders["bert"], base)
    for name in ("modules.json", "sentence_bert_config.json", "1_Pooling"):
        source = minilm_folder() / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, base / name)
    export(trained("bert"), out := tmp_path / "out", base=str(base))
    assert (out / "modules.json").read_bytes() == (minilm_folder() / "modules.json").read_bytes()
    features = sentence_transformers.SentenceTransformer(str(out), device="cpu").encode(list(CAPTIONS))
    expected = open_text_encoder(str(out)).sentence_features(list(CAPTIONS))
    # all-MiniLM-L6-v2 ends in a normalisation.
    assert torch.allclose(torch.tensor(features), torch.nn.functional.normalize(expected), atol=1e-5)


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ([{"path": "../../outside", "type": "sentence_transformers.models.Pooling"}], "module 0 has path"),
        ([{"path": "..", "type": "sentence_transformers.models.Pooling"}], "module 0 has path"),
        ([{"path": "", "type": "sentence_transformers.models.Transformer"}, 7], "module 1 has path None"),
        ([{"path": "", "type": "shutil.rmtree"}], "of type 'shutil.rmtree'; expected a class of"),
        ([{"path": ""}], "of type None"),
        ({"path": ""}, "expected a list"),
    ],
)
def test_a_bases_own_files_lead_nowhere_else(
    trained: Trained, text_encoders: dict[str, Path], tmp_path: Path, modules: object, said: str
) -> None:
    shutil.copytree(text_encoders["bert"], base := tmp_path / "base")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "config.json").write_text("{}")
    (base / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(MateError, match=f"modules.json.*{said}"):
        export(trained("bert"), tmp_path / "deep" / "out", base=str(base))
    assert not (tmp_path / "deep" / "out").exists()
