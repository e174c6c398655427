"""Captions with the codes that a frozen VQ-VAE has for their motions, computed once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor

from mate_hf.data.batching import EVALUATION, Draw, caption_number, draw_generator, pad_motions, pad_rows
from mate_hf.data.columns import Columns, Motions
from mate_hf.data.compositions import Compositions
from mate_hf.data.kinds import LONGEST_MOTION
from mate_hf.data.split import SEGMENT_COLUMNS, Split
from mate_hf.errors import MateError
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.text.text_features import TextFeatures
from mate_hf.utils.terminal import terminal_of_bars

TOGETHER = 64
"""Motions that are coded at a time."""

Span = tuple[str, int, int]
"""Frames [start, end) of a clip."""
Part = tuple[int, int, int]
"""Frames [start, end) of the motion of a row."""
Codes = NDArray[np.int64]
"""Of a motion (P,levels)."""
Phases = tuple[Codes, ...]
"""Of a motion as it is, without its first frame, without its first two, …: where codes begin is chance, and each says others."""


@torch.no_grad()
def motion_codes(vq: VQModel, motions: Motions, parts: Sequence[Part]) -> list[Codes]:
    """Codes of parts of raw motions, each as if alone; what does not fill a patch at the end is left out.

    Raises:
        MateError: a part shorter than a patch.
    """
    patch, device = vq.config.patch, vq.device
    counts = [(end - start) // patch for _, start, end in parts]
    if not all(counts):
        row, start, end = parts[counts.index(0)]
        raise MateError(
            f"a motion of {end - start} frames (row {row}); the VQ-VAE codes {patch} at a time. Leave such clips out."
        )
    # Motions of like length share a batch.
    order = sorted(range(len(parts)), key=counts.__getitem__)
    batches = [order[start : start + TOGETHER] for start in range(0, len(order), TOGETHER)]
    found: dict[int, Codes] = {}
    console = terminal_of_bars()
    for places in track(batches, "motion codes", console=console, disable=not console.is_terminal):
        whole = [
            motions[row][start : start + counts[i] * patch] for i in places for row, start, _ in [parts[i]]
        ]
        batch = {name: part.to(device) for name, part in pad_motions(whole).items()}
        codes = vq.encode(vq.normalise(batch["motion"], batch["mask"]), batch["mask"]).cpu().numpy()
        found |= {i: row[: counts[i]].astype(np.int64) for i, row in zip(places, codes, strict=True)}
    return [found[place] for place in range(len(parts))]


@dataclass
class CodedPair:
    """A caption, its token features (S,W), its sentence feature (D,), and codes (P,levels)."""

    caption: str
    tokens: NDArray[np.float32]
    sentence: NDArray[np.float32]
    codes: Codes


class CodedPairs(torch.utils.data.Dataset[list[CodedPair]]):
    """`Pairs`, with codes in place of motions: cropped to whole codes, from any frame on, and segments coded by themselves.

    Args:
        split, features, seed, segment_share, compositions: see `Pairs`.
        vq: on the device where it is to code; all of the split is coded at once.
    """

    def __init__(
        self,
        split: Split,
        features: TextFeatures,
        seed: int,
        vq: VQModel,
        segment_share: float = 0.0,
        compositions: Compositions | None = None,
    ) -> None:
        self.split, self.features, self.seed, self.segment_share = split, features, seed, segment_share
        self.compositions = compositions
        self.texts = Columns(
            split.captions, ("caption", "clip", "length", *(SEGMENT_COLUMNS if segment_share else ()))
        )
        self.patch = vq.config.patch
        spans = dict(self._spans())
        parts = [(row, start, end) for (_, start, end), row in spans.items()]
        self.codes: dict[Span, Phases] = dict(zip(spans, _phases(vq, split.motions, parts), strict=True))
        self.composed: dict[int, Phases] = {} if compositions is None else _composed_codes(vq, compositions)

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, draw: Draw) -> list[CodedPair]:
        if self.compositions is not None and (composition := self.compositions.drawn(draw)):
            return [self._pair(composition.caption, self.composed[draw.row], composition.frames, draw)]
        row = self.texts[draw.row]
        if self._has_segments(row) and self._in_segments(draw):
            spans = [(row["clip"], start, end) for start, end in row["segments"]]
            parts = zip(row["sub_texts"], spans, strict=True)
            return [self._part(text, span, draw) for text, span in parts]
        return [self._part(row["caption"], (row["clip"], 0, row["length"]), draw)]

    def _spans(self) -> Iterable[tuple[Span, int]]:
        """All that is drawn from, with a row of its clip."""
        for number in range(len(self.split)):
            row = self.texts[number]
            yield (row["clip"], 0, row["length"]), number
            if self._has_segments(row):
                yield from (((row["clip"], *segment), number) for segment in row["segments"])

    def _has_segments(self, row: dict[str, Any]) -> bool:
        if not self.segment_share or len(row["segments"]) < 2:
            return False
        return min(end - start for start, end in row["segments"]) >= self.patch

    def _in_segments(self, draw: Draw) -> bool:
        if draw.epoch == EVALUATION:
            return False
        return bool(draw_generator(self.seed, draw, "segment").random() < self.segment_share)

    def _part(self, text: str, span: Span, draw: Draw) -> CodedPair:
        _, start, end = span
        return self._pair(text, self.codes[span], end - start, draw)

    def _pair(self, text: str, phases: Phases, frames: int, draw: Draw) -> CodedPair:
        codes = self._cropped(phases, frames, draw)
        return CodedPair(text, self.features.tokens_of(text), self.features.sentence_of(text), codes)

    def _cropped(self, phases: Phases, frames: int, draw: Draw) -> Codes:
        """As the field crops motions: of what fits, one code less with a chance of 1/3, from a random frame on."""
        count = min(len(phases[0]), max(LONGEST_MOTION // self.patch, 1))
        if draw.epoch == EVALUATION:
            return phases[0][:count]
        random = draw_generator(self.seed, draw, "crop")
        if count > 1 and random.random() < 1 / 3:
            count -= 1
        first, phase = divmod(int(random.integers(frames - count * self.patch + 1)), self.patch)
        return phases[phase][first : first + count]


def _phases(vq: VQModel, motions: Motions, parts: Sequence[Part]) -> list[Phases]:
    """Codes of every part, with those of its later phases that fill a code."""
    patch = vq.config.patch
    counts = [max(1, min(patch, end - start - patch + 1)) for _, start, end in parts]
    asked = [
        (row, start + phase, end)
        for (row, start, end), count in zip(parts, counts, strict=True)
        for phase in range(count)
    ]
    codes = iter(motion_codes(vq, motions, asked))
    return [tuple(islice(codes, count)) for count in counts]


def _composed_codes(vq: VQModel, compositions: Compositions) -> dict[int, Phases]:
    """Codes of every composed motion, by the row of its caption."""
    found = {row: composition for row in range(len(compositions)) if (composition := compositions[row])}
    parts = [(row, 0, composition.frames) for row, composition in found.items()]
    return dict(zip(found, _phases(vq, _Composed(compositions), parts), strict=True))


class _Composed:
    """Composed motions by the row of their caption, each made when it is asked for: a corpus of them may not fit in memory."""

    def __init__(self, compositions: Compositions) -> None:
        self.compositions = compositions

    def __len__(self) -> int:
        return len(self.compositions)

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        composition = self.compositions[row]
        if composition is None:
            raise IndexError(row)
        return self.compositions.motion(composition)


def collate_coded(drawn: list[list[CodedPair]]) -> dict[str, Tensor]:
    """Pairs -> the tensors `MaskedObjective.forward` takes; `length` (B,) counts codes, which are -1 where padded."""
    pairs = [pair for several in drawn for pair in several]
    text, text_mask = pad_rows([pair.tokens for pair in pairs])
    length = torch.tensor([len(pair.codes) for pair in pairs])
    codes = torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(pair.codes) for pair in pairs], batch_first=True, padding_value=-1
    )
    return {
        "codes": codes,
        "there": torch.arange(codes.shape[1]) < length[:, None],
        "length": length,
        "text": text,
        "text_mask": text_mask,
        "sentence": torch.from_numpy(np.stack([pair.sentence for pair in pairs])),
        "caption_id": torch.tensor([caption_number(pair.caption) for pair in pairs]),
    }
