"""What changed: nearest words of a text encoder's embedding table, before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch.nn import functional as F

from mate_hf.errors import MateError
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.utils.results import COMPARISON, Results

MINIMAL_PAIRS = (
    ("a person turns left", "a person turns right"),
    ("a person walks in a clockwise circle", "a person walks in a counterclockwise circle"),
    ("a person raises the left hand", "a person raises the right hand"),
    ("a person walks slowly", "a person walks quickly"),
    ("a person walks upstairs", "a person walks downstairs"),
    ("a person walks forward", "a person walks backward"),
)
"""Sentences that differ in one word of opposite motion."""


WORDS = ("left", "clockwise", "slowly", "forward", "raise", "kick")
"""Words whose neighbours say most about motion."""

MOTION_WORDS = (
    *(
        "left",
        "right",
        "clockwise",
        "counterclockwise",
        "forward",
        "backward",
        "sideways",
        "upstairs",
        "downstairs",
    ),
    *(
        "slowly",
        "quickly",
        "once",
        "twice",
        "walk",
        "jog",
        "run",
        "jump",
        "hop",
        "kick",
        "punch",
        "raise",
        "lower",
    ),
    *("wave", "bow", "spin", "turn", "squat", "crouch", "sit", "stand", "step", "arm", "hand", "leg", "foot"),
    *("circle", "place", "person", "while", "then"),
)
"""Words to choose neighbours from where no vocabulary is given."""

Ranked = list[tuple[str, float]]


@dataclass
class Comparison:
    """Two encoders side by side.

    Attributes:
        neighbours: word -> its nearest words by cosine, (before, after).
        pairs: sentence pair -> cosine of its features, (before, after).
    """

    neighbours: dict[str, tuple[Ranked, Ranked]]
    pairs: dict[tuple[str, str], tuple[float, float]]

    def to_json(self) -> dict[str, Any]:
        return {
            "neighbours": {word: {"before": b, "after": a} for word, (b, a) in self.neighbours.items()},
            "pairs": [{"texts": pair, "before": b, "after": a} for pair, (b, a) in self.pairs.items()],
        }


def compare(
    before: str,
    after: str,
    words: Sequence[str] = WORDS,
    vocabulary: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
) -> Comparison:
    """What training changed: nearest words and minimal sentence pairs in two encoders.

    Args:
        before, after: text encoders, each a Hub id, a folder, or package:NAME.
        words: whose neighbours are asked for.
        vocabulary: a run's `vocabulary.json`, the words to choose from; by default some fifty words of motion.
        out: JSON file to write the comparison to.
        overwrite: replace another file that stands at `out`; a comparison is replaced in any case.

    Raises:
        MateError: no words, an encoder or vocabulary that does not open, or `out` holds something else.
    """
    words = [word.strip() for word in ([words] if isinstance(words, str) else words) if word.strip()]
    if not words:
        raise MateError("words: none; expected some, such as left,slowly.")
    kept = Results(out, COMPARISON, overwrite, reads=[before, after, vocabulary])
    among = MOTION_WORDS if vocabulary is None else tuple(Vocabulary.load(Path(vocabulary)).word_to_lemma)
    found = compare_encoders(open_text_encoder(before), open_text_encoder(after), words, among)
    kept.keep(found.to_json())
    return found


def compare_encoders(
    before: TextEncoder,
    after: TextEncoder,
    words: Sequence[str],
    among: Sequence[str],
    pairs: Sequence[tuple[str, str]] = MINIMAL_PAIRS,
    count: int = 5,
) -> Comparison:
    """The `count` nearest of `among` to each word, and the cosine of each sentence pair, in both encoders."""
    candidates = sorted({*among, *words})
    if len(candidates) <= count:
        raise MateError(f"{len(candidates)} candidate words; more than {count} are needed.")
    nearest = [_nearest(encoder, words, candidates, count) for encoder in (before, after)]
    cosines = [_pair_cosines(encoder, pairs) for encoder in (before, after)]
    return Comparison(
        dict(zip(words, zip(*nearest, strict=True), strict=True)),
        dict(zip(pairs, zip(*cosines, strict=True), strict=True)),
    )


def _pair_cosines(encoder: TextEncoder, pairs: Sequence[tuple[str, str]]) -> list[float]:
    first, second = (encoder.sentence_features([pair[side] for pair in pairs]) for side in (0, 1))
    return F.cosine_similarity(first, second).tolist()


def _nearest(encoder: TextEncoder, words: Sequence[str], candidates: list[str], count: int) -> list[Ranked]:
    own, others = (F.normalize(encoder.word_embeddings(group), dim=-1) for group in (words, candidates))
    lists = []
    for word, row in zip(words, own @ others.T, strict=True):
        order = row.argsort(descending=True).tolist()
        lists.append([(candidates[i], float(row[i])) for i in order if candidates[i] != word][:count])
    return lists
