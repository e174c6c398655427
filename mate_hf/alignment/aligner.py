"""`Aligner`: a trained alignment module beside somebody's generator, asked with captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.alignment.align import AlignmentLoss, align, nothing_aligned
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
        every: calls of which one is aligned, at as many times the weight: the same on average, at a fraction of the time. Calls without
            gradient, as of a validation, are all aligned, at once the weight, and not counted.

    Raises:
        MateError: statistics of another width, or `every` below 1.
    """

    def __init__(
        self,
        retriever: Retriever,
        sentences: TextEncoder,
        mean: Any = None,
        std: Any = None,
        settings: AlignmentSettings | None = None,
        every: int = 1,
    ) -> None:
        if every < 1:
            raise MateError(f"every: {every}; expected the number of calls of which one is aligned, from 1.")
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
        # A copy: hosts change their statistics in place (MoMask's data sets divide them).
        self.mean, self.std = (found.clone().to(model.device) for found in numbers)
        self.every, self._calls = every, 0
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
        every: int = 1,
    ) -> Aligner:
        """Open a run of `train_retrieval.py` (ATM's module is `--preset atm`), its `best/` or `last/`, or a converted checkpoint.

        Args:
            sentence_encoder: folder, Hub id or package:NAME; by default the one that the run was trained with, at its revision. A
                converted checkpoint does not say.
            mean, std, settings, every: see the class.

        Raises:
            MateError: nothing there, or a checkpoint that does not say its sentence encoder where none is named.
        """
        named = (
            RunFolder.around(run).sentence_encoder() if sentence_encoder is None else (sentence_encoder, None)
        )
        if named is None:
            raise MateError(
                f"{run}: does not say which sentence encoder told its captions apart. Name one: --alignment_sentence_encoder "
                "sentence-transformers/all-mpnet-base-v2, for example; in Python sentence_encoder=."
            )
        retriever = open_retriever(run, which, device)
        sentences = open_text_encoder(*named)
        torch.nn.Module.to(sentences.model, retriever.device)
        return cls(retriever, sentences, mean, std, settings, every)

    def __call__(
        self,
        generated: Tensor,
        real: Tensor,
        lengths: Tensor | Sequence[int] | None,
        captions: Sequence[str],
    ) -> AlignmentLoss:
        """See `align`. `total` is to be added to the host's own loss.

        Args:
            generated, real: (B,T,F), or (B,F,1,T) as MDM and its kin have it; raw, or normalised by `mean` and `std`.
            lengths: (B,); None where all frames are there. captions: of each motion.

        Returns:
            What `align` finds; in calls that are not aligned (`every`) zeros, and no motion active.

        Raises:
            ValueError: shapes that do not belong together.
        """
        if len(captions) != len(generated):
            raise ValueError(
                f"captions: {len(captions)} of {len(generated)} motions; expected one of each, as a list of strings."
            )
        if not generated.requires_grad:
            return self._align_now(generated, real, lengths, captions)
        self._calls += 1
        if (self._calls - 1) % self.every:
            return nothing_aligned(generated, self.settings)
        found = self._align_now(generated, real, lengths, captions)
        return replace(found, total=self.every * found.total)

    def _align_now(
        self,
        generated: Tensor,
        real: Tensor,
        lengths: Tensor | Sequence[int] | None,
        captions: Sequence[str],
    ) -> AlignmentLoss:
        made, given = (
            self._frames_first(motion).float() * self.std + self.mean for motion in (generated, real)
        )
        if lengths is None:
            lengths = torch.full((len(made),), made.shape[1])
        return self.align(made, given, torch.as_tensor(lengths, device=made.device), *self.read(captions))

    def _frames_first(self, motion: Tensor) -> Tensor:
        """(B,F,1,T) -> (B,T,F); anything else as it is."""
        if motion.dim() == 4 and motion.shape[1:3] == (self.kind.width, 1):
            return motion[:, :, 0].transpose(1, 2)
        return motion

    def align(
        self, generated: Tensor, real: Tensor, lengths: Tensor, texts: Tensor, similarity: Tensor
    ) -> AlignmentLoss:
        """`align` of raw features by this module and its settings, whatever the precision around it."""
        return align(generated, real, lengths, texts, similarity, self.encode, self.kind.fps, self.settings)

    def read(self, captions: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Embeddings (B,D) of captions by E_t, and cosines (B,B) of their sentence features, whatever the precision around it."""
        fresh = sorted({caption for caption in captions if caption not in self._read})
        if fresh:
            self._read |= dict(zip(fresh, zip(*self.features(fresh), strict=True), strict=True))
        texts, said = (
            torch.stack([self._read[caption][part] for caption in captions]).to(self.mean.device)
            for part in (0, 1)
        )
        return texts, self.likeness(said)

    def likeness(self, said: Tensor) -> Tensor:
        """Cosines (B,B) of captions by their sentence features (B,S), which are unit vectors, whatever the precision around it."""
        with self._full_precision():
            return said @ said.T

    def features(self, captions: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Embeddings (N,D) of captions by E_t, and their sentence features (N,S) as unit vectors, on the CPU."""
        # A caption twice as long as its neighbours would pad them all.
        order = sorted(range(len(captions)), key=lambda row: len(captions[row]))
        with self._full_precision():
            sorted_said = self.sentences.sentence_features([captions[row] for row in order]).float().cpu()
            said = torch.empty_like(sorted_said)
            said[order] = sorted_said
            return self.retriever.text_means(captions), F.normalize(said, dim=-1)

    def _full_precision(self) -> torch.autocast:
        """Captions are remembered: what a host's autocast would make of them, it would make for good."""
        return torch.autocast(self.mean.device.type, enabled=False)

    def encode(self, motion: Tensor, there: Tensor) -> Tensor:
        """E_m: raw features (N,T,F), (N,T) -> means of the latent (N,D), with gradient to the features."""
        return self.retriever.model.encode_motion(motion, there).mean
