"""Lemmas that carry grammar rather than motion: what `word_sampling: content` leaves out.

A list and not spaCy's part of speech, which calls "up", "over" and "around" prepositions like "of": in a
motion caption they are the movement. So no direction, body part, count, manner or negation stands here.
"""

from __future__ import annotations

_ARTICLES_AND_PRONOUNS = """
a an the this that these those such either each every any some all another other
i me my mine myself you your yours yourself he him his himself she her hers herself it its itself
we us our ours ourselves they them their theirs themselves themself
someone somebody something anyone anybody anything who whom whose which what whoever whatever
"""
_LINKS = """
and or but nor so yet if because as than while whilst whereas although though since until unless then
of to in on at by for from with without about before after during into onto upon like per via
where when why how there here
"""
_AUXILIARIES = """
be have do can could may might must shall should will would seem appear
"""
_FILLERS = """
also just too very quite rather even maybe perhaps
"""

FUNCTION_LEMMAS = frozenset((_ARTICLES_AND_PRONOUNS + _LINKS + _AUXILIARIES + _FILLERS).split())
