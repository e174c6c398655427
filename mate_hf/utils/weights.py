"""Opening pretrained weights with the list of what did not fit, which `transformers` otherwise only logs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from safetensors import SafetensorError
from torch import nn
from transformers import PreTrainedModel
from transformers.utils import logging

from mate_hf.errors import MateError

Model = TypeVar("Model", bound=PreTrainedModel)


def open_weights(architecture: type[Model], source: str | Path, **options: Any) -> tuple[Model, list[str]]:
    """Open a model in evaluation mode, and name the weights that the checkpoint lacks or holds in another shape.

    Those weights are random in the returned model: the caller must say whether that is an error.

    Raises:
        MateError: a weight file that is damaged or cut short.
    """
    try:
        with unreported():
            loaded = architecture.from_pretrained(
                source, output_loading_info=True, ignore_mismatched_sizes=True, **options
            )
    except SafetensorError as error:
        raise MateError(
            f"{source}: its weights are damaged or cut short ({error}). Copy or write the file again."
        ) from error
    model, report = cast(tuple[Model, dict[str, Any]], loaded)
    mismatched = (entry[0] if isinstance(entry, tuple) else entry for entry in report["mismatched_keys"])
    return model.eval(), sorted([*report["missing_keys"], *mismatched])


def open_whole(architecture: type[Model], source: str | Path, **options: Any) -> Model:
    """Open a model whose checkpoint must hold all of it.

    Raises:
        MateError: another kind of model, weights that are missing or of another shape, or a damaged file.
    """
    require_kind(architecture, source)
    try:
        model, absent = open_weights(architecture, source, **options)
    except MateError:
        raise
    except (OSError, ValueError) as error:
        raise MateError(f"{source}: could not be opened: {error} Copy or write the folder again.") from error
    if absent:
        raise MateError(f"{source}: {len(absent)} weights are missing or of another shape, e.g. {absent[0]}.")
    return model


KINDS = {
    "mate": "a MATE model, as a run of `mate train` has",
    "mate_tmr": "a retrieval model, as a run of `mate train-retrieval` or `mate convert-retrieval` has",
    "mate_evaluator": "an evaluator, as a run of `mate train-evaluator` or `mate convert-evaluator` has",
}
"""By `model_type` of a folder's config.json."""


def require_kind(architecture: type[PreTrainedModel], source: str | Path) -> None:
    """Tell a wrong folder from a damaged one.

    Raises:
        MateError: the folder's config.json names another kind of model.
    """
    wanted = getattr(architecture.config_class, "model_type", "")
    try:
        found = json.loads((Path(source) / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError, RecursionError):
        return
    if wanted in KINDS and found != wanted:
        known = KINDS.get(found, f"a text encoder of type {found}, as an export or a stock encoder has")
        raise MateError(f"{source} holds {known}; expected {KINDS[wanted]}.")


@contextmanager
def unreported() -> Iterator[None]:
    """Opening without transformers' table of weights that another class would have used."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def add_weights(digest: hashlib._Hash, model: nn.Module) -> None:
    """Let a digest depend on all of a model's weights and buffers."""
    for name, weight in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().numpy().tobytes())
