"""Trained runs, as for exports."""

from tests.exports.conftest import trained, vocabulary, whole_clip

__all__ = ["trained", "vocabulary", "whole_clip"]
