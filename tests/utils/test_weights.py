"""A stranger's model folder is opened for its weights alone, or refused in one line."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import BertModel

from mate_hf.errors import MateError
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.utils.weights import file_beside, open_weights, open_whole, read_safetensors, weights_digest
from tests.refusals import refusal


@pytest.fixture
def folder(text_encoders: dict[str, Path], tmp_path: Path) -> Path:
    shutil.copytree(text_encoders["bert"], tmp_path / "bert")
    return tmp_path / "bert"


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / "config.json").read_text())
    change(content)
    (folder / "config.json").write_text(json.dumps(content))


@pytest.mark.parametrize("name", ["attn_implementation", "_attn_implementation"])
@pytest.mark.parametrize("inside", [False, True])
def test_a_kernel_that_a_configuration_names_is_not_fetched(folder: Path, name: str, inside: bool) -> None:
    """transformers would download and run it where the package `kernels` is installed."""
    asked = {name: "somebody/kernel"}
    rewrite(folder, lambda content: content.update({"text_config": asked} if inside else asked))
    with pytest.raises(MateError, match=rf"config\.json: {name} is 'somebody/kernel', code that"):
        open_weights(BertModel, folder)


def test_a_pickle_that_names_code_is_refused_in_one_line_without_the_advice_to_run_it(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"bias": PurePosixPath("x")}, folder / "pytorch_model.bin")
    said = refusal(lambda: open_weights(BertModel, folder)) or ""
    assert "PurePosixPath" in said
    assert "\n" not in said
    assert "weights_only" not in said


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(folder: Path, value: float) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.word_embeddings.weight"][100] = value
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(MateError, match=r"1 weights hold NaN or infinite numbers, e\.g\. .*word_embeddings"):
        open_weights(BertModel, folder)


@pytest.mark.parametrize(("name", "value"), [("motion_mean", float("nan")), ("motion_std", float("inf"))])
def test_statistics_that_are_no_numbers_are_refused(tmp_path: Path, name: str, value: float) -> None:
    with pytest.raises(MateError, match=rf"1 weights hold NaN or infinite numbers, e\.g\. {name}"):
        open_weights(TMRModel, retrieval_model(tmp_path, name, value))


def test_statistics_of_features_that_never_change_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="motion_std holds standard deviations that are not above 0"):
        open_weights(TMRModel, retrieval_model(tmp_path, "motion_std", 0.0))


def retrieval_model(folder: Path, name: str, value: float) -> Path:
    model = TMRModel(TMRConfig(text_width=16, latent_size=8, layers=1, heads=2, feedforward=16))
    getattr(model, name)[5] = value
    model.save_pretrained(folder / "tmr")
    return folder / "tmr"


def test_an_adapter_beside_the_weights_is_not_put_in(folder: Path) -> None:
    """transformers would, by PEFT, whose older versions import packages that an adapter names."""
    (folder / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "megatron_config": {}, "megatron_core": "antigravity"})
    )
    with pytest.raises(MateError, match=r"adapter_config\.json lies beside the weights"):
        open_weights(BertModel, folder)


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_size": "x"},
        {"hidden_size": 0},
        {"num_attention_heads": 7},
        {"num_hidden_layers": 10**7},
        {"intermediate_size": 10**8},
        {"hidden_act": "none"},
        {"vocab_size": None},
        {"vocab_size": 2**62},
        {"dtype": "float1000"},
        {"id2label": 7},
    ],
    ids=str,
)
def test_sizes_that_are_none_are_one_line(folder: Path, change: dict[str, Any]) -> None:
    rewrite(folder, lambda content: content.update(change))
    said = refusal(lambda: open_whole(BertModel, folder))
    assert said is not None
    assert str(folder) in said
    assert "\n" not in said


@pytest.mark.parametrize("content", ["[]", "7", "{", "[" * 100_000, '{"a":' * 5000])
def test_a_configuration_that_is_none_is_one_line(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(MateError, match=r"could not be opened: .*config\.json.*Copy or write") as refused:
        open_whole(BertModel, folder)
    assert "\n" not in str(refused.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(place=st.integers(0, 200), value=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_weight_file_is_read_or_named(tmp_path: Path, place: int, value: int, cut: bool) -> None:
    whole = {"a": torch.arange(6.0).view(2, 3), "b": torch.arange(4)}
    save_file(whole, tmp_path / "whole.safetensors")
    content = bytearray((tmp_path / "whole.safetensors").read_bytes())
    place = min(place, len(content) - 1)
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(content[:place] if cut else bytes([*content[:place], value, *content[place + 1 :]]))
    said = refusal(lambda: read_safetensors(damaged))
    assert said is None or said.startswith(f"{damaged}: not a whole safetensors file")


def test_weights_are_what_safetensors_reads(folder: Path) -> None:
    file = folder / "model.safetensors"
    expected = load_file(file)
    found = read_safetensors(file)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    with pytest.raises(MateError, match="not a whole safetensors file"):
        read_safetensors(folder / "none.safetensors")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_digest_is_of_names_and_bytes(dtype: torch.dtype) -> None:
    model = nn.Linear(2, 3).to(dtype)
    model.register_buffer("count", torch.tensor(7))
    parts = [
        b"bias",
        _bytes(model.bias),
        b"count",
        (7).to_bytes(8, "little"),
        b"weight",
        _bytes(model.weight),
    ]
    assert weights_digest(model) == hashlib.sha256(b"".join(parts)).hexdigest()


def _bytes(weight: torch.Tensor) -> bytes:
    return bytes(weight.detach().flatten().view(torch.uint8).tolist())


def test_files_are_looked_for_in_folders_and_never_lost_in_errors(folder: Path) -> None:
    assert file_beside(folder, "config.json") == folder / "config.json"
    assert file_beside(folder, "none.json") is None
    for place in ("no/where", "no such name", "a/b/c/d", ""):
        assert file_beside(place, "config.json") is None
