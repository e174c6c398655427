"""The field's generation metrics (Guo et al. 2022): features in, numbers out, whatever model generated the motions."""

from mate_hf.evaluation.generation.frechet import Gaussian, frechet_distance
from mate_hf.evaluation.generation.matching import Matching
from mate_hf.evaluation.generation.repeats import Interval, interval
from mate_hf.evaluation.generation.variety import diversity, multimodality

__all__ = [
    "Gaussian",
    "Interval",
    "Matching",
    "diversity",
    "frechet_distance",
    "interval",
    "multimodality",
]
