"""Keys and passwords stay with whoever they belong to: what is printed, recorded or published shows `***` in their place."""

from __future__ import annotations

import os
import re

HIDDEN = "***"

VARIABLES = (
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HUGGINGFACE_HUB_TOKEN",
    "OPENAI_API_KEY",
    "WANDB_API_KEY",
    "COMET_API_KEY",
    "CLEARML_API_SECRET_KEY",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "SWANLAB_API_KEY",
)
"""Of the environment, in which the libraries that are used here look for keys."""

SHORTEST = 8
"""Characters; a shorter value may be any word."""

KNOWN = re.compile(
    r"\b(?:hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"
)
"""Keys that say by their beginning what they are."""

WITHIN_ADDRESS = re.compile(r"(?<=://)[^/\s@'\"]+(?=@)")
IN_QUERY = re.compile(
    r"(?i)(?<=[?&;])((?:[\w-]*(?:key|token|secret|password|signature|credential)[\w-]*|sig)=)[^&;\s'\"#]+"
)


def masked(text: str) -> str:
    """`text` without keys: those of the environment, those of known form, and what an address brings with it."""
    for name in VARIABLES:
        value = os.environ.get(name, "").strip()
        if len(value) >= SHORTEST:
            text = text.replace(value, HIDDEN)
    if "://" in text:
        text = IN_QUERY.sub(rf"\1{HIDDEN}", WITHIN_ADDRESS.sub(HIDDEN, text))
    return KNOWN.sub(HIDDEN, text)
