"""Which part of a motion a sub-text speaks of: the partition of Eq. 1."""

from mate_hf.localization.partition import Partition, best_partition, usable_segments
from mate_hf.localization.units import unit_edges, unit_frames

__all__ = [
    "Partition",
    "best_partition",
    "unit_edges",
    "unit_frames",
    "usable_segments",
]
