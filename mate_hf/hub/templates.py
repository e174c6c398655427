"""The cards' templates, which lie in this package."""

from __future__ import annotations

from importlib import resources
from typing import Any

import jinja2

from mate_hf import hub
from mate_hf.utils.markdown import code, plain


def fill_template(name: str, context: dict[str, Any]) -> str:
    """A template of this package with its places filled; one that is left open is an error."""
    text = resources.files(hub).joinpath(name).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    return environment.from_string(text).render(context, plain=plain, code=code)
