"""How much each frame of a motion looks at each word of its prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.generation.reading import Heard
from mate_hf.generation.windows import Window

Looked = tuple[list[str], NDArray[np.float32]]
"""Words, and how much each frame looks at each (T, words)."""


def require_words(conditions: str) -> None:
    """Make sure that a generator listens to words at all.

    Raises:
        MateError: it hears sentences alone.
    """
    if conditions != "words":
        raise MateError(
            "return_attention: this generator was told sentences alone (--conditions sentence) and looks at no word. Leave it out."
        )


def looked_at(
    windows: Sequence[Window], heard: Heard, look: Callable[[Window], NDArray[np.float32]]
) -> Looked:
    """The words of a motion's prompts in order, and how much each frame looks at each; where windows overlap, the mean.

    Args:
        windows: of one motion.
        look: how much the frames of a window look at each token of its prompt (L,S).
    """
    spoken = list(dict.fromkeys(window.prompt for window in windows))
    words = [(prompt, word, tokens) for prompt in spoken for word, tokens in heard.words[prompt]]
    weights = np.zeros((int(max(window.end for window in windows)), len(words)), dtype=np.float32)
    seen = np.zeros(len(weights), dtype=np.float32)
    for window in windows:
        looked = look(window)
        seen[window.start : window.end] += 1
        for column, (prompt, _, tokens) in enumerate(words):
            if prompt == window.prompt:
                weights[window.start : window.end, column] += looked[:, tokens].sum(1)
    return [word for _, word, _ in words], weights / seen[:, None]
