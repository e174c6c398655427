"""The files by which `SentenceTransformer(OUT)` knows how an encoder makes its sentence feature."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from mate_hf.errors import MateError
from mate_hf.runs.trained import Trained
from mate_hf.utils.files import write_json
from mate_hf.utils.json_files import brief, read_json

MODULES = "modules.json"
_MODELS = "sentence_transformers.models"


def save_sentence_files(trained: Trained, folder: Path) -> None:
    """The base encoder's own sentence-transformers files where it has them, else those of the trained feature."""
    if not _copy_of_base(trained, folder):
        _write(trained, folder)


def _copy_of_base(trained: Trained, folder: Path) -> bool:
    if (modules := trained.base_file(MODULES)) is None:
        return False
    names = ["sentence_bert_config.json", "config_sentence_transformers.json"]
    names += [f"{path}/config.json" for path in _module_folders(modules)]
    shutil.copyfile(modules, folder / MODULES)
    for name in names:
        if (source := trained.base_file(name)) is not None:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source, folder / name)
    return True


def _module_folders(modules: Path) -> list[str]:
    """The folders that `modules.json` names, each directly beside it, and each read by a class of the library's own."""
    remedy = "Expected the modules.json of a sentence-transformers model. Mend or remove it in the base encoder's folder."
    folders = []
    for number, module in enumerate(read_json(modules, list, remedy)):
        known = module if isinstance(module, dict) else {}
        path, kind = known.get("path"), known.get("type")
        if not isinstance(path, str) or not re.fullmatch(r"[\w.-]*", path) or path in (".", ".."):
            raise MateError(
                f"{modules}: module {number} has path {brief(path)}; expected a folder's name. {remedy}"
            )
        # Whoever opens the export would import what is named here.
        if not isinstance(kind, str) or not re.fullmatch(r"sentence_transformers(\.\w+)+", kind):
            raise MateError(
                f"{modules}: module {number} is of type {brief(kind)}; expected a class of sentence_transformers. {remedy}"
            )
        if path:
            folders.append(path)
    return folders


def _write(trained: Trained, folder: Path) -> None:
    width = trained.model.family.embedding_width(trained.model.config.text_config)
    modes = dict.fromkeys(
        ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "lasttoken"), False
    )
    # CLIP's feature stands at its end token, the last that is no padding.
    modes[
        "lasttoken"
        if trained.is_clip
        else {"mean": "mean_tokens", "first": "cls_token"}[trained.model.config.pooling]
    ] = True
    pooling = {
        "word_embedding_dimension": width,
        **{f"pooling_mode_{mode}": on for mode, on in modes.items()},
    }
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    (folder / "1_Pooling").mkdir()
    write_json(folder / "1_Pooling" / "config.json", pooling)
    if trained.is_clip:
        modules.append(("2_Dense", "Dense"))
        _write_projection(
            trained.model.text_encoder.get_submodule("text_projection").get_parameter("weight"),
            folder / "2_Dense",
        )
    entries: list[dict[str, Any]] = [
        {"idx": number, "name": str(number), "path": path, "type": f"{_MODELS}.{kind}"}
        for number, (path, kind) in enumerate(modules)
    ]
    write_json(folder / MODULES, entries)
    write_json(
        folder / "sentence_bert_config.json", {"max_seq_length": trained.token_limit, "do_lower_case": False}
    )


def _write_projection(weight: torch.Tensor, folder: Path) -> None:
    folder.mkdir()
    settings = {
        "in_features": weight.shape[1],
        "out_features": weight.shape[0],
        "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }
    write_json(folder / "config.json", settings)
    save_file({"linear.weight": weight.detach().cpu().contiguous()}, folder / "model.safetensors")
