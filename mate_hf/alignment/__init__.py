"""ATM (WACV 2026): generated motion aligned with its text, in anybody's training loop."""

from mate_hf.alignment.align import AlignmentLoss, align
from mate_hf.alignment.aligner import Aligner
from mate_hf.alignment.settings import AlignmentSettings

__all__ = ["Aligner", "AlignmentLoss", "AlignmentSettings", "align"]
