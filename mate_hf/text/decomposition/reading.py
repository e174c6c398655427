"""A caption with its verbs found, and stretches of it: what the rules ask about either side of a seam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from mate_hf.text.decomposition.leads import Lead, find_lead
from mate_hf.text.decomposition.main_clause import PlacedVerb, find_main_verbs
from mate_hf.text.decomposition.tokens import Token
from mate_hf.text.decomposition.verbs import Verb, find_verbs


@dataclass(frozen=True)
class Reading:
    """A caption's tokens and, for each, the verb it is or None."""

    tokens: Sequence[Token]
    verbs: Sequence[Verb | None]

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> Reading:
        return cls(tokens, find_verbs(tokens))

    def form(self, position: int) -> str:
        """The word at `position`; "" outside the caption."""
        return self.tokens[position].form if 0 <= position < len(self.tokens) else ""

    def verb(self, position: int) -> Verb | None:
        """The verb at `position`; None for other words and outside the caption."""
        return self.verbs[position] if 0 <= position < len(self.verbs) else None

    def forms(self, start: int, end: int) -> list[str]:
        """The words from `start` to `end`."""
        return [token.form for token in self.tokens[max(0, start) : end]]

    def stretch(self, start: int, end: int | None = None) -> Stretch:
        """The tokens from `start` to `end`, by default the rest of the caption."""
        return Stretch(self, start, len(self.tokens) if end is None else end)


@dataclass(frozen=True)
class Stretch:
    """The tokens of a caption from `start` to `end`."""

    reading: Reading
    start: int
    end: int

    @cached_property
    def forms(self) -> list[str]:
        """Its words."""
        return self.reading.forms(self.start, self.end)

    @cached_property
    def mains(self) -> list[PlacedVerb]:
        """The verbs of its main clause: none of "while ...", "as if ..." or a purpose."""
        return find_main_verbs(self.reading.tokens, self.reading.verbs, self.start, self.end)

    @cached_property
    def main_forms(self) -> set[str]:
        """The verb forms of its main clause."""
        return {main.verb.form for main in self.mains}

    @cached_property
    def lead(self) -> Lead | None:
        """How it begins; None where no verb leads it."""
        return find_lead(self.reading.tokens, self.reading.verbs, self.start, self.end)

    def nested_after_main(self) -> list[PlacedVerb]:
        """The verbs after the last main verb, with their positions: "(walks) swinging", "(bends) to pick"."""
        first = self.mains[-1].position + 1
        verbs = enumerate(self.reading.verbs[first : self.end], first)
        return [PlacedVerb(position, verb) for position, verb in verbs if verb is not None]
