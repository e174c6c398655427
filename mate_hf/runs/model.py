"""A MATE model on disk: weights, configuration, tokenizer and vocabulary in one folder."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.runs.folder import model_folder
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary
from mate_hf.utils.devices import device_of
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


def open_model(run: str | Path, which: str = "best", device: str = "cpu") -> MateModel:
    """Open a run's model, in evaluation mode.

    Args:
        run: run folder of train.py, or a model folder.
        which: `best` or `last`.
        device: where it is run: `cpu`, `cuda`, ...

    Raises:
        MateError: no model there, or one whose weights are damaged or do not fit.
    """
    model = open_whole(MateModel, model_folder(run, which))
    # transformers' own `to` says that it takes no device.
    torch.nn.Module.to(model, device_of(device))
    return model
