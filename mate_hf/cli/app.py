"""The Typer application that the commands register with, and how they speak."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from mate_hf.errors import MateError
from mate_hf.utils.endings import end_with_parent
from mate_hf.utils.last_words import last_words
from mate_hf.utils.streams import BROKEN_PIPE, failure_of, steady_streams
from mate_hf.utils.terminal import Terminal, calm_progress_bars, keep_quiet, say_error

UsageError: Any = typer.BadParameter.__base__
"""Of click, or of the copy of it that later versions of Typer bring."""

app = typer.Typer(help="The `mate` command: motion-aligned word embeddings.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure a run.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
plot_app = typer.Typer(help="Draw what can be looked at.", no_args_is_help=True)
app.add_typer(plot_app, name="plot")
console = Terminal()


@app.callback()
def _options(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Motion-aligned word embeddings for text-to-motion models."""
    console.quiet = quiet
    keep_quiet(quiet)
    calm_progress_bars(quiet)


def handle_errors(command: Callable[..., None]) -> Callable[..., None]:
    """What a command cannot do ends it with a message on stderr and an exit code, without a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        with last_words():
            command(*args, **kwargs)

    return run


def main() -> None:
    """Entry point; `--quiet` may stand anywhere."""
    end_with_parent()
    arguments = sys.argv[1:]
    if "--quiet" in arguments and arguments[0] != "--quiet":
        arguments = ["--quiet", *(word for word in arguments if word != "--quiet")]
    with steady_streams():
        try:
            status = app(arguments, prog_name="mate", standalone_mode=False)
        except SystemExit as ended:
            status = ended.code
        except UsageError as error:
            status = _say_usage(error)
        sys.exit(status or _status_of_output())


def _say_usage(error: Any) -> int:
    """A wrong flag in a line: usage is a screen, and nobody would find the reason below it."""
    command = "mate" if error.ctx is None else error.ctx.command_path
    said = error.format_message()
    if "\n" in said:
        # A group that was called alone answers with its help.
        error.show()
    else:
        said = f"{said[:1].lower()}{said[1:]}{'' if said.endswith(('.', '?')) else '.'}"
        say_error(MateError(f"{said} `{command} --help` lists what it takes."))
    return int(error.exit_code)


def _status_of_output() -> int:
    """Exit status of a command that did its work: was what it said read?"""
    sys.stdout.flush()
    failure = failure_of(sys.stdout)
    if failure is None:
        return 0
    if failure.errno == errno.EPIPE:
        return BROKEN_PIPE
    say_error(MateError(f"standard output could not be written: {failure}. What has an --out is written."))
    return 1
