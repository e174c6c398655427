"""A trained model on disk: weights, configuration, tokenizer and vocabulary in one folder."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary
from mate_hf.utils.files import written_whole
from mate_hf.utils.weights import open_whole


def save_model(
    model: MateModel,
    state: dict[str, Tensor],
    tokenizer: PreTrainedTokenizerBase,
    vocabulary: Vocabulary,
    folder: Path,
) -> None:
    """Write a folder that `MateModel.from_pretrained` opens, whole or not at all."""
    with written_whole(folder) as fresh:
        model.save_pretrained(fresh, state_dict=state)
        tokenizer.save_pretrained(fresh)
        vocabulary.save(fresh / VOCABULARY_FILE)


def model_folder(run: str | Path, which: str = "best") -> Path:
    """A run folder's `best/` (or `last/`), or a model folder itself.

    Raises:
        MateError: neither is there.
    """
    run = Path(run)
    for folder in (run / which, run):
        if (folder / "config.json").is_file() and any(folder.glob("model*.safetensors")):
            return folder
    raise MateError(
        f"{run}: no trained model. Expected {run / which}/ or {run}/ with config.json and model.safetensors; has the "
        "run finished an epoch?"
    )


def open_model(run: str | Path, which: str = "best") -> MateModel:
    """Open a run's model, in evaluation mode."""
    return open_whole(MateModel, model_folder(run, which))
