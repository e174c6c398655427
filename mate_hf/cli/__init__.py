"""The `mate` command. Heavy imports wait inside the commands, so that `--help` answers at once."""

from mate_hf.cli import (
    checkpoints,
    data,
    encoders,
    evaluation,
    explore,
    generation,
    hub,
    localization,
    plots,
    training,
)
from mate_hf.cli.app import app, main

__all__ = [
    "app",
    "checkpoints",
    "data",
    "encoders",
    "evaluation",
    "explore",
    "generation",
    "hub",
    "localization",
    "main",
    "plots",
    "training",
]
