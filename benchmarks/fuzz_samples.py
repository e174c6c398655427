"""Small whole results of every command that leaves some."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ORIGIN: dict[str, Any] = {
    "command": "mate evaluate",
    "commit": "0123456789abcdef",
    "data_hash": "f" * 16,
    "seed": 0,
    "versions": {"torch": "2"},
}
_RECALLS = {
    **{
        f"{way}/{name}": 3.5
        for way in ("t2m", "m2t")
        for name in ("R@1", "R@2", "R@3", "R@5", "R@10", "MedR")
    },
    **{f"chance_R@{rank}": 0.5 for rank in (1, 2, 3, 5, 10)},
    "items": 40,
}
_MEAN = {"mean": 1.5, "half_width": 0.1, "low": 1.0, "high": 2.0}
_SHARE = {**_MEAN, "prompts": 4, "motions": 8}
_COSINES = {
    f"{kind}_{what}": {"mean": 0.5, "pairs": [{"words": ["left", "right"], "cosine": 0.5}]}
    for kind in ("antonym", "synonym")
    for what in ("words", "sentences")
}
_PROMPT = {"prompt": "a person turns left.", "class": "seen", "probe": "turn", "expected": 1, "seconds": 2.2}

RESULTS: dict[str, dict[str, Any]] = {
    "train": {
        **ORIGIN,
        "steps": 8,
        "history": [{"step": 8, "loss": 0.5}],
        "best": {"step": 8, "loss": 0.5},
    },
    "retrieval": {**ORIGIN, "split": "test", "metrics": {}, "protocols": {"a": _RECALLS, "d": _RECALLS}},
    "localization": {
        **ORIGIN,
        "split": "test",
        "unit_seconds": 0.5,
        "metrics": {"seconds": {"decomposed": _MEAN, "uniform": _MEAN}},
    },
    "words": {
        **ORIGIN,
        "split": "test",
        "metrics": {
            "swaps": {"all": {"count": 4, "accuracy": 50.0, "margin": 0.1}},
            "cosines": _COSINES,
            "cosines_before": _COSINES,
            "grounding": {"pointing": 40.0, "chance": 30.0, "words": 9},
            "disentanglement": {"auc": 60.0},
        },
    },
    "obedience": {
        **ORIGIN,
        "per_prompt": 2,
        "steps": 20,
        "guidance": 2.5,
        "classes": {"seen": _SHARE},
        "probes": {"seen": {"turn": _SHARE}},
        "told_apart": {"seen": _SHARE},
        "quality": {"generated": {"skating": _MEAN, "sliding": _MEAN, "jerk": _MEAN}},
        "prompts": [{**_PROMPT, "values": [30.0, 40.0], "others": []}],
    },
    "generation": {
        **ORIGIN,
        "items": 3,
        "diversity_pairs": 3,
        "metrics": {"generated": {"FID": _MEAN}, "real": {"FID": _MEAN}},
    },
}


def write_json_lines(file: Path, rows: Iterable[Any]) -> None:
    """One a line."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
