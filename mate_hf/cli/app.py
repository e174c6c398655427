"""The Typer application that the commands register with, and how they speak."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer
from rich.console import Console

from mate_hf.errors import MateError
from mate_hf.utils.terminal import calm_progress_bars

app = typer.Typer(help="The `mate` command: motion-aligned word embeddings.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure a run.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
console = Console(highlight=False, soft_wrap=True)


@app.callback()
def _options(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Motion-aligned word embeddings for text-to-motion models."""
    console.quiet = quiet
    calm_progress_bars(quiet)


def handle_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Bad input ends a command with its message on stderr and exit code 1, without a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except MateError as error:
            Console(stderr=True, highlight=False).print(f"error: {error}", markup=False)
            raise typer.Exit(1) from error

    return run


def main() -> None:
    """Entry point; `--quiet` may stand anywhere."""
    arguments = sys.argv[1:]
    if "--quiet" in arguments and arguments[0] != "--quiet":
        arguments = ["--quiet", *(word for word in arguments if word != "--quiet")]
    app(arguments)
