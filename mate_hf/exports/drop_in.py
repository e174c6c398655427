"""`mate_hf.load`: any export, whatever its format, as a text tower of OpenAI's shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from peft import PeftModel
from safetensors.torch import load_file
from transformers import CLIPTextModelWithProjection, PreTrainedModel, PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.openai_clip import read_archive, to_openai
from mate_hf.openai_clip.tower import ClipText, clip_text
from mate_hf.runs.model import open_model
from mate_hf.text.encoders import open_text_encoder, open_tokenizer
from mate_hf.utils.weights import open_whole

_EXPECTED = "Expected the folder or file of a `mate export` of CLIP, or a Hub id"
_READ = ["*.json", "*.txt", "*.safetensors", "*.pt"]


def load(
    name_or_path: str | Path, device: torch.device | str = "cpu", revision: str | None = None
) -> ClipText:
    """Open a CLIP text encoder as code that reaches inside OpenAI's CLIP expects it.

    The module has `encode_text(str | list | token ids)`, `token_embedding`, `positional_embedding`, `transformer`,
    `ln_final`, `text_projection`, `dtype` and `tokenize`, and no visual tower.

    Args:
        name_or_path: the folder of any export format, a `model.pt` or `model.safetensors` in OpenAI's names, or a Hub id.
        revision: of a Hub repository.

    Raises:
        MateError: nothing there, or an encoder that is not CLIP.
    """
    path = Path(name_or_path)
    if path.is_file():
        return _from_file(path).to(device)
    folder = path if path.is_dir() else _downloaded(str(name_or_path), revision)
    for marker, opened in _BY_MARKER.items():
        if (folder / marker).is_file():
            return opened(folder).to(device)
    raise MateError(f"{folder}: none of {', '.join(_BY_MARKER)} is there. {_EXPECTED}.")


def _from_file(path: Path) -> ClipText:
    state = load_file(path) if path.suffix == ".safetensors" else read_archive(path)
    if "token_embedding.weight" not in state:
        raise MateError(f"{path}: no weights in OpenAI's names. {_EXPECTED}.")
    has_tokenizer = (path.parent / "tokenizer.json").is_file()
    return clip_text(state, tokenizer=open_tokenizer(path.parent) if has_tokenizer else None)


def _from_adapter(folder: Path) -> ClipText:
    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    base, revision = settings["base_model_name_or_path"], settings.get("revision")
    encoder = open_text_encoder(base, revision)
    merged = PeftModel.from_pretrained(encoder.model, str(folder)).merge_and_unload()
    return _tower(merged, encoder.tokenizer)


def _from_configured(folder: Path) -> ClipText:
    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    model = open_model(folder).text_encoder if kind == "mate" else _text_model(folder)
    return _tower(model, open_tokenizer(folder))


def _from_archive_folder(folder: Path) -> ClipText:
    return _from_file(folder / "model.pt")


_BY_MARKER: dict[str, Callable[[Path], ClipText]] = {
    "adapter_config.json": _from_adapter,
    "config.json": _from_configured,
    "model.pt": _from_archive_folder,
}


def _text_model(folder: Path) -> PreTrainedModel:
    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    if kind not in ("clip", "clip_text_model"):
        raise _not_clip(folder, str(kind))
    return open_whole(CLIPTextModelWithProjection, folder, dtype=torch.float32)


def _tower(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> ClipText:
    if not isinstance(model, CLIPTextModelWithProjection):
        raise _not_clip(str(model.config.name_or_path), model.config.model_type)
    config = model.config
    return clip_text(to_openai(model.state_dict()), config.hidden_act, config.num_attention_heads, tokenizer)


def _not_clip(where: str | Path, kind: str) -> MateError:
    return MateError(
        f"{where}: its text encoder is {kind}, which has no OpenAI shape. Open the hf export with AutoModel instead."
    )


def _downloaded(name: str, revision: str | None) -> Path:
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=_READ))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise MateError(
            f"{name}: no folder, no file, and not to be had from the Hub: {error}\n{_EXPECTED}."
        ) from error
