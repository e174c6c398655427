"""The motions of a split with their sentences, read by the run's model once: what is near what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor
from torch.nn import functional as F

from mate_hf.data.batching import evaluation_batch
from mate_hf.data.corpus import Corpus, first_rows_of_clips
from mate_hf.data.motion_features import joints_to_features, recover
from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.motion_files.reading import Motion, read_motion
from mate_hf.utils.terminal import terminal_of_bars

BATCH = 64


@dataclass(frozen=True)
class Clip:
    """A motion of the split.

    Attributes:
        name: its own, one of all.
        row: of the split, where it stands first.
        captions: all that are told of it.
    """

    name: str
    row: int
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a search names: its place among clips or sentences, and its cosine with what was asked."""

    place: int
    score: float


class Gallery:
    """Everything of a split that can be found.

    Args:
        model: of the run.
        corpus: that the motions are of.
        split_name: train, val or test.
        source: the corpus's name, for errors.

    Attributes:
        clips: in the order of the split.
        sentences: different captions, sorted.

    Raises:
        MateError: no such split, another kind of motion, or a model whose features are no numbers.
    """

    def __init__(self, model: MateModel, corpus: Corpus, split_name: str, source: str) -> None:
        corpus.require_width(model.config.motion_width, "the run's model")
        self.model, self.kind, self.split_name = model, corpus.kind, split_name
        split = corpus.split(split_name, source)
        self._motions = split.motions
        self.clips = _clips(split)
        self.sentences = sorted({caption for clip in self.clips for caption in clip.captions})
        self._places = {clip.name: place for place, clip in enumerate(self.clips)}
        self._motion_features = self._read_motions()
        self._sentence_features = self._read_sentences()
        for features, what in ((self._motion_features, "motions"), (self._sentence_features, "captions")):
            if not bool(features.isfinite().all()):
                raise MateError(
                    f"{source}, split {split_name}: the run's model makes no numbers of some {what}: it has diverged. Try --which last, or "
                    "train it anew with a lower lr."
                )

    def place_of(self, name: str) -> int:
        """The place in `clips` of a clip.

        Raises:
            MateError: no such clip.
        """
        if name not in self._places:
            raise MateError(
                f'The {self.split_name} split has no motion "{name}". Choose one of the list; its names are like {self.clips[0].name}.'
            )
        return self._places[name]

    def features(self, place: int) -> NDArray[np.float32]:
        """(T, F) of a clip, raw."""
        return np.asarray(self._motions[self.clips[place].row], dtype=np.float32)

    def motion(self, place: int) -> Motion:
        """A clip to look at."""
        joints = recover(self.features(place).astype(np.float64), self.kind) / self.kind.metre
        return Motion(joints, self.kind, self.kind.fps)

    def own(self, file: Path) -> tuple[Motion, NDArray[np.float32]]:
        """Somebody's own clip, to look at and to ask with.

        Raises:
            MateError: no motion, one that is not finite, or of another kind than the corpus.
        """
        motion = read_motion(file)
        if motion.kind != self.kind:
            raise MateError(
                f"{file.name}: a motion of {motion.kind.name}; the run reads {self.kind.name}. Choose one of that kind."
            )
        whole = (
            joints_to_features(motion.joints * self.kind.metre, self.kind) if len(motion.joints) > 1 else ()
        )
        if not len(whole):
            raise MateError(f"{file.name}: one frame; expected a motion of two frames or more.")
        return motion, np.asarray(whole, dtype=np.float32)

    def sentence_feature(self, sentence: str) -> Tensor:
        """(D,), a unit vector."""
        return F.normalize(self.model.encode_text(sentence), dim=-1)[0].cpu()

    def motion_feature(self, features: NDArray[np.float32]) -> Tensor:
        """(D,), a unit vector, of raw features (T, F)."""
        batch = evaluation_batch([features], [0])
        return F.normalize(self.model.encode_motion(batch["motion"], batch["length"]), dim=-1)[0].cpu()

    def motions_for(self, feature: Tensor, count: int) -> list[Found]:
        """The clips that are nearest to a sentence, best first."""
        return _nearest(self._motion_features @ feature, count)

    def sentences_for(self, feature: Tensor, count: int) -> list[Found]:
        """The sentences that are nearest to a motion, best first."""
        return _nearest(self._sentence_features @ feature, count)

    def clip_feature(self, place: int) -> Tensor:
        """(D,), a unit vector, of a clip."""
        return self._motion_features[place]

    def score_and_rank(self, feature: Tensor, place: int) -> tuple[float, int]:
        """Cosine of a sentence with a clip, and the clip's rank among all for it, from 1."""
        scores = self._motion_features @ feature
        return float(scores[place]), 1 + int((scores > scores[place]).sum())

    def _read_motions(self) -> Tensor:
        rows = [clip.row for clip in self.clips]
        parts = []
        for start in _bar(range(0, len(rows), BATCH), "reading motions"):
            batch = evaluation_batch(self._motions, rows[start : start + BATCH])
            parts.append(self.model.encode_motion(batch["motion"], batch["length"]).cpu())
        return F.normalize(torch.cat(parts), dim=-1)

    def _read_sentences(self) -> Tensor:
        # Of like length together, for padding is read as well.
        order = sorted(range(len(self.sentences)), key=lambda place: len(self.sentences[place]))
        found = torch.empty(len(order), self._motion_features.shape[1])
        for start in _bar(range(0, len(order), BATCH), "reading captions"):
            places = order[start : start + BATCH]
            found[places] = self.model.encode_text([self.sentences[place] for place in places]).cpu()
        return F.normalize(found, dim=-1)


def _clips(split: Split) -> list[Clip]:
    captions: dict[str, list[str]] = {}
    for name, caption in zip(split["clip"], split["caption"], strict=True):
        captions.setdefault(name, []).append(caption)
    names = split["clip"]
    return [
        Clip(names[row], row, tuple(dict.fromkeys(captions[names[row]])))
        for row in first_rows_of_clips(split)
    ]


def _nearest(scores: Tensor, count: int) -> list[Found]:
    # A stable sort: what ties stands in its order every time.
    order = scores.argsort(descending=True, stable=True)[:count].tolist()
    return [Found(place, float(scores[place])) for place in order]


def _bar(items: Sequence[int], what: str) -> Sequence[int]:
    console = terminal_of_bars()
    return track(items, what, console=console, disable=not console.is_terminal)  # type: ignore[return-value]
