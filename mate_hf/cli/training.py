"""Commands that train, through accelerate's launcher."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer

from mate_hf.cli.app import app, handle_errors

FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""The script parses its own flags, `--help` too."""


@app.command(context_settings=FORWARDED)
def train(context: typer.Context) -> None:
    """Train MATE; the flags of training/train.py (`mate train --help`)."""
    import mate_hf.training.train as script

    _launch(script, "train", context.args)


@app.command("train-retrieval", context_settings=FORWARDED)
def train_retrieval(context: typer.Context) -> None:
    """Train the retrieval model; the flags of training/train_retrieval.py (`mate train-retrieval --help`)."""
    import mate_hf.training.train_retrieval as script

    _launch(script, "train-retrieval", context.args)


@app.command("train-evaluator", context_settings=FORWARDED)
def train_evaluator(context: typer.Context) -> None:
    """Train the evaluator; the flags of training/train_evaluator.py (`mate train-evaluator --help`)."""
    import mate_hf.training.train_evaluator as script

    _launch(script, "train-evaluator", context.args)


@app.command("train-generator", context_settings=FORWARDED)
def train_generator(context: typer.Context) -> None:
    """Train a text-to-motion generator; the flags of training/train_generator.py (`mate train-generator --help`)."""
    import mate_hf.training.train_generator as script

    _launch(script, "train-generator", context.args)


@app.command("train-vq", context_settings=FORWARDED)
def train_vq(context: typer.Context) -> None:
    """Train a VQ-VAE of motions; the flags of training/train_vq.py (`mate train-vq --help`)."""
    import mate_hf.training.train_vq as script

    _launch(script, "train-vq", context.args)


@app.command("train-masked", context_settings=FORWARDED)
def train_masked(context: typer.Context) -> None:
    """Train a masked generator on a VQ-VAE's codes; the flags of training/train_masked.py (`mate train-masked --help`)."""
    import mate_hf.training.train_masked as script

    _launch(script, "train-masked", context.args)


@handle_errors
def _launch(script: Any, name: str, flags: list[str]) -> None:
    if {"-h", "--help"} & set(flags):
        # The launcher takes seconds to import, and would name the script.
        sys.argv[0] = f"mate {name}"
        script.main(flags)
    from mate_hf.training.launching import launch

    launch(Path(script.__file__), flags)
