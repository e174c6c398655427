"""The field's evaluator in use: its words, its texts, its training, its published checkpoints."""

from mate_hf.guo_evaluator.convert import convert_evaluator
from mate_hf.guo_evaluator.evaluator import Evaluator, open_evaluator, save_evaluator
from mate_hf.guo_evaluator.tokens import Token, field_tokens, read_tokens
from mate_hf.guo_evaluator.vectors import WordVectors

__all__ = [
    "Evaluator",
    "Token",
    "WordVectors",
    "convert_evaluator",
    "field_tokens",
    "open_evaluator",
    "read_tokens",
    "save_evaluator",
]
