"""An evaluator at work: captions and motions in, features of the shared space out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot

from mate_hf.data.batching import crop, pad_motions
from mate_hf.errors import MateError
from mate_hf.guo_evaluator.tags import TAGS, tag_number
from mate_hf.guo_evaluator.tokens import END, OTHER, START, Token
from mate_hf.guo_evaluator.vectors import WordVectors
from mate_hf.modeling.modeling_evaluator import EvaluatorModel
from mate_hf.modeling.motion_model import Motion
from mate_hf.runs.folder import model_folder
from mate_hf.utils.files import written_whole
from mate_hf.utils.weights import open_whole

LONGEST_TEXT = 20
"""Words of a caption that the field's evaluator reads; the rest is cut."""

BATCH = 64


def text_inputs(texts: Sequence[Sequence[Token]], vectors: WordVectors) -> dict[str, Tensor]:
    """Captions as `EvaluatorModel.text_feature` takes them.

    Returns:
        `words` (B,W,D), `tags` (B,W,15) one-hot, `text_length` (B,), both ends counted.
    """
    framed = [[Token(START, OTHER), *tokens[:LONGEST_TEXT], Token(END, OTHER)] for tokens in texts]
    places = [torch.tensor([vectors.place(token.word) for token in row]) for row in framed]
    # An unknown word says nothing, not even what kind of word it is.
    tags = [
        torch.tensor([tag_number(*token) if token.word in vectors else TAGS.index(OTHER) for token in row])
        for row in framed
    ]
    pad = torch.nn.utils.rnn.pad_sequence
    return {
        "words": vectors.table[pad(places, batch_first=True)],
        "tags": one_hot(pad(tags, batch_first=True), len(TAGS)).float(),
        "text_length": torch.tensor([len(row) for row in places]),
    }


class Evaluator:
    """An `EvaluatorModel` with the word vectors it was trained with.

    Raises:
        MateError: vectors of another width.
    """

    def __init__(self, model: EvaluatorModel, vectors: WordVectors) -> None:
        if vectors.width != model.config.word_width:
            raise MateError(
                f"word vectors of width {vectors.width}; the evaluator was trained with {model.config.word_width}."
            )
        self.model, self.vectors = model.eval(), vectors

    @torch.no_grad()
    def text_features(self, texts: Sequence[Sequence[Token]]) -> NDArray[np.float32]:
        """Captions -> (N,D).

        Raises:
            ValueError: no captions, or something else than tokens.
        """
        if isinstance(texts, str) or not texts or any(isinstance(text, str) for text in texts):
            raise ValueError("texts: expected a list of captions, each a list of `Token(word, tag)`.")
        parts = []
        for start in range(0, len(texts), BATCH):
            batch = text_inputs(texts[start : start + BATCH], self.vectors)
            batch = {name: value.to(self.model.device) for name, value in batch.items()}
            parts.append(self.model.text_feature(batch["words"], batch["tags"], batch["text_length"]).cpu())
        return torch.cat(parts).numpy()

    @torch.no_grad()
    def motion_features(self, motions: Sequence[Motion]) -> NDArray[np.float32]:
        """Motions of raw features (T,F), numpy or torch, read from their first frame up to the 196th -> (N,D).

        Raises:
            ValueError: no motions, another shape, numbers that are not finite, or fewer than 4 frames.
        """
        arrays = [np.asarray(motion, np.float32) for motion in motions]
        width = self.model.config.motion_width
        for number, motion in enumerate(arrays):
            if motion.ndim != 2 or motion.shape[1] != width:
                raise ValueError(
                    f"motion {number}: shape {motion.shape}; expected a list of motions of {width} raw features a frame, (frames, {width})."
                )
            if not np.isfinite(motion).all():
                raise ValueError(f"motion {number}: NaN or infinite numbers. Leave such frames out.")
        if not arrays:
            raise ValueError("motions: none; expected a list of one motion or more.")
        batch = pad_motions([motion[: crop(len(motion), None)[1]] for motion in arrays])
        found = self.model.motion_feature(batch["motion"].to(self.model.device), batch["length"])
        return found.cpu().numpy()


def save_evaluator(model: EvaluatorModel, vectors: WordVectors | None, folder: Path) -> None:
    """Write a folder that `open_evaluator` opens, whole or not at all; without vectors it asks for them."""
    with written_whole(folder) as fresh:
        model.save_pretrained(fresh)
        if vectors is not None:
            vectors.save(fresh)


def open_evaluator(run: str | Path, which: str = "best", glove: Path | None = None) -> Evaluator:
    """Open a run of `train_evaluator.py` or a converted checkpoint.

    Args:
        glove: the field's folder of word vectors, for a checkpoint converted without them.

    Raises:
        MateError: nothing there, another kind of model, no word vectors, or of another width.
    """
    folder = model_folder(run, which)
    try:
        model = open_whole(EvaluatorModel, folder)
    except MateError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise MateError(f"{folder}: not an evaluator that opens: {error}") from error
    vectors = WordVectors.from_glove(glove) if glove is not None else WordVectors.load(folder)
    return Evaluator(model, vectors)
