"""Commands that train, through accelerate's launcher."""

from __future__ import annotations

import typer

from mate_hf.cli.app import app

FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""The script parses its own flags, `--help` too."""


@app.command(context_settings=FORWARDED)
def train(context: typer.Context) -> None:
    """Train MATE; the flags of training/train.py (`mate train --help`)."""
    import mate_hf.training.train as script

    _launch(str(script.__file__), context.args)


@app.command("train-retrieval", context_settings=FORWARDED)
def train_retrieval(context: typer.Context) -> None:
    """Train the retrieval model; the flags of training/train_retrieval.py (`mate train-retrieval --help`)."""
    import mate_hf.training.train_retrieval as script

    _launch(str(script.__file__), context.args)


@app.command("train-evaluator", context_settings=FORWARDED)
def train_evaluator(context: typer.Context) -> None:
    """Train the evaluator; the flags of training/train_evaluator.py (`mate train-evaluator --help`)."""
    import mate_hf.training.train_evaluator as script

    _launch(str(script.__file__), context.args)


def _launch(script: str, flags: list[str]) -> None:
    from accelerate.commands.launch import launch_command, launch_command_parser

    launch_command(launch_command_parser().parse_args(["--quiet", script, *flags]))
