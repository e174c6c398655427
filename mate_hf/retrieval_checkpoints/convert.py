"""A checkpoint of TMR or OpenTMA -> a folder that `TMRModel.from_pretrained` opens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.retrieval_checkpoints.families import OPENTMA, TEXT_MODEL, TMR, Family, family_of_checkpoint
from mate_hf.retrieval_checkpoints.frozen_text import require_same_text_model, saved_text_model
from mate_hf.retrieval_checkpoints.motion_statistics import Statistics, find_statistics
from mate_hf.retrieval_checkpoints.reading import Checkpoint, read_checkpoint
from mate_hf.retrieval_checkpoints.run_settings import RunSettings, find_run_settings
from mate_hf.retrieval_checkpoints.weights import convert_weights, infer_config
from mate_hf.utils.outputs import MODEL, Output

TEXT_ENCODER = "distilbert/distilbert-base-uncased"

HEADS = 4
"""Of both repositories. OpenTMA's configuration files say 6 under a misspelt name, so its default of 4 holds."""


@dataclass(frozen=True)
class Conversion:
    """What was read.

    Attributes:
        family: `TMR` or `OpenTMA`.
        source: the file or folder that holds the weights.
        config: of the model written.
        statistics: where Mean and Std came from.
        left_out: name -> number of tensors that are no part of the model.
        text_model: what became of a text encoder saved along; empty where there was none.
    """

    family: str
    source: Path
    config: TMRConfig
    statistics: str
    left_out: dict[str, int]
    text_model: str

    def summary(self) -> str:
        """The same in a few lines."""
        config = self.config
        left_out = ", ".join(f"{name} ({count})" for name, count in sorted(self.left_out.items()))
        lines = [
            f"{self.family} checkpoint {self.source}: {config.layers} layers, {config.heads} heads, latent "
            f"{config.latent_size}, {config.motion_width} features at {config.motion_fps:g} fps",
            f"text: token features of {config.text_encoder}{self.text_model}",
            f"Mean and Std: {self.statistics}",
            f"left out: {left_out}" if left_out else "",
        ]
        return "\n".join(line for line in lines if line)


def convert_retrieval(
    checkpoint: str | Path,
    out: str | Path,
    text_encoder: str | None = None,
    text_revision: str | None = None,
    mean: str | Path | None = None,
    std: str | Path | None = None,
    heads: int | None = None,
    compare_text: bool = True,
    overwrite: bool = False,
) -> Conversion:
    """Convert a checkpoint; its kind and sizes are read off its weights.

    Args:
        checkpoint: a Lightning checkpoint of either repository, TMR's `last_weights/`, or a run folder.
        out: folder to write, whole or not at all.
        text_encoder, text_revision: the frozen encoder whose token features are the text input. By default what
            TMR's config.json beside the weights names, else DistilBERT.
        mean, std: statistics of the motions, `.npy` or `.pt` (F,). By default they are looked for: in the checkpoint,
            beside it, and where TMR's config.json points.
        heads: attention heads. By default what TMR's config.json says, else 4.
        overwrite: replace an earlier output that stands at `out`.
        compare_text: where the checkpoint holds its text encoder, require that `text_encoder` opens the same one.

    Raises:
        MateError: nothing recognised, unsafe or damaged files, weights that do not fit, statistics not found,
            another text encoder, `out` is or holds what is read, or `out` exists and `overwrite` is false.
    """
    place = Output(Path(out), MODEL, overwrite, reads=[checkpoint, text_encoder, mean, std])
    with place.written() as fresh:
        read = read_checkpoint(Path(checkpoint))
        family = family_of_checkpoint(read)
        settings = find_run_settings(read.folder) if family is TMR else None
        fields = _fields(settings, text_encoder, text_revision, heads)
        model = TMRModel(infer_config(read, family, **fields))
        weights = convert_weights(read, family, model)
        files = [None if file is None else Path(file) for file in (mean, std)]
        statistics = find_statistics(read, model.config.motion_width, settings, *files)
        text_model = _look_at_text_model(read, model.config, compare_text)
        model.load_state_dict(weights | _buffers(statistics, family))
        model.save_pretrained(fresh)
    return Conversion(
        family.name, read.source, model.config, statistics.origin, _left_out(read, family), text_model
    )


def _fields(
    settings: RunSettings | None, text_encoder: str | None, text_revision: str | None, heads: int | None
) -> dict[str, Any]:
    fields: dict[str, Any] = {"text_encoder": TEXT_ENCODER, "heads": HEADS}
    if settings is not None:
        fields = {
            "text_encoder": settings.text_encoder,
            "heads": settings.heads,
            "dropout": settings.dropout,
            "motion_fps": settings.fps,
        }
    given = {"text_encoder": text_encoder, "heads": heads, "text_revision": text_revision}
    return fields | {name: value for name, value in given.items() if value is not None}


def _buffers(statistics: Statistics, family: Family) -> dict[str, Tensor]:
    return {"motion_mean": statistics.mean, "motion_std": statistics.std + family.std_epsilon}


def _look_at_text_model(checkpoint: Checkpoint, config: TMRConfig, compare: bool) -> str:
    if not saved_text_model(checkpoint):
        return ""
    if not compare:
        return " (the checkpoint holds a copy; not compared)"
    require_same_text_model(checkpoint, config.text_encoder, config.text_revision)
    return " (the checkpoint's copy is the same, bit for bit)"


def _left_out(checkpoint: Checkpoint, family: Family) -> dict[str, int]:
    names = Counter[str]()
    for name in checkpoint.state:
        if name.startswith(TEXT_MODEL) and family is OPENTMA:
            names[TEXT_MODEL.rstrip(".")] += 1
        elif name.split(".")[0] not in family.modules:
            names[name.split(".")[0]] += 1
    return dict(names)
