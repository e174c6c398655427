"""A generator with the encoder that it was trained on, from a run, a pipeline folder, or the Hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transformers import PretrainedConfig, PreTrainedModel

from mate_hf.errors import MateError
from mate_hf.modeling.conditioning import TEXT_STATISTICS
from mate_hf.modeling.configuration_masked import VQ_FOLDER
from mate_hf.modeling.modeling_masked import MaskedModel
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.runs.fetched import fetched, names_folder
from mate_hf.runs.folder import model_folder
from mate_hf.text.encoder_files import TEXT_ENCODER as TEXT_ENCODER
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import encoder_digest
from mate_hf.utils.model_kinds import model_type_in
from mate_hf.utils.weights import open_whole, weights_digest

GENERATORS = ("mate_mdm", "mate_masked")
"""`model_type` of what a pipeline opens."""


@dataclass
class Opened:
    """A generator with the encoder that it was trained on; a masked one with its VQ-VAE."""

    model: MDMModel | MaskedModel
    encoder: TextEncoder
    vq: VQModel | None = None


def open_generator(
    model: str | Path,
    which: str = "best",
    text_encoder: str | None = None,
    any_encoder: bool = False,
    revision: str | None = None,
) -> Opened:
    """See `MotionPipeline.from_pretrained`."""
    folder = _folder(str(model), which, revision)
    network: MDMModel | MaskedModel
    vq = None
    if model_type_in(folder) == MaskedModel.config_class.model_type:
        network = open_whole(MaskedModel, folder)
        vq = _vq(network, folder, model)
    else:
        network = open_whole(MDMModel, folder, TEXT_STATISTICS)
    encoder = _encoder(network, folder, text_encoder)
    config = network.config
    widths = (encoder.model.config.hidden_size, encoder.family.sentence_width(encoder.model.config))
    if widths != (config.text_width, config.sentence_width):
        raise MateError(
            f"text encoder {encoder.name!r} gives features of {widths[0]} a token and {widths[1]} a sentence; the generator {model} "
            f"reads {config.text_width} and {config.sentence_width}. Use the encoder it was trained with."
        )
    if not any_encoder:
        _require_same(encoder, config, model)
    return Opened(network, encoder, vq)


def _require_same(encoder: TextEncoder, config: PretrainedConfig, model: str | Path) -> None:
    """Generators of an older form know their encoder by its weights alone, or not at all."""
    others = []
    if config.text_digest is not None and encoder_digest(encoder) != config.text_digest:
        others.append("weights differ (half precision is enough for that)")
    if config.text_reading_digest is not None and reading_digest(encoder) != config.text_reading_digest:
        others.append("tokenizer or settings differ")
    if others:
        raise MateError(
            f"text encoder {encoder.name!r} is not the one that the generator {model} was trained with ({config.text_encoder}): its "
            f"{', its '.join(others)}, and words would mean other things. Name the right one (--text-encoder), or insist (--any-encoder)."
        )


def _vq(network: MaskedModel, folder: Path, model: str | Path) -> VQModel:
    place = folder / VQ_FOLDER
    if not place.is_dir():
        raise MateError(
            f"{model}: no {VQ_FOLDER}/ beside the masked generator, which says codes of that VQ-VAE. Copy its folder again, all of it."
        )
    vq = open_whole(VQModel, place)
    if weights_digest(vq) != network.config.vq_digest:
        raise MateError(
            f"{place}: not the VQ-VAE whose codes the masked generator was trained on ({network.config.vq}): codes would mean other "
            "motions. Copy the generator's folder again, all of it."
        )
    return vq


def _folder(model: str, which: str, revision: str | None) -> Path:
    if names_folder(model):
        return model_folder(model, which)
    return fetched(model, "Train one: mate train-generator, or mate train-masked.", revision)


def _encoder(network: PreTrainedModel, folder: Path, named: str | None) -> TextEncoder:
    if named is not None:
        return open_text_encoder(named)
    if (folder / TEXT_ENCODER).is_dir():
        return open_text_encoder(str(folder / TEXT_ENCODER))
    config = network.config
    try:
        return open_text_encoder(config.text_encoder, config.text_revision)
    except MateError as error:
        raise MateError(
            f"the generator's text encoder is not where it was in training: {error} Name its place: --text-encoder."
        ) from error
