"""Trained runs, as the exports' tests have them."""

from tests.exports.conftest import trained, vocabulary, whole_clip

__all__ = ["trained", "vocabulary", "whole_clip"]
