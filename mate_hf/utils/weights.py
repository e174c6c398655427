"""Opening pretrained weights with the list of what did not fit, which `transformers` otherwise only logs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeVar, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.utils import cached_file, logging

from mate_hf.errors import MateError
from mate_hf.utils.first_bytes import mistaken, no_plain_file, require_weights
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.model_kinds import require_kind
from mate_hf.utils.nests import heal
from mate_hf.utils.reasons import history, reason, unpickling_reason

Model = TypeVar("Model", bound=PreTrainedModel)

ADAPTER_CONFIG = "adapter_config.json"
MOST_LAYERS = 500
"""Of any network here; the largest text encoders have 48."""

WIDTHS = ("width", "_size", "feedforward")
"""Endings of names of what is a side of some weight."""

UNREADABLE = (SafetensorError, UnpicklingError, EOFError)
"""What readers of weights raise for bytes that are none."""

_REMEDY = "Copy or write the folder again."


def open_weights(architecture: type[Model], source: str | Path, **options: Any) -> tuple[Model, list[str]]:
    """Open a model in evaluation mode, and name the weights that the checkpoint lacks or holds in another shape.

    Those weights are random in the returned model: the caller must say whether that is an error.

    Raises:
        MateError: a file that is damaged, cut short, or something else altogether, or a configuration that asks for code.
        OSError, ValueError: nothing that opens is there.
    """
    heal(source)
    require_plain(source, options.get("revision"))
    require_weights(source)
    try:
        with unreported():
            loaded = architecture.from_pretrained(
                source, output_loading_info=True, ignore_mismatched_sizes=True, **options
            )
    except (*UNREADABLE, OSError, ValueError) as error:
        # transformers 4 buries the reader's own words under its guesses.
        met = next((met for met in history(error) if isinstance(met, UNREADABLE)), None)
        if met is None:
            raise
        raise MateError(
            f"{source}: its weights are damaged, cut short, or hold more than tensors ({unpickling_reason(met)}). Copy or write the "
            "file again, as safetensors."
        ) from error
    # What a network says to sizes that are none depends on the size.
    except Exception as error:
        raise MateError(
            f"{source}: could not be opened ({type(error).__name__}: {reason(error)}). {_REMEDY}"
        ) from error
    model, report = cast(tuple[Model, dict[str, Any]], loaded)
    # Buffers too: statistics and codebooks are learned as much as weights are.
    held = [*model.named_parameters(), *model.named_buffers()]
    if odd := [name for name, weight in held if not weight.isfinite().all()]:
        raise MateError(
            f"{source}: {len(odd)} weights hold NaN or infinite numbers, e.g. {odd[0]}: a training that came apart, or a damaged copy. "
            "Open an earlier one."
        )
    if flat := [name for name, weight in held if name.endswith("motion_std") and not (weight > 0).all()]:
        raise MateError(
            f"{source}: {flat[0]} holds standard deviations that are not above 0: a damaged copy. {_REMEDY}"
        )
    mismatched = (entry[0] if isinstance(entry, tuple) else entry for entry in report["mismatched_keys"])
    return model.eval(), sorted([*report["missing_keys"], *mismatched])


def open_whole(
    architecture: type[Model], source: str | Path, later: Collection[str] = (), **options: Any
) -> Model:
    """Open a model whose checkpoint must hold all of it.

    Args:
        later: weights that the architecture got after models were written; without all of them it begins as it was before.

    Raises:
        MateError: another kind of model, weights that are missing or of another shape, or a damaged file.
    """
    heal(source)
    require_kind(architecture, source)
    try:
        model, absent = open_weights(architecture, source, **options)
    except MateError:
        raise
    except (OSError, ValueError) as error:
        raise MateError(f"{source}: could not be opened: {reason(error)}. {_REMEDY}") from error
    if absent and set(absent) != set(later):
        raise MateError(f"{source}: {len(absent)} weights are missing or of another shape, e.g. {absent[0]}.")
    return model


def read_safetensors(file: Path) -> dict[str, Tensor]:
    """The weights of a `.safetensors` file, on the CPU.

    Raises:
        MateError: no such file, damaged, or cut short.
    """
    if no_plain_file(file):
        raise MateError(f"{file}: not a file; expected weights in .safetensors. Copy or write it again.")
    try:
        return load_file(file)
    # safetensors has its own error for most of what can be wrong, and others' for the rest.
    except Exception as error:
        if what := mistaken(file):
            raise MateError(f"{file}: not a whole safetensors file: it {what}") from None
        raise MateError(
            f"{file}: not a whole safetensors file ({reason(error)}). Copy or write it again."
        ) from error


def require_plain(source: str | Path, revision: str | None = None) -> None:
    """Refuse what transformers would follow beyond configuration and weights: kernels to fetch and run, adapters to put in.

    Raises:
        MateError: one of these, a configuration that is none, or one of more layers than any network has or of widths that its
            weights cannot have.
    """
    if file_beside(source, ADAPTER_CONFIG, revision) is not None:
        raise MateError(
            f"{source}: {ADAPTER_CONFIG} lies beside the weights and would change them. Move one of the two away."
        )
    file = file_beside(source, "config.json", revision)
    if file is None:
        return
    try:
        config = read_json(file, dict, _REMEDY)
    except MateError as error:
        raise MateError(f"{source}: could not be opened: {error}") from error
    for name, value in _entries(config):
        if name.endswith("attn_implementation") and "/" in str(value):
            raise MateError(
                f"{file}: {name} is {brief(value)}, code that would be fetched and run. Remove that line."
            )
        if name.endswith("layers") and isinstance(value, int) and value > MOST_LAYERS:
            raise MateError(f"{file}: {name} is {brief(value)}; expected at most {MOST_LAYERS}. {_REMEDY}")
    weights = file_beside(source, "model.safetensors", revision)
    if weights is not None:
        _require_widths(config, file, weights)


def _require_widths(config: Any, file: Path, weights: Path) -> None:
    """What is missing of the weights would be made at random, as large as is said."""
    most = weights.stat().st_size
    for name, value in _entries(config):
        if name.endswith(WIDTHS) and isinstance(value, int) and value > most and _is_whole(weights):
            raise MateError(
                f"{file}: {name} is {brief(value)}, more than the {most} bytes of {weights}. {_REMEDY}"
            )


def _is_whole(file: Path) -> bool:
    """Whether its head fits its length: what is cut short is said to be that by whoever reads it."""
    try:
        with safe_open(file, framework="pt"):
            return True
    except (SafetensorError, OSError):
        return False


def file_beside(source: str | Path, name: str, revision: str | None = None) -> Path | None:
    """A file of a folder or Hub repository; None where there is none, or no such place."""
    if Path(source).is_dir():
        file = Path(source) / name
        return file if file.is_file() else None
    try:
        found = cached_file(
            str(source),
            name,
            revision=revision,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
    except (OSError, ValueError):
        return None
    return None if found is None else Path(found)


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Every name with its value, at every level."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name, part
            yield from _entries(part)
    elif isinstance(value, list):
        for part in value:
            yield from _entries(part)


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
        # Of any type: numpy knows no bfloat16.
        digest.update(weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())


def weights_digest(model: nn.Module) -> str:
    """Of all of a model's weights and buffers, whatever file they lie in."""
    digest = hashlib.sha256()
    add_weights(digest, model)
    return digest.hexdigest()
