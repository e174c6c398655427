"""mate-hf: text encoders whose word embeddings know how bodies move.

    import mate_hf

    mate_hf.prepare("HumanML3D", "data/humanml3d")
    mate_hf.train(data="data/humanml3d", config="training/configs/humanml3d_clip.yaml", output_dir="runs/mate")
    mate_hf.export("runs/mate", "exports/mate-clip")

What the `mate` command can do, these functions do, with the same names and arguments. They open what they need when they are
first asked for: torch and transformers take seconds to import, which `mate --help` need not wait for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str

    from mate_hf.ablations import ablate
    from mate_hf.alignment import Aligner, AlignmentSettings, align
    from mate_hf.data.conversion import convert_file as features
    from mate_hf.data.corpus import Corpus, Split, open_corpus
    from mate_hf.data.preparation import prepare
    from mate_hf.data.shards import prepare_shard
    from mate_hf.data.synthetic.writing import write_synthetic_corpus as prepare_synthetic
    from mate_hf.errors import MateError
    from mate_hf.evaluation.generation.run_generation import evaluate_generation
    from mate_hf.evaluation.obedience.run_compare import compare_obedience
    from mate_hf.evaluation.obedience.run_generator import obedience_of_generator as evaluate_obedience
    from mate_hf.evaluation.run_localization import evaluate_localization
    from mate_hf.evaluation.run_retrieval import evaluate_retrieval
    from mate_hf.evaluation.words.neighbours import compare
    from mate_hf.evaluation.words.run_words import evaluate_words
    from mate_hf.explorer.run import explore
    from mate_hf.exports import export
    from mate_hf.exports.client_check import verify_client
    from mate_hf.exports.drop_in import load
    from mate_hf.generation import MotionPipeline
    from mate_hf.generation.reconstructing import reconstruct
    from mate_hf.generation.run import generate
    from mate_hf.generation.run_strips import plot_generation
    from mate_hf.generation.split_samples import generate_split
    from mate_hf.guo_evaluator import convert_evaluator, open_evaluator
    from mate_hf.hub.push import pull, push
    from mate_hf.localization.join import join
    from mate_hf.localization.run import localize, localize_shard
    from mate_hf.modeling import (
        EvaluatorModel,
        MaskedConfig,
        MaskedModel,
        MateConfig,
        MateModel,
        MDMConfig,
        MDMModel,
        TMRConfig,
        TMRModel,
        VQConfig,
        VQModel,
    )
    from mate_hf.motion_files.converting import convert
    from mate_hf.plotting.run_curves import plot_curves
    from mate_hf.plotting.run_localization import plot_localization
    from mate_hf.plotting.run_obedience import plot_obedience
    from mate_hf.plotting.run_skeleton import plot_skeleton
    from mate_hf.reports.ablation_figure import plot_ablation
    from mate_hf.reports.run_report import report
    from mate_hf.reports.word_figures import plot_words
    from mate_hf.retrieval.retriever import open_retriever
    from mate_hf.retrieval_checkpoints import convert_retrieval
    from mate_hf.runs.model import open_model
    from mate_hf.text.decomposition.decompose import decompose_captions
    from mate_hf.text.decomposition.decompose import decompose_file as decompose
    from mate_hf.text.vocabulary import Vocabulary
    from mate_hf.training.entry import (
        train,
        train_evaluator,
        train_generator,
        train_masked,
        train_retrieval,
        train_vq,
    )
    from mate_hf.utils.versions import environment as env

_PLACES = {
    "Aligner": "alignment",
    "AlignmentSettings": "alignment",
    "Corpus": "data.corpus",
    "EvaluatorModel": "modeling",
    "MateConfig": "modeling",
    "MateError": "errors",
    "MDMConfig": "modeling",
    "MDMModel": "modeling",
    "MaskedConfig": "modeling",
    "MaskedModel": "modeling",
    "MateModel": "modeling",
    "Split": "data.corpus",
    "TMRConfig": "modeling",
    "TMRModel": "modeling",
    "VQConfig": "modeling",
    "VQModel": "modeling",
    "Vocabulary": "text.vocabulary",
    "ablate": "ablations",
    "align": "alignment",
    "compare": "evaluation.words.neighbours",
    "compare_obedience": "evaluation.obedience.run_compare",
    "convert": "motion_files.converting",
    "convert_evaluator": "guo_evaluator",
    "convert_retrieval": "retrieval_checkpoints",
    "decompose": "text.decomposition.decompose:decompose_file",
    "decompose_captions": "text.decomposition.decompose",
    "env": "utils.versions:environment",
    "evaluate_generation": "evaluation.generation.run_generation",
    "evaluate_localization": "evaluation.run_localization",
    "evaluate_obedience": "evaluation.obedience.run_generator:obedience_of_generator",
    "evaluate_retrieval": "evaluation.run_retrieval",
    "evaluate_words": "evaluation.words.run_words",
    "explore": "explorer.run",
    "export": "exports",
    "features": "data.conversion:convert_file",
    "MotionPipeline": "generation",
    "generate": "generation.run",
    "generate_split": "generation.split_samples",
    "join": "localization.join",
    "load": "exports.drop_in",
    "localize": "localization.run",
    "localize_shard": "localization.run",
    "open_corpus": "data.corpus",
    "open_evaluator": "guo_evaluator",
    "open_model": "runs.model",
    "open_retriever": "retrieval.retriever",
    "plot_ablation": "reports.ablation_figure",
    "plot_curves": "plotting.run_curves",
    "plot_generation": "generation.run_strips",
    "plot_localization": "plotting.run_localization",
    "plot_obedience": "plotting.run_obedience",
    "plot_skeleton": "plotting.run_skeleton",
    "plot_words": "reports.word_figures",
    "prepare": "data.preparation",
    "prepare_shard": "data.shards",
    "prepare_synthetic": "data.synthetic.writing:write_synthetic_corpus",
    "pull": "hub.push",
    "push": "hub.push",
    "reconstruct": "generation.reconstructing",
    "report": "reports.run_report",
    "train": "training.entry",
    "train_evaluator": "training.entry",
    "train_generator": "training.entry",
    "train_masked": "training.entry",
    "train_retrieval": "training.entry",
    "train_vq": "training.entry",
    "verify_client": "exports.client_check",
}
"""Of each public name its module here and, where it differs, its name there."""

__all__ = [
    "Aligner",
    "AlignmentSettings",
    "Corpus",
    "EvaluatorModel",
    "MDMConfig",
    "MDMModel",
    "MaskedConfig",
    "MaskedModel",
    "MateConfig",
    "MateError",
    "MateModel",
    "MotionPipeline",
    "Split",
    "TMRConfig",
    "TMRModel",
    "VQConfig",
    "VQModel",
    "Vocabulary",
    "__version__",
    "ablate",
    "align",
    "compare",
    "compare_obedience",
    "convert",
    "convert_evaluator",
    "convert_retrieval",
    "decompose",
    "decompose_captions",
    "env",
    "evaluate_generation",
    "evaluate_localization",
    "evaluate_obedience",
    "evaluate_retrieval",
    "evaluate_words",
    "explore",
    "export",
    "features",
    "generate",
    "generate_split",
    "join",
    "load",
    "localize",
    "localize_shard",
    "open_corpus",
    "open_evaluator",
    "open_model",
    "open_retriever",
    "plot_ablation",
    "plot_curves",
    "plot_generation",
    "plot_localization",
    "plot_obedience",
    "plot_skeleton",
    "plot_words",
    "prepare",
    "prepare_shard",
    "prepare_synthetic",
    "pull",
    "push",
    "reconstruct",
    "report",
    "train",
    "train_evaluator",
    "train_generator",
    "train_masked",
    "train_retrieval",
    "train_vq",
    "verify_client",
]


if not TYPE_CHECKING:
    # Else a type checker would take any name.
    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version

            return version("mate-hf")
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, there = _PLACES[name].partition(":")
        return getattr(import_module(f"{__name__}.{module}"), there or name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
