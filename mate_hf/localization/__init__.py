"""Which part of a motion a word speaks of: the partition of Eq. 1 and the attention prior of Eq. 4."""

from mate_hf.localization.partition import Partition, best_partition, usable_segments
from mate_hf.localization.prior import PRIORS, attention_prior, inside_segment
from mate_hf.localization.units import unit_edges, unit_frames
from mate_hf.localization.words import sub_text_of_words

__all__ = [
    "PRIORS",
    "Partition",
    "attention_prior",
    "best_partition",
    "inside_segment",
    "sub_text_of_words",
    "unit_edges",
    "unit_frames",
    "usable_segments",
]
