"""The `mate` command. Heavy imports wait inside the commands, so that `--help` answers at once."""

from mate_hf.cli import ablations, clients, data, evaluator, hub, localization, results, training
from mate_hf.cli.app import app, main

__all__ = [
    "ablations",
    "app",
    "clients",
    "data",
    "evaluator",
    "hub",
    "localization",
    "main",
    "results",
    "training",
]
