"""The `mate` command. Heavy imports wait inside the commands, so that `--help` answers at once."""

from mate_hf.cli import data, localization, results, training
from mate_hf.cli.app import app, main

__all__ = ["app", "data", "localization", "main", "results", "training"]
