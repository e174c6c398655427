"""Captions to ordered sub-texts, each one action or several at the same time (paper, appendix C)."""

from mate_hf.text.decomposition.rules import RuleDecomposer

__all__ = ["RuleDecomposer"]
