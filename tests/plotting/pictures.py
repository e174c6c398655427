"""Pictures as they are drawn: the figure that a module would save, for a test to read."""

from __future__ import annotations

from typing import Any

import pytest


class Kept:
    """Takes the place of `save_figure` in a module."""

    def __init__(self) -> None:
        self.figure: Any = None

    def __call__(self, figure: Any, place: Any, dpi: int = 150) -> None:
        self.figure = figure

    @property
    def texts(self) -> list[str]:
        """Every text of the figure that is seen."""
        from matplotlib.text import Text

        self.figure.draw_without_rendering()
        return [
            text.get_text() for text in self.figure.findobj(Text) if text.get_visible() and text.get_text()
        ]


def kept_of(module: Any, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """What a drawing module makes from here on."""
    kept = Kept()
    monkeypatch.setattr(module, "save_figure", kept)
    return kept
