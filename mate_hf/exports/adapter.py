"""Format `adapter`: the changed rows alone, as a PEFT trainable-tokens adapter of a few megabytes, and the tokenizer."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import torch
from peft import PeftModel, PeftType, TrainableTokensConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoModel

from mate_hf.errors import MateError
from mate_hf.exports.stock import probe_tokens, require_equal
from mate_hf.exports.tokenizer_files import save_tokenizer
from mate_hf.runs.trained import Trained
from mate_hf.text.encoders import TextEncoder, open_text_encoder, open_tokenizer
from mate_hf.utils.json_files import brief, read_json, require_fields
from mate_hf.utils.weights import ADAPTER_CONFIG, read_safetensors, unreported

WEIGHTS = "adapter_model.safetensors"
TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "vocab.txt")
_REMEDY = "Expected the folder of `mate export --format adapter`: copy or write it again."
_DELTA = "trainable_tokens_delta"


def write_adapter(trained: Trained, folder: Path) -> None:
    """Adapter of the rows that differ from the base: `AutoModel.from_pretrained(folder)` fetches the base itself.

    Raises:
        MateError: no base at hand, no row differs, or weights beyond the table differ.
    """
    rows = changed_rows(trained.base.embedding_rows, trained.model.embedding_rows)
    _require_only_rows(trained, rows)
    base = deepcopy(trained.base.model)
    table = base.get_input_embeddings()
    name = next(path for path, module in base.named_modules() if module is table)
    config = TrainableTokensConfig(token_indices=rows.tolist(), target_modules=[name.rpartition(".")[2]])
    adapted = get_peft_model(base, config)
    with torch.no_grad():
        for path, parameter in adapted.named_parameters():
            if _DELTA in path:
                parameter.copy_(trained.model.embedding_rows[rows])
    adapted.peft_config["default"].base_model_name_or_path = _from_anywhere(trained.base_source)
    adapted.peft_config["default"].revision = trained.base_revision
    adapted.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)
    _name_both_ways(folder / WEIGHTS)
    save_tokenizer(trained, folder)
    _verify(trained, folder)


def open_adapter(folder: Path) -> TextEncoder:
    """Its base encoder with its rows put in, and its own tokenizer where it has one.

    The rows are put in here, not by PEFT, which opens adapters of every kind, some of which name packages to import.

    Raises:
        MateError: not an adapter of embedding rows, no base at hand, or damaged files.
    """
    file = folder / ADAPTER_CONFIG
    settings = read_json(file, dict, _REMEDY)
    fields = {"peft_type": str, "base_model_name_or_path": str, "token_indices": list}
    require_fields(settings, str(file), fields, _REMEDY)
    rows, kind, revision = settings["token_indices"], settings["peft_type"], settings.get("revision")
    if kind != PeftType.TRAINABLE_TOKENS:
        raise MateError(f"{file}: an adapter of type {brief(kind)}; expected embedding rows alone. {_REMEDY}")
    if revision is not None and not isinstance(revision, str):
        raise MateError(f"{file}: revision is {brief(revision)}; expected a name. {_REMEDY}")
    try:
        encoder = open_text_encoder(settings["base_model_name_or_path"], revision)
    except MateError as error:
        raise MateError(f"{file}: its base encoder is not at hand: {error}") from error
    table = encoder.embedding_rows
    known = [delta for name, delta in read_safetensors(folder / WEIGHTS).items() if name.endswith(_DELTA)]
    fitting = all(type(row) is int and 0 <= row < len(table) for row in rows)
    if not known or not fitting or any(delta.shape != (len(rows), table.shape[1]) for delta in known):
        raise MateError(
            f"{folder}: {len(known)} sets of rows, the first {tuple(known[0].shape) if known else ()}, for {len(rows)} tokens and "
            f"a table of {tuple(table.shape)}. They do not belong together. {_REMEDY}"
        )
    table[rows] = known[0].to(table.dtype)
    if any((folder / name).is_file() for name in TOKENIZER_FILES):
        encoder.tokenizer = open_tokenizer(folder)
    return encoder


def _from_anywhere(source: str) -> str:
    # A folder's name relative to where the run was started opens from there alone.
    return str(Path(source).resolve()) if Path(source).is_dir() else source


def changed_rows(before: Tensor, after: Tensor) -> Tensor:
    """Ids of the rows (V,W) that differ, ascending."""
    return (before.to(after.device) != after).any(1).nonzero().flatten().cpu()


def changed_weights(trained: Trained) -> list[str]:
    """Names of the encoder's weights beside its embedding table that differ from the base encoder's."""
    table, base = trained.model.embedding_rows, trained.base.model.state_dict()
    return [
        name
        for name, value in trained.model.text_encoder.state_dict().items()
        if value.shape != table.shape
        and name in base
        and not torch.equal(value, base[name].to(value.device, value.dtype))
    ]


def _require_only_rows(trained: Trained, rows: Tensor) -> None:
    if not len(rows):
        raise MateError(
            "format adapter: no embedding row differs from the base encoder's. Was the run trained with `trainable: "
            "embeddings`?"
        )
    if changed := changed_weights(trained):
        raise MateError(
            f"format adapter: {changed[0]} differs from the base encoder's, and an adapter holds embedding rows only. Use hf."
        )


def _name_both_ways(weights: Path) -> None:
    # transformers 5 opens CLIP as AutoModel without the `text_model.` level, CLIPTextModelWithProjection with it.
    state = load_file(weights)
    state |= {name.replace(".text_model.", "."): value.clone() for name, value in state.items()}
    save_file(state, weights)


@torch.no_grad()
def _verify(trained: Trained, folder: Path) -> None:
    inputs = probe_tokens(trained)
    expected = trained.model.text_encoder(**inputs).last_hidden_state
    with unreported():
        base = AutoModel.from_pretrained(trained.base_source, trust_remote_code=False)
        wrapped = PeftModel.from_pretrained(base, str(folder))
        readers = {"AutoModel": AutoModel.from_pretrained(folder), "PeftModel": wrapped.get_base_model()}
    for name, model in readers.items():
        require_equal(_text_part(model)(**inputs).last_hidden_state, expected, name)
    merged = _text_part(wrapped.merge_and_unload())
    require_equal(merged(**inputs).last_hidden_state, expected, "merge_and_unload")


def _text_part(model: nn.Module) -> nn.Module:
    """AutoModel opens a whole CLIP repository with both its towers."""
    return getattr(model.eval(), "text_model", model)
