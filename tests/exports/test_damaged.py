"""A folder of which any file is damaged is refused in our words by `mate_hf.load`, or opens for what is left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save_file

import mate_hf
from mate_hf.errors import MateError
from mate_hf.exports import FORMATS, export
from tests.refusals import refusal
from tests.trained_runs import Exported, Trained

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda content: content[: len(content) // 2],
    "a list": lambda content: b"[]",
    "no fields": lambda content: b"{}",
    "deep": lambda content: b'{"a":' * 100_000,
}
NEEDED = {
    "hf": ["model.safetensors", "config.json", "tokenizer.json"],
    "hf-clip": ["model.safetensors", "config.json"],
    "openai-clip": ["model.pt", "tokenizer.json"],
    "adapter": ["adapter_model.safetensors", "adapter_config.json", "tokenizer.json"],
    "full": ["model.safetensors", "config.json"],
}


@pytest.mark.parametrize("format", FORMATS)
def test_whatever_is_damaged_is_named(exported: Exported, tmp_path: Path, format: str) -> None:
    out = Path(shutil.copytree(exported("whole_clip", format), tmp_path / "out"))
    for name in [*NEEDED[format], "tokenizer_config.json"]:
        whole = (out / name).read_bytes()
        for what, damage in DAMAGES.items():
            (out / name).write_bytes(damage(whole))
            said = refusal(lambda: mate_hf.load(out))
            # Most of the tokenizer's settings can be done without.
            assert said is not None or name == "tokenizer_config.json", what
            assert said is None or (str(out) in said and len(said.splitlines()) <= 2), (name, what, said)
        (out / name).write_bytes(whole)
    assert mate_hf.load(out).encode_text("a person walks").shape == (1, 24)


def test_weights_that_are_no_text_tower_are_named(trained: Trained, tmp_path: Path) -> None:
    export(trained("whole_clip"), out := tmp_path / "out", "openai-clip", visual="stand-in")
    # Not mapped: the file is written over.
    whole = load((out / "model.safetensors").read_bytes())
    for name, value, said in (
        ("text_projection", None, "text_projection is missing"),
        ("text_projection", torch.zeros(3), r"text_projection is \(3,\); expected a matrix"),
        ("text_projection", torch.zeros(5, 24), "text_projection missing, left over or not its shape"),
        ("ln_final.weight", None, r"ln_final\.weight missing"),
        ("logit_scale", torch.tensor(3), "logit_scale missing, left over"),
        ("more", torch.zeros(2), "more missing, left over"),
        ("token_embedding.weight", torch.zeros(0, 64), r"token_embedding\.weight is \(0, 64\)"),
        ("transformer.resblocks.0.mlp.c_fc.weight", None, r"c_fc\.weight is missing"),
        ("transformer.resblocks.7.attn.in_proj_weight", torch.zeros(1), "missing, left over"),
    ):
        state = {key: weight for key, weight in whole.items() if key != name}
        save_file(state if value is None else state | {name: value}, out / "model.safetensors")
        with pytest.raises(MateError, match=rf"model\.safetensors: not a CLIP text tower: .*{said}"):
            mate_hf.load(out / "model.safetensors")


def test_an_adapter_of_another_kind_is_named(exported: Exported, tmp_path: Path) -> None:
    out = Path(shutil.copytree(exported("whole_clip", "adapter"), tmp_path / "out"))
    settings = json.loads((out / "adapter_config.json").read_text())
    changes: list[tuple[dict[str, object], str]] = [
        (
            {"peft_type": "LORA", "megatron_config": {}, "megatron_core": "antigravity"},
            "adapter of type 'LORA'",
        ),
        ({"token_indices": [1000, 1001]}, "do not belong together"),
        ({"token_indices": [1000, 1001, 10**9]}, "do not belong together"),
        ({"token_indices": [1000, 1001, "x"]}, "do not belong together"),
        ({"token_indices": 7}, "field 'token_indices' is 7; expected a list"),
        ({"base_model_name_or_path": None}, "field 'base_model_name_or_path' is None; expected text"),
        ({"base_model_name_or_path": "package:a.b"}, "base encoder is not at hand: .*not a package's name"),
        ({"base_model_name_or_path": "no/where"}, "base encoder is not at hand: .*could not be opened"),
        ({"revision": 7}, "revision is 7; expected a name"),
    ]
    for change, said in changes:
        (out / "adapter_config.json").write_text(json.dumps({**settings, **change}))
        with pytest.raises(MateError, match=said):
            mate_hf.load(out)


def test_a_stranger_beside_an_export_is_not_opened(exported: Exported, tmp_path: Path) -> None:
    """Pickles that old transformers would open are no way in, where weights are missing."""
    out = Path(shutil.copytree(exported("whole_clip"), tmp_path / "out"))
    shutil.move(out / "model.safetensors", tmp_path)
    torch.save({"a": torch.zeros(1)}, out / "pytorch_model.bin")
    with pytest.raises(MateError, match=str(out)):
        mate_hf.load(out)
