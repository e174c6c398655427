"""Other libraries' errors in the words of ours."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST = 200
"""Characters; some libraries quote the whole of what they could not read."""


def reason(error: BaseException) -> str:
    """The first line of what an error says, or its name where it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = lines[0] if lines else type(error).__name__
    return said.rstrip(".") if len(said) <= LONGEST else f"{said[:LONGEST]} …"


def unpickling_reason(error: BaseException) -> str:
    """What PyTorch's safe reader says in one sentence, between a page of advice to use the unsafe one and a link."""
    paragraphs = [part for part in str(error).split("\n\n") if part.strip()]
    if len(paragraphs) < 2:
        return reason(error)
    paragraph = paragraphs[-2] if len(paragraphs) > 2 else paragraphs[0]
    sentence = paragraph.rpartition("WeightsUnpickler error:")[2].strip().split(". ")[0]
    return sentence.split("\n")[0].rstrip(".")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def history(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that had gone wrong before it, whether it was raised from that or while that was dealt with."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
