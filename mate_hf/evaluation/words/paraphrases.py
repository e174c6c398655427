"""Captions told in words that training never saw (paper, B.4): are they still understood?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from statistics import fmean
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from mate_hf.evaluation.protocols import BATCH, random_batches
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.retrieval.metrics import cosine_similarity, metrics_of_similarity
from mate_hf.text.opposites import cased_like

_ALIKE = """
walks: strolls ambles treads paces | walking: strolling ambling treading pacing | walk: stroll amble tread
runs: sprints races dashes bolts | running: sprinting racing dashing bolting | run: sprint race dash
jogs: trots lopes | jogging: trotting loping | jog: trot lope
jumps: leaps bounds vaults | jumping: leaping bounding vaulting
hops: bounces springs | hopping: bouncing springing
kicks: boots strikes | kicking: booting striking
punches: jabs strikes thumps | punching: jabbing striking thumping
raises: lifts hoists elevates | raising: lifting hoisting elevating | lifts: hoists elevates | lifting: hoisting elevating
lowers: drops sinks | lowering: dropping sinking
waves: gestures signals | waving: gesturing signalling
squats: crouches hunkers | squatting: crouching hunkering | crouches: hunkers
turns: rotates pivots swivels | turning: rotating pivoting swivelling
spins: twirls whirls revolves | spinning: twirling whirling revolving
throws: tosses hurls flings | throwing: tossing hurling flinging
bows: curtsies nods | bowing: curtsying nodding
quickly: rapidly swiftly speedily hastily | rapidly: swiftly speedily hastily | fast: swiftly speedily
slowly: gradually leisurely unhurriedly | backward: rearward | backwards: rearwards | forward: onward | forwards: onwards
person: individual human | someone: somebody | man: guy gentleman fellow | woman: lady gal | figure: character
circle: loop ring | then: afterwards next | happy: joyful glad | sad: gloomy mournful | angry: irate enraged
tired: fatigued drained | exhausted: fatigued spent | old: aged ancient | young: juvenile | youthful: juvenile
proudly: smugly | happily: joyfully gladly | sadly: mournfully | angrily: irately crossly
"""

ALIKE = {
    word.strip(): tuple(others.split())
    for entry in _ALIKE.replace("\n", "|").split("|")
    if entry.strip()
    for word, others in [entry.split(":")]
}
"""Words of motion captions, and what else says the same, likeliest first."""


def paraphrase(caption: str, trained: Collection[str]) -> str | None:
    """The caption with every word of `ALIKE` told by one that is not among the trained; None where none can be."""
    parts, read, changed = [], 0, False
    for text, start, end in find_words(caption):
        other = next((word for word in ALIKE.get(surface_form(text), ()) if word not in trained), None)
        if other is not None:
            parts += [caption[read:start], cased_like(text, other)]
            read, changed = end, True
    return "".join([*parts, caption[read:]]) if changed else None


def paraphrase_metrics(
    items: Iterable[tuple[str, str, Tensor]],
    encode_texts: Callable[[list[str]], Tensor],
    trained: Collection[str],
) -> dict[str, Any]:
    """How captions fare that are told in untrained words.

    Args:
        items: motion's id, caption, and the motion's feature f^m (D,).
        encode_texts: captions -> f^t (B,D).
        trained: words of the training captions.

    Returns:
        `count` of captions that could be paraphrased, one a motion; mean `cosine` of caption and paraphrase; recalls of text ->
        motion in batches of 32 (protocol (d)), in percent, as `R@1` and `R@3` of the paraphrases, `R@1 before` and `R@3 before` of the captions
        themselves. Fewer than 32 have no recalls.
    """
    chosen: dict[str, tuple[str, str, Tensor]] = {}
    for name, caption, motion in items:
        if name not in chosen and (other := paraphrase(caption, trained)) is not None:
            chosen[name] = (caption, other, motion)
    if not chosen:
        return {"count": 0}
    captions, others, motions = zip(*chosen.values(), strict=True)
    before, after = encode_texts(list(captions)).float(), encode_texts(list(others)).float()
    found: dict[str, Any] = {
        "count": len(captions),
        "cosine": float(F.cosine_similarity(before, after).mean()),
    }
    shown = torch.stack(list(motions)).float()
    batches = random_batches(len(captions)) if len(captions) >= BATCH else []
    for name, texts in (("", after), (" before", before)):
        scores = [metrics_of_similarity(cosine_similarity(texts[rows], shown[rows])) for rows in batches]
        if scores:
            found |= {f"R@{k}{name}": fmean(score[f"t2m/R@{k}"] for score in scores) for k in (1, 3)}
    return found
