"""A folder of another kind of model is told from a damaged one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mate_hf.errors import MateError
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.reasons import LONGEST

if TYPE_CHECKING:
    from transformers import PreTrainedModel

KINDS = {
    "mate": "a MATE model, as a run of `mate train` has",
    "mate_mdm": "a generator, as a run of `mate train-generator` has",
    "mate_masked": "a masked generator, as a run of `mate train-masked` has",
    "mate_vq": "a VQ-VAE of motions, as a run of `mate train-vq` has",
    "mate_tmr": "a retrieval model, as a run of `mate train-retrieval` or `mate convert-retrieval` has",
    "mate_evaluator": "an evaluator, as a run of `mate train-evaluator` or `mate convert-evaluator` has",
}
"""By `model_type` of a folder's config.json."""


def require_kind(architecture: type[PreTrainedModel], source: str | Path) -> None:
    """Hold a folder against what is to be opened; one without a readable config.json is left to whoever opens it.

    Raises:
        MateError: the folder's config.json names another kind of model.
    """
    wanted = getattr(architecture.config_class, "model_type", "")
    found = model_type_in(source)
    if found is not None and wanted in KINDS and found != wanted:
        # A name as it is; a book in place of one, in a line.
        shown = found if len(found) <= LONGEST else brief(found)
        known = KINDS.get(found, f"a text encoder of type {shown}, as an export or a stock encoder has")
        raise MateError(f"{source} holds {known}; expected {KINDS[wanted]}.")


def require_no_run(source: str | Path) -> None:
    """Where a text encoder is to be opened: a run of ours, or a model in one, is said to be that.

    Raises:
        MateError: the folder, or its `best/`, holds a model of ours.
    """
    found = model_type_in(source) or model_type_in(Path(source) / "best")
    if found in KINDS:
        way = "Make one of it with `mate export`." if found == "mate" else "Give a folder or Hub id of one."
        raise MateError(f"{source} holds {KINDS[found]}; expected a text encoder. {way}")


def model_type_in(folder: str | Path) -> str | None:
    """`model_type` of a folder's config.json; None where there is no such file, or none that can be read."""
    try:
        return str(read_json(Path(folder) / "config.json", dict, "").get("model_type"))
    except MateError:
        return None
