"""A split as the probes read it: every caption with its motion's frame features, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from mate_hf.data.batching import evaluation_batch
from mate_hf.data.split import Split
from mate_hf.modeling.modeling_mate import MateModel

BATCH = 64


@dataclass(frozen=True)
class Sample:
    """A caption with its motion, as the trained model reads both.

    Attributes:
        row: of the split. id, caption, clip: of that row; captions of one motion have one clip.
        text: f^t (D,). words, queries: f^e of the caption's words, and what they ask a motion with, in order (words,D).
        motion: f^m (D,).
        keys, values: projected frame features (1, heads, T, D/heads) of real frames, as `WordAttention` takes them.
        frames: T, after the crop to 196.
    """

    row: int
    id: str
    caption: str
    clip: str
    text: Tensor
    words: Tensor
    queries: Tensor
    motion: Tensor
    keys: Tensor
    values: Tensor
    frames: int

    @property
    def mask(self) -> Tensor:
        """(1,T), every frame real."""
        return torch.ones(1, self.frames, dtype=torch.bool, device=self.keys.device)


@torch.no_grad()
def samples(model: MateModel, split: Split, limit: int | None = None) -> Iterator[Sample]:
    """Each row of the split; motions are cropped as in evaluation, and a clip is encoded once a batch.

    Args:
        limit: rows to read at most.
    """
    texts = split.captions.select_columns(["id", "caption", "clip"]).with_format(None)
    count = len(split) if limit is None else min(limit, len(split))
    for start in range(0, count, BATCH):
        rows = range(start, min(start + BATCH, count))
        part = texts[start : rows.stop]
        # Captions of one clip stand together and share its motion.
        first = dict(zip(reversed(part["clip"]), reversed(rows), strict=True))
        places = {clip: place for place, clip in enumerate(first)}
        batch = evaluation_batch(split.motions, list(first.values()))
        mask = batch["mask"].to(model.device)
        summary, frames = model.motion_encoder(model.normalise(batch["motion"].to(model.device), mask), mask)
        keys, values = model.word_attention_layer.project_frames(frames)
        read = zip(*model.read_captions(part["caption"]), strict=True)
        for row, id, caption, clip, (text, words, queries) in zip(
            rows, part["id"], part["caption"], part["clip"], read, strict=True
        ):
            place = places[clip]
            length = int(batch["length"][place])
            here = slice(place, place + 1)
            yield Sample(
                row,
                id,
                caption,
                clip,
                text,
                words,
                queries,
                summary[place],
                keys[here, :, :length],
                values[here, :, :length],
                length,
            )
