"""`Aligner`: a trained alignment module beside somebody's generator, asked with captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.alignment.align import AlignmentLoss, align
from mate_hf.alignment.settings import AlignmentSettings
from mate_hf.data.kinds import kind_of_width
from mate_hf.errors import MateError
from mate_hf.retrieval.retriever import Retriever, open_retriever
from mate_hf.runs.folder import RunFolder
from mate_hf.text.encoders import TextEncoder, open_text_encoder


class Aligner:
    """E_t, E_m and the sentence encoder that tells captions too alike, all frozen. Captions are read once and remembered.

    Args:
        retriever: E_t and E_m.
        sentences: its sentence features tell how alike captions are.
        mean, std: of the host's features (width,), where it works on normalised ones; the module has statistics of its own.
        settings: see there.
    """

    def __init__(
        self,
        retriever: Retriever,
        sentences: TextEncoder,
        mean: Any = None,
        std: Any = None,
        settings: AlignmentSettings | None = None,
    ) -> None:
        self.retriever, self.sentences = retriever, sentences
        self.settings = settings or AlignmentSettings()
        model = retriever.model.requires_grad_(False)
        self.kind = kind_of_width(model.config.motion_width, "the alignment module")
        width = self.kind.width
        numbers = [
            torch.full((width,), fill) if given is None else torch.as_tensor(given).float().reshape(-1)
            for given, fill in ((mean, 0.0), (std, 1.0))
        ]
        for name, found in zip(("mean", "std"), numbers, strict=True):
            if found.shape != (width,):
                raise MateError(
                    f"{name}: {len(found)} numbers; the alignment module reads {width} features a frame."
                )
        self.mean, self.std = (found.to(model.device) for found in numbers)
        self._read: dict[str, tuple[Tensor, Tensor]] = {}

    @classmethod
    def open(
        cls,
        run: str | Path,
        which: str = "best",
        device: torch.device | str = "cpu",
        mean: Any = None,
        std: Any = None,
        sentence_encoder: str | None = None,
        settings: AlignmentSettings | None = None,
    ) -> Aligner:
        """Open a run of `train_retrieval.py` (ATM's module is `--preset atm`) or a converted checkpoint.

        Args:
            sentence_encoder: folder, Hub id or package:NAME; by default the one that the run was trained with.

        Raises:
            MateError: nothing there, or a checkpoint that does not say its sentence encoder where none is named.
        """
        name = sentence_encoder or RunFolder(Path(run)).settings().get("sentence_encoder")
        if name is None:
            raise MateError(
                f"{run}: does not say which sentence encoder told its captions apart. Name one: sentence_encoder="
                "'sentence-transformers/all-mpnet-base-v2', for example."
            )
        retriever = open_retriever(run, which, device)
        sentences = open_text_encoder(str(name))
        torch.nn.Module.to(sentences.model, retriever.device)
        return cls(retriever, sentences, mean, std, settings)

    def __call__(
        self, generated: Tensor, real: Tensor, lengths: Tensor, captions: Sequence[str]
    ) -> AlignmentLoss:
        """See `align`. `total` is to be added to the host's own loss.

        Args:
            generated, real: (B,T,F), as the host has them: raw, or normalised by `mean` and `std`.
            lengths: (B,). captions: of each motion.

        Raises:
            ValueError: shapes that do not belong together.
        """
        if len(captions) != len(generated):
            raise ValueError(
                f"captions: {len(captions)} of {len(generated)} motions; expected one of each, as a list of strings."
            )
        made, given = (motion.float() * self.std + self.mean for motion in (generated, real))
        return self.align(made, given, lengths.to(self.mean.device), *self.read(captions))

    def align(
        self, generated: Tensor, real: Tensor, lengths: Tensor, texts: Tensor, similarity: Tensor
    ) -> AlignmentLoss:
        """`align` of raw features by this module and its settings, whatever the precision around it."""
        with torch.autocast(self.mean.device.type, enabled=False):
            return align(
                generated, real, lengths, texts, similarity, self.encode, self.kind.fps, self.settings
            )

    def read(self, captions: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Embeddings (B,D) of captions by E_t, and cosines (B,B) of their sentence features."""
        fresh = sorted({caption for caption in captions if caption not in self._read})
        if fresh:
            self._read |= dict(zip(fresh, zip(*self.features(fresh), strict=True), strict=True))
        texts, said = (
            torch.stack([self._read[caption][part] for caption in captions]).to(self.mean.device)
            for part in (0, 1)
        )
        return texts, said @ said.T

    def features(self, captions: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Embeddings (N,D) of captions by E_t, and their sentence features (N,S) as unit vectors, on the CPU."""
        # A caption twice as long as its neighbours would pad them all.
        order = sorted(range(len(captions)), key=lambda row: len(captions[row]))
        sorted_said = self.sentences.sentence_features([captions[row] for row in order]).float().cpu()
        said = torch.empty_like(sorted_said)
        said[order] = sorted_said
        return self.retriever.encode_texts(captions), F.normalize(said, dim=-1)

    def encode(self, motion: Tensor, there: Tensor) -> Tensor:
        """E_m: raw features (N,T,F), (N,T) -> means of the latent (N,D), with gradient to the features."""
        return self.retriever.model.encode_motion(motion, there).mean
