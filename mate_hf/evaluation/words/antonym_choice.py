"""Zero-shot choice between a caption and its antonym-swapped negative, given the motion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from mate_hf.text.opposites import AntonymNegative, antonym_negatives


@dataclass(frozen=True)
class Choice:
    """One caption against one negative.

    Attributes:
        margin: cosine of the caption with the motion minus that of the negative; above 0 where the choice is right.
        groups: what the choice counts towards, beside "all" and its word pair.
    """

    pair: str
    margin: float
    groups: tuple[str, ...]


def choices(
    items: Iterable[tuple[str, Tensor, tuple[str, ...]]],
    encode_texts: Callable[[list[str]], Tensor],
    trained: Collection[str] | None = None,
) -> list[Choice]:
    """Every choice that a split offers.

    Args:
        items: caption, its motion's feature f^m (D,), and the groups it belongs to.
        encode_texts: captions -> f^t (B,D).
        trained: words of the training captions; choices between two words of which one is none of them count as
            "untrained" too.
    """
    asked: list[tuple[str, AntonymNegative, Tensor, tuple[str, ...]]] = []
    for caption, motion, groups in items:
        asked += [(caption, negative, motion, groups) for negative in antonym_negatives(caption)]
    unique = sorted({text for caption, negative, _, _ in asked for text in (caption, negative.text)})
    places = {text: place for place, text in enumerate(unique)}
    features = F.normalize(encode_texts(unique).float(), dim=-1) if unique else None
    found = []
    for caption, negative, motion, groups in asked:
        assert features is not None
        own = F.normalize(motion.float(), dim=-1)
        right, wrong = features[places[caption]] @ own, features[places[negative.text]] @ own
        unknown = trained is not None and not {negative.word, negative.opposite} <= set(trained)
        found.append(
            Choice(negative.pair, float(right - wrong), (*groups, "untrained") if unknown else groups)
        )
    return found


def swap_metrics(found: Iterable[Choice]) -> dict[str, dict[str, Any]]:
    """Per group and word pair: `count`, `accuracy` in percent (equal scores count half), mean `margin`."""
    margins: dict[str, list[float]] = defaultdict(list)
    for choice in found:
        for name in ("all", f"pair {choice.pair}", *choice.groups):
            margins[name].append(choice.margin)
    return {
        name: {
            "count": len(values),
            "accuracy": 100 * fmean((value > 0) + 0.5 * (value == 0) for value in values),
            "margin": fmean(values),
        }
        for name, values in sorted(margins.items())
    }
