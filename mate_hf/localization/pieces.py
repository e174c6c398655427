"""The captions of some clips at a time, localized: what processes, machines and broken runs share the stage by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.localization.locate import Question, locate, merge_sub_texts
from mate_hf.localization.segment_features import frames_per_batch
from mate_hf.localization.units import unit_edges
from mate_hf.retrieval.retriever import Retriever

CLIPS_PER_PIECE = 64


@dataclass(frozen=True)
class Piece:
    """Rows of some clips of a split."""

    split: str
    name: str
    rows: list[int]


def pieces_of(splits: Mapping[str, Split]) -> Iterator[Piece]:
    """All rows, those of a clip together, in the order of the splits and of their clips."""
    for name, split in splits.items():
        rows: dict[str, list[int]] = {}
        for row, clip in enumerate(split["clip"]):
            rows.setdefault(clip, []).append(row)
        clips = list(rows.values())
        for number, start in enumerate(range(0, len(clips), CLIPS_PER_PIECE)):
            chosen = [row for clip in clips[start : start + CLIPS_PER_PIECE] for row in clip]
            yield Piece(name, f"{name}-{number:05d}", chosen)


@dataclass(frozen=True)
class Work:
    """Localizes a piece.

    Texts are read in batches of the piece's own: rounding differs with the batch, and a run that was broken off, or shared among
    processes or machines, must end as any other. Few sub-texts recur in other pieces.

    Attributes:
        sub_texts: by caption.
        unit: frames.
    """

    retriever: Retriever
    sub_texts: Mapping[str, list[str]]
    unit: int

    def on(self, split: Split, rows: Sequence[int]) -> list[dict[str, Any]]:
        """One record a row, in their order; rows of one clip share its motion.

        Raises:
            MateError: a motion without a frame.
        """
        texts = split.select(rows)
        first = {clip: row for row, clip in reversed(list(zip(rows, texts["clip"], strict=True)))}
        places = {clip: place for place, clip in enumerate(first)}
        motions = [split.motions[row] for row in first.values()]
        questions, merged = [], []
        for motion_id, clip, caption in zip(texts["id"], texts["clip"], texts["caption"], strict=True):
            place = places[clip]
            try:
                units = len(unit_edges(len(motions[place]), self.unit)) - 1
            except MateError as error:
                raise MateError(f"motion {motion_id}, clip {clip}: {error}") from error
            sub_texts = self.sub_texts[caption]
            questions.append(Question(place, merge_sub_texts(sub_texts, units)))
            merged.append(len(sub_texts) - len(questions[-1].sub_texts))
        spoken = sorted({text for question in questions for text in question.sub_texts})
        features = dict(zip(spoken, self.retriever.encode_texts(spoken), strict=True))
        frames = frames_per_batch(self.retriever.device)
        located = locate(questions, motions, features, self.retriever.encode_motions, self.unit, frames)
        return [
            {"row": row, **asdict(answer), "merged": lost}
            for row, answer, lost in zip(rows, located, merged, strict=True)
        ]
