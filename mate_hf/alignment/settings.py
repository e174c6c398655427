"""How generated motion is aligned with text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mate_hf.utils.settings import option, require_legal

LOSSES = ("inter", "intra", "inter,intra")
RULES = ("ratio", "generated", "real")
MARGINS = ("adaptive", "fixed")
FORMS = ("triplet", "contrastive")
DISTANCES = ("cosine", "euclidean")
MEANS = ("active", "all")


@dataclass
class AlignmentSettings:
    """Of `align`. Defaults are ATM's where it says, else our readings (docs/method.md); the others are the variants of its tables.

    Raises:
        MateError: a value that is none of a field's choices, or out of its range.
    """

    alignment: str = option(
        "inter,intra",
        "inter: texts against motions generated for others (Eq. 3); intra: a motion's worst clip against clips of the batch (Eq. 7).",
        LOSSES,
    )
    alignment_weight: float = option(0.01, "Lambda of Eq. 8, over both losses.", least=0)
    similar_captions: float = option(
        0.85,
        "Epsilon: motions whose captions are more alike (cosine) are no hard examples of each other.",
        least=-1,
        most=1,
    )
    aligned_motion: float = option(
        0.8,
        "Gamma: L_intra is about motions less alike their real one (cosine).",
        least=-1,
        most=1,
    )
    clip_seconds: float = option(2.0, "Length of a clip; one after the other.", least=0.1, most=3600)
    shortest_clip: float = option(1.0, "Seconds that the last clip must have.", above=0, most=3600)
    examples: int = option(
        1, "Hard examples a motion, and pairs of proxies a clip (Table 6), but for the next two.", least=1
    )
    hard_examples: int | None = option(None, "Hard examples a motion, where not `examples`.", least=1)
    proxy_pairs: int | None = option(None, "Pairs of proxies a clip, where not `examples`.", least=1)
    example_rule: str = option(
        "ratio",
        "What examples are chosen by (Table 7), but for the next three: distances of generated over those of real motion, or one of both.",
        RULES,
    )
    hard_rule: str | None = option(
        None, "The rule of hard examples (Eq. 2), where not `example_rule`.", RULES
    )
    positive_rule: str | None = option(
        None, "The rule of positive proxies (Eq. 5), where not `example_rule`.", RULES
    )
    negative_rule: str | None = option(
        None, "The rule of negative proxies (Eq. 6), where not `example_rule`.", RULES
    )
    margin: str = option(
        "adaptive", "As far as the real motions are apart (Eq. 3, 7), or the same for all.", MARGINS
    )
    fixed_margin: float = option(0.2, "The margin where it is fixed.", least=0)
    clamp_margin: bool = option(False, "Take no adaptive margin below 0.")
    inter_form: str = option(
        "triplet",
        "L_inter as Eq. 3, or as a contrastive loss over all motions that may be hard examples.",
        FORMS,
    )
    inter_temperature: float = option(0.1, "Of the contrastive loss.", above=0)
    embedding_distance: str = option("cosine", "Between embeddings: 1 - cosine, or Euclidean.", DISTANCES)
    own_clips: bool = option(True, "Clips of the same motion may be proxies.")
    detach_examples: bool = option(False, "Hard examples and proxies stay where they are.")
    mean_over: str = option("active", "Losses are means over motions with a term, or over all.", MEANS)

    def __post_init__(self) -> None:
        require_legal(self)

    def count_of(self, kind: Literal["hard", "proxy"]) -> int:
        """How many are chosen of a kind."""
        return (self.hard_examples if kind == "hard" else self.proxy_pairs) or self.examples

    def rule_of(self, kind: Literal["hard", "positive", "negative"]) -> str:
        """What is chosen by, of a kind."""
        own = {"hard": self.hard_rule, "positive": self.positive_rule, "negative": self.negative_rule}
        return own[kind] or self.example_rule
