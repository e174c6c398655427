"""A generator as a folder that opens anywhere: with its text encoder, or with the name by which everybody finds it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from mate_hf.generation.acting import Actor
from mate_hf.text.encoder_files import TEXT_ENCODER, write_encoder
from mate_hf.text.encoders import TextEncoder


def write_generator(
    actor: Actor,
    encoder: TextEncoder,
    folder: Path,
    reference: str | None = None,
    revision: str | None = None,
) -> None:
    """Write what `open_generator` opens.

    Args:
        folder: to write; what it holds already stays.
        reference: Hub id of the encoder, which then stays where it is; without one the encoder is written, too.
        revision: of the reference.
    """
    model: Any = actor.model
    model.save_pretrained(folder)
    config = deepcopy(actor.model.config)
    config.text_encoder, config.text_revision = reference or Path(encoder.name).name, revision
    for name, part in actor.parts.items():
        part.save_pretrained(folder / name)
        # Where it lies from now on: paths of this machine are nobody else's business.
        setattr(config, name, name)
    config.save_pretrained(folder)
    if reference is None:
        write_encoder(encoder, folder / TEXT_ENCODER)
