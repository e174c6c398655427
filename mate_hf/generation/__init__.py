"""Text to motion: a trained generator in use."""

from mate_hf.generation.editing import Kept
from mate_hf.generation.generated import Generated
from mate_hf.generation.pipeline import MotionPipeline

__all__ = ["Generated", "Kept", "MotionPipeline"]
