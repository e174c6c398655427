"""Trained runs, as for exports."""

from tests.export.conftest import trained, vocabulary, whole_clip

__all__ = ["trained", "vocabulary", "whole_clip"]
