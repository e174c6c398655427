"""Do bodies obey words? Kinematic probes of generated motions, by class of prompt; no network is asked."""

from mate_hf.evaluation.obedience.compare import Difference, compare
from mate_hf.evaluation.obedience.outcomes import Obedience, Outcome
from mate_hf.evaluation.obedience.probes import PROBES, measure
from mate_hf.evaluation.obedience.prompts import CLASSES, Prompt, built_in_prompts, read_prompts
from mate_hf.evaluation.obedience.quality import quality_of_motions
from mate_hf.evaluation.obedience.run_obedience import evaluate_obedience

__all__ = [
    "CLASSES",
    "PROBES",
    "Difference",
    "Obedience",
    "Outcome",
    "Prompt",
    "built_in_prompts",
    "compare",
    "evaluate_obedience",
    "measure",
    "quality_of_motions",
    "read_prompts",
]
