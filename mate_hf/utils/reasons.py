"""Other libraries' errors in the words of ours."""

from __future__ import annotations

LONGEST = 200
"""Characters; some libraries quote the whole of what they could not read."""


def reason(error: BaseException) -> str:
    """The first line of what an error says, or its name where it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = lines[0] if lines else type(error).__name__
    return said.rstrip(".") if len(said) <= LONGEST else f"{said[:LONGEST]} …"
