"""A folder of another kind of model is told from a damaged one."""

from __future__ import annotations

from pathlib import Path

from transformers import PreTrainedModel

from mate_hf.errors import MateError
from mate_hf.utils.json_files import read_json

KINDS = {
    "mate": "a MATE model, as a run of `mate train` has",
    "mate_mdm": "a generator, as a run of `mate train-generator` has",
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
    try:
        found = read_json(Path(source) / "config.json", dict, "").get("model_type")
    except MateError:
        return
    if wanted in KINDS and found != wanted:
        known = KINDS.get(str(found), f"a text encoder of type {found}, as an export or a stock encoder has")
        raise MateError(f"{source} holds {known}; expected {KINDS[wanted]}.")
