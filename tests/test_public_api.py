"""What users import does not vanish, is what `mate` runs, and costs nothing until it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import pytest
import typer

import mate_hf
from mate_hf.cli import app

PROMISED = {
    *("Aligner", "AlignmentSettings", "Corpus", "EvaluatorModel", "MateConfig", "MateError", "MateModel", "MDMConfig", "MDMModel", "MaskedConfig", "MaskedModel", "MotionPipeline", "Split", "TMRConfig", "TMRModel", "VQConfig", "VQModel", "Vocabulary"),
    *("ablate", "align", "compare", "compare_obedience", "convert", "convert_evaluator", "convert_retrieval", "decompose", "decompose_captions", "env"),
    *("evaluate_generation", "evaluate_localization", "evaluate_obedience", "evaluate_retrieval", "evaluate_words", "explore", "export", "features", "generate", "generate_split"),
    *("join", "load", "localize", "localize_shard", "open_corpus", "open_evaluator", "open_model", "open_retriever", "plot_ablation", "plot_curves", "plot_generation", "plot_localization", "plot_obedience", "plot_skeleton", "plot_words", "prepare"),
    *("prepare_shard", "prepare_synthetic", "pull", "push", "reconstruct", "report", "train", "train_evaluator", "train_generator", "train_masked", "train_retrieval", "train_vq", "verify_client"),
}  # fmt: skip
"""Written out: a name that leaves the package must be taken out here too, and said in the changelog."""


def commands(group: typer.Typer = app, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command with its name as a Python name: `evaluate words` is `evaluate_words`."""
    for command in group.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        yield prefix + name.replace("-", "_"), command.callback
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, f"{inner.name}_")


COMMANDS = dict(commands())


def test_every_promised_name_is_there_and_explains_itself() -> None:
    assert {*PROMISED, "__version__"} == set(mate_hf.__all__)
    assert set(dir(mate_hf)) >= PROMISED
    for name in PROMISED:
        # Under its own name too: a module of that name would hide it once it is imported.
        assert not inspect.ismodule(getattr(mate_hf, name)), name
        assert inspect.getdoc(getattr(mate_hf, name)), name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        mate_hf.nonsense  # noqa: B018


@pytest.mark.parametrize("name", [name for name in COMMANDS if not name.startswith("train")])
def test_a_command_is_a_call_with_the_same_arguments(name: str) -> None:
    given = set(inspect.signature(COMMANDS[name]).parameters)
    taken = inspect.signature(getattr(mate_hf, name)).parameters
    if name == "prepare":
        # `mate prepare --synthetic` is a call of its own.
        given -= {"paths", "synthetic", "motions", "seed"}
        assert {"motions", "seed"} <= set(inspect.signature(mate_hf.prepare_synthetic).parameters)
    if name in ("prepare", "localize"):
        # `--shard` is one, too.
        given -= {"shard"}
        assert given - {"argv"} <= set(inspect.signature(getattr(mate_hf, f"{name}_shard")).parameters)
    assert given <= set(taken)
    extra = {*taken} - given
    if name == "prepare":
        extra -= {"data", "out"}
    assert extra <= {"argv", "names", "state", "console", "overwrite"}


@pytest.mark.parametrize("name", [name for name in COMMANDS if not name.startswith("train")])
def test_every_argument_of_a_call_is_explained_and_typed(name: str) -> None:
    function = getattr(mate_hf, name)
    parameters = inspect.signature(function).parameters
    hints = get_type_hints(function)
    text = inspect.getdoc(function) or ""
    for parameter in parameters:
        assert parameter in hints
        if len(parameters) > 1:
            assert parameter in text, parameter


def test_importing_it_imports_none_of_the_heavy_libraries() -> None:
    heavy = ("torch", "transformers", "datasets", "spacy", "accelerate", "peft")
    code = f"import sys, mate_hf; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_training_is_a_call_with_the_flags_as_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    from mate_hf.training import entry

    seen: list[Any] = []
    monkeypatch.setattr(entry.Training, "run", lambda training: seen.append(training) or {"steps": 0})
    monkeypatch.setattr(
        entry.Training, "__init__", lambda training, task, run, settings: training.__dict__.update(settings)
    )
    assert mate_hf.train(data="d", output_dir="o", tau=0.1, overwrite=True, report_to=["tensorboard"]) == {
        "steps": 0
    }
    mate_hf.train_retrieval(preset="tmr", data="d", output_dir="o")
    assert (seen[0].tau, seen[0].overwrite, seen[0].report_to) == (0.1, True, ["tensorboard"])
    assert seen[1].filter_threshold == 0.6
    with pytest.raises(mate_hf.MateError, match="output_dir is not set"):
        mate_hf.train(data="d")
