"""A trained retrieval model in use: captions and motions -> comparable unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.errors import MateError
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.modeling.motion_model import Motion
from mate_hf.runs.folder import model_folder
from mate_hf.text.encoder_files import TEXT_ENCODER
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.text_features import token_features
from mate_hf.utils.devices import device_of
from mate_hf.utils.files import written_whole
from mate_hf.utils.weights import open_whole

TEXT_BATCH = 64


class Retriever:
    """E_t and E_m of Eq. 1, frozen.

    Args:
        model: the retrieval model.
        encoder: the text encoder its token features come from.
    """

    def __init__(self, model: TMRModel, encoder: TextEncoder) -> None:
        width = encoder.model.config.hidden_size
        if width != model.config.text_width:
            raise MateError(
                f"text encoder {encoder.name!r} gives token features of {width}; the retrieval model was trained on "
                f"{model.config.text_width}. Use the encoder it was trained with."
            )
        self.model, self.encoder = model.eval(), encoder
        torch.nn.Module.to(encoder.model, self.device)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.model.device

    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Texts, or one, -> unit vectors (N, latent) on the CPU."""
        return F.normalize(self.text_means(texts), dim=-1)

    @torch.no_grad()
    def text_means(self, texts: Sequence[str]) -> Tensor:
        """Texts, or one, -> means of the latent (N, latent) on the CPU, of any length."""
        texts = [texts] if isinstance(texts, str) else texts
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        features = torch.empty(len(texts), self.model.config.latent_size)
        for start in range(0, len(order), TEXT_BATCH):
            rows = order[start : start + TEXT_BATCH]
            tokens, mask = token_features(self.encoder, [texts[row] for row in rows])
            features[rows] = self.model.encode_text(tokens, mask).mean.float().cpu()
        return features

    @torch.no_grad()
    def encode_motions(self, motion: Motion, mask: Tensor | None = None) -> Tensor:
        """A motion (T,F) or a padded batch (B,T,F) of raw features, numpy or torch -> unit vectors (B, latent) on the CPU.

        Args:
            mask: (B,T), True on real frames; every frame where it is not given.

        Raises:
            ValueError: another shape, or no finite numbers.
        """
        batch = self.model.as_batch(motion)
        mask = torch.ones(batch.shape[:2], dtype=torch.bool) if mask is None else mask
        found = self.model.encode_motion(batch, mask.to(self.device)).mean
        return F.normalize(found, dim=-1).cpu()


def save_retrieval_model(model: TMRModel, folder: Path) -> None:
    """Write a folder that `TMRModel.from_pretrained` opens, whole or not at all."""
    with written_whole(folder) as fresh:
        model.save_pretrained(fresh)


def open_retrieval_model(run: str | Path, which: str = "best") -> TMRModel:
    """Open a run of `train_retrieval.py` or a converted checkpoint, in evaluation mode.

    Raises:
        MateError: nothing there, another kind of model, or weights that do not fit the configuration.
    """
    folder = model_folder(run, which)
    try:
        return open_whole(TMRModel, folder)
    except MateError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise MateError(f"{folder}: not a retrieval model that opens: {error}") from error


def open_retriever(run: str | Path, which: str = "best", device: torch.device | str = "cpu") -> Retriever:
    """Open a retrieval model with the text encoder beside it, or else the one it names."""
    model = open_retrieval_model(run, which)
    beside = model_folder(run, which) / TEXT_ENCODER
    # transformers' own `to` says that it takes no device.
    torch.nn.Module.to(model, device_of(device))
    if beside.is_dir():
        return Retriever(model, open_text_encoder(str(beside)))
    return Retriever(model, open_text_encoder(model.config.text_encoder, model.config.text_revision))
