"""A caption with one word turned into its contrary: what changes for a motion."""

from __future__ import annotations

from dataclasses import dataclass

from torch.nn import functional as F

from mate_hf.errors import MateError
from mate_hf.explorer.gallery import Gallery
from mate_hf.explorer.reading import attention_of
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.motion_files.reading import Motion
from mate_hf.plotting.scene import Attention, Scene, scene_of
from mate_hf.runs.trained import Trained
from mate_hf.text.encoders import TextEncoder
from mate_hf.text.opposites import cased_like, contraries


@dataclass(frozen=True)
class Swapped:
    """A caption, and what it became.

    Attributes:
        word, opposite: what stood there, and what stands there now.
        caption: with the opposite.
    """

    word: str
    opposite: str
    caption: str


@dataclass(frozen=True)
class Side:
    """One of both captions with a clip: see `Reading`."""

    caption: str
    score: float
    rank: int
    attention: Attention


@dataclass(frozen=True)
class Swap:
    """What changes.

    Attributes:
        place: of the clip.
        before, after: the caption as it was and with the opposite.
        stock_cosine, tuned_cosine: of both sentences with one another, by the encoder as it came (None where that is not at hand)
            and by the run's.
    """

    place: int
    swapped: Swapped
    motion: Motion
    before: Side
    after: Side
    stock_cosine: float | None
    tuned_cosine: float


def swaps_of(caption: str) -> list[Swapped]:
    """Every word of the caption that has a contrary, turned into the first of them, in order."""
    found = []
    for word, start, end in find_words(caption):
        for opposite in contraries(word)[:1]:
            changed = caption[:start] + cased_like(word, opposite) + caption[end:]
            found.append(Swapped(surface_form(word), opposite, changed))
    return found


def swap_of(caption: str, word: str) -> Swapped:
    """The caption with the contrary of a word of it, where the word stands first; of its first word that has one where none is named.

    Raises:
        MateError: no word of it has a contrary, or this one has none or is not in it.
    """
    swaps = swaps_of(caption)
    can = ", ".join(dict.fromkeys(swap.word for swap in swaps))
    way_out = f"Words of the sentence that have one: {can}." if can else "No word of the sentence has one."
    if not word:
        if not swaps:
            raise MateError(
                "No word of the sentence has an antonym here. Use one such as left, up, forward, slowly or clockwise."
            )
        return swaps[0]
    found = next((swap for swap in swaps if swap.word == word), None)
    if found is None:
        is_there = word in (surface_form(text) for text, _, _ in find_words(caption))
        raise MateError(
            f"“{word}” {'has no antonym here' if is_there else 'is not in the sentence'}. {way_out}"
        )
    return found


def try_swap(
    gallery: Gallery, trained: Trained, base: TextEncoder | None, caption: str, word: str, place: int | None
) -> Swap:
    """Set both captions over a clip; None: over the one that goes best with the caption as it was.

    Raises:
        MateError: see `swap_of`.
    """
    swapped = swap_of(caption, word)
    features = [gallery.sentence_feature(text) for text in (caption, swapped.caption)]
    if place is None:
        place = gallery.motions_for(features[0], 1)[0].place
    frames = gallery.features(place)
    sides = [
        Side(text, *gallery.score_and_rank(feature, place), attention_of(gallery, text, frames))
        for text, feature in zip((caption, swapped.caption), features, strict=True)
    ]
    cosines = cosines_of(trained, base, caption, swapped.caption)
    return Swap(place, swapped, gallery.motion(place), sides[0], sides[1], *cosines)


def cosines_of(
    trained: Trained, base: TextEncoder | None, caption: str, other: str
) -> tuple[float | None, float]:
    """Of two captions with one another: by the encoder as it came (None where that is not at hand) and by the run's."""
    stock = None if base is None else _cosine(base, caption, other)
    return stock, _cosine(trained.encoder, caption, other)


def scene_of_swap(swap: Swap) -> Scene:
    """The motion twice, side by side, each with the attention of its caption."""
    sides = (swap.before, swap.after)
    return scene_of(
        [swap.motion, swap.motion],
        [side.caption for side in sides],
        [side.attention for side in sides],
        f"{swap.swapped.word} or {swap.swapped.opposite}",
    )


def _cosine(encoder: TextEncoder, first: str, second: str) -> float:
    one, other = F.normalize(encoder.sentence_features([first, second]), dim=-1)
    return float(one @ other)
