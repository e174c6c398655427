"""The frozen text encoder that OpenTMA saves along: left out, once it is seen to be the one that will be used."""

from __future__ import annotations

import torch

from mate_hf.errors import MateError
from mate_hf.retrieval_checkpoints.families import TEXT_MODEL
from mate_hf.retrieval_checkpoints.reading import Checkpoint
from mate_hf.text.encoders import open_text_encoder


def saved_text_model(checkpoint: Checkpoint) -> dict[str, torch.Tensor]:
    """The text encoder's weights in the checkpoint, under the names they have in `transformers`; often none."""
    return {
        name.removeprefix(TEXT_MODEL): weight
        for name, weight in checkpoint.state.items()
        if name.startswith(TEXT_MODEL)
    }


def require_same_text_model(checkpoint: Checkpoint, name: str, revision: str | None) -> None:
    """Compare, bit for bit, the saved text encoder with the one that `name` opens.

    Raises:
        MateError: it does not open, or its weights are others.
    """
    try:
        opened = open_text_encoder(name, revision).model.state_dict()
    except MateError as error:
        raise MateError(
            f"{error}\nIt is opened to see whether it is the text encoder that {checkpoint.source} was trained on; "
            "--no-compare-text leaves that out."
        ) from error
    saved = saved_text_model(checkpoint)
    others = [
        key for key, weight in opened.items() if key not in saved or not torch.equal(weight, saved[key])
    ]
    if others:
        raise MateError(
            f"{checkpoint.source}: trained on a text encoder other than {name!r}: {len(others)} of {len(opened)} "
            f"weights differ, e.g. {others[0]}. Pass --text-encoder (and --text-revision) of the one it was trained on."
        )
