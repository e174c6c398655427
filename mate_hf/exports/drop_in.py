"""`mate_hf.load`: any export, whatever its format, as a text tower of OpenAI's shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from transformers import CLIPTextModelWithProjection, PreTrainedModel, PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.exports.adapter import open_adapter
from mate_hf.openai_clip import read_archive, to_openai
from mate_hf.openai_clip.tower import ClipText, clip_text
from mate_hf.runs.model import open_model
from mate_hf.text.encoders import open_tokenizer
from mate_hf.utils.devices import device_of
from mate_hf.utils.json_files import read_json
from mate_hf.utils.nests import heal
from mate_hf.utils.reasons import reason
from mate_hf.utils.weights import ADAPTER_CONFIG, open_whole, read_safetensors

_EXPECTED = "Expected the folder or file of a `mate export` of CLIP, or a Hub id"
_REMEDY = "Copy the folder again."
_READ = ["*.json", "*.txt", "*.safetensors", "*.pt"]


def load(
    name_or_path: str | Path,
    device: torch.device | str = "cpu",
    revision: str | None = None,
    *,
    jit: bool = False,
) -> ClipText:
    """Open a CLIP text encoder as code that reaches inside OpenAI's CLIP expects it.

    The module has `encode_text(str | list | token ids)`, `token_embedding`, `positional_embedding`, `transformer`,
    `ln_final`, `text_projection`, `dtype` and `tokenize`, and no weights of a visual tower. It computes in float32, on any
    device, until its caller casts it. It can stand where `clip.load` stood: `model, preprocess = mate_hf.load(path)` gives
    the module and a `preprocess` that says why it has no images to prepare.

    Nothing that a folder or file brings along is executed.

    Args:
        name_or_path: the folder of any export format, a `model.pt` or `model.safetensors` in OpenAI's names, or a Hub id.
        revision: of a Hub repository.
        jit: there as in `clip.load`; only False can be had.

    Raises:
        MateError: nothing there, an encoder that is not CLIP, or damaged files.
    """
    if jit:
        raise MateError("jit is true: weights are opened here, and no TorchScript code is run. Leave it out.")
    place = device_of(device)
    path = Path(name_or_path)
    for written in (path, path.parent):
        heal(written)
    if path.is_file():
        return _from_file(path).to(place)
    folder = path if path.is_dir() else _downloaded(str(name_or_path), revision)
    for marker, opened in _BY_MARKER.items():
        if (folder / marker).is_file():
            return opened(folder).to(place)
    raise MateError(f"{folder}: none of {', '.join(_BY_MARKER)} is there. {_EXPECTED}.")


def _from_file(path: Path) -> ClipText:
    state = read_safetensors(path) if path.suffix == ".safetensors" else read_archive(path)
    if "token_embedding.weight" not in state:
        raise MateError(f"{path}: no weights in OpenAI's names. {_EXPECTED}.")
    has_tokenizer = (path.parent / "tokenizer.json").is_file()
    return clip_text(state, tokenizer=open_tokenizer(path.parent) if has_tokenizer else None, where=str(path))


def _from_adapter(folder: Path) -> ClipText:
    encoder = open_adapter(folder)
    return _tower(encoder.model, encoder.tokenizer)


def _from_configured(folder: Path) -> ClipText:
    kind = read_json(folder / "config.json", dict, _REMEDY).get("model_type")
    if kind == "mate":
        model = open_model(folder).text_encoder
    elif kind in ("clip", "clip_text_model"):
        model = open_whole(CLIPTextModelWithProjection, folder, dtype=torch.float32)
    else:
        raise _not_clip(folder, str(kind))
    return _tower(model, open_tokenizer(folder))


def _from_archive_folder(folder: Path) -> ClipText:
    return _from_file(folder / "model.pt")


_BY_MARKER: dict[str, Callable[[Path], ClipText]] = {
    ADAPTER_CONFIG: _from_adapter,
    "config.json": _from_configured,
    "model.pt": _from_archive_folder,
}


def _tower(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> ClipText:
    if not isinstance(model, CLIPTextModelWithProjection):
        raise _not_clip(str(model.config.name_or_path), model.config.model_type)
    config = model.config
    state = to_openai(model.state_dict())
    where = str(config.name_or_path)
    return clip_text(state, config.hidden_act, config.num_attention_heads, tokenizer, where)


def _not_clip(where: str | Path, kind: str) -> MateError:
    return MateError(
        f"{where}: its text encoder is {kind}, which has no OpenAI shape. Open the hf export with AutoModel instead."
    )


def _downloaded(name: str, revision: str | None) -> Path:
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=_READ))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise MateError(
            f"{name}: no folder, no file, and not to be had from the Hub ({reason(error)}). {_EXPECTED}."
        ) from error
