"""Opening pretrained weights with the list of what did not fit, which `transformers` otherwise only logs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeVar, cast

from safetensors import SafetensorError
from torch import nn
from transformers import PreTrainedModel
from transformers.utils import logging

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import require_weights

Model = TypeVar("Model", bound=PreTrainedModel)


def open_weights(architecture: type[Model], source: str | Path, **options: Any) -> tuple[Model, list[str]]:
    """Open a model in evaluation mode, and name the weights that the checkpoint lacks or holds in another shape.

    Those weights are random in the returned model: the caller must say whether that is an error.

    Raises:
        MateError: a weight file that is damaged, cut short, or something else altogether.
    """
    require_weights(source)
    try:
        with unreported():
            loaded = architecture.from_pretrained(
                source, output_loading_info=True, ignore_mismatched_sizes=True, **options
            )
    except (SafetensorError, UnpicklingError, EOFError) as error:
        raise MateError(
            f"{source}: its weights are damaged or cut short ({error}). Copy or write the file again."
        ) from error
    model, report = cast(tuple[Model, dict[str, Any]], loaded)
    mismatched = (entry[0] if isinstance(entry, tuple) else entry for entry in report["mismatched_keys"])
    return model.eval(), sorted([*report["missing_keys"], *mismatched])


def open_whole(architecture: type[Model], source: str | Path, **options: Any) -> Model:
    """Open a model whose checkpoint must hold all of it.

    Raises:
        MateError: weights are missing or of another shape, or a file is damaged.
    """
    try:
        model, absent = open_weights(architecture, source, **options)
    except MateError:
        raise
    except (OSError, ValueError) as error:
        raise MateError(f"{source}: could not be opened: {error} Copy or write the folder again.") from error
    if absent:
        raise MateError(f"{source}: {len(absent)} weights are missing or of another shape, e.g. {absent[0]}.")
    return model


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
