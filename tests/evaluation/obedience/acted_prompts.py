"""A generator that understands every built-in prompt: the corpus's own performer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mate_hf.data.synthetic import Action, Scenario, Segment, draw_timeline, perform
from mate_hf.data.synthetic.casting import OPPOSITES
from mate_hf.evaluation.obedience import Prompt

BARE: dict[str, dict[str, Any]] = {
    "turn": {"degrees": 90},
    "spin": {"degrees": 360},
    "stand": {"posture": "seated"},
}
"""What an action of a kind has to have, and a prompt does not say."""

SPEEDS = {"quickly": "slowly", "slowly": "quickly"}


def actions_of(prompt: Prompt) -> list[Action]:
    """The actions of a built-in prompt."""
    return [Action(**{**BARE.get(told["kind"], {}), **told}) for told in prompt.actions]


def opposite(action: Action, probe: str) -> Action:
    if probe == "speed":
        return replace(action, speed=SPEEDS[action.speed])
    direction, side = (OPPOSITES.get(word, word) for word in (action.direction, action.side))
    return replace(action, direction=direction, side=side)


def acted(actions: list[Action], seed: int) -> np.ndarray:
    """Joints (T, 22, 3) of the actions, one after another."""
    rng = np.random.default_rng(seed)
    timeline = draw_timeline(Scenario(tuple(Segment(action) for action in actions)), rng)
    return perform(timeline, rng)


class Performer:
    """`Generate` by the corpus's performer; `heard` says which of the words it may follow, else it does as for the counterpart."""

    def __init__(self, prompts: list[Prompt]) -> None:
        self.actions = {prompt.text: actions_of(prompt) for prompt in prompts}
        for prompt in prompts:
            flipped = [opposite(action, prompt.probe) for action in actions_of(prompt)]
            if prompt.counterpart:
                self.actions.setdefault(prompt.counterpart, flipped)

    def __call__(self, prompts: list[str], seconds: list[float], seed: int) -> list[np.ndarray]:
        return [acted(self.actions[text], seed + place) for place, text in enumerate(prompts)]
