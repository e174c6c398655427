"""Drawing scenarios: who follows whom, and every left with its right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mate_hf.data.kinds import LONGEST_MOTION
from mate_hf.data.synthetic.actions import GAITS, SPEEDS, Action, Combination, is_held_out
from mate_hf.data.synthetic.scenario import Scenario, Segment

OPPOSITES = {"left": "right", "clockwise": "counterclockwise", "forward": "backward", "up": "down"}
OPPOSITES |= {b: a for a, b in OPPOSITES.items()}

KIND_WEIGHTS = {
    "walk": 5, "jog": 4, "run": 4, "climb": 1.5, "turn": 2.5, "spin": 1.5, "kick": 3, "punch": 3, "raise": 3,
    "lower": 1.5, "wave": 3, "squat": 1.2, "crouch": 0.8, "sit": 1.2, "stand": 1, "jump": 1.5, "hop": 2,
    "bow": 1.2,
}  # fmt: skip
"""How often a kind is drawn where it is possible."""

ON_TOP = {
    **dict.fromkeys((*GAITS, "climb"), ("wave", "raise", "punch")),
    **dict.fromkeys(("turn", "spin"), ("wave", "raise")),
    "squat": ("raise",),
}
"""Which arm actions leave the rest of the body free for whom."""

LOW = {"sit": "seated", "crouch": "crouched"}
"""The posture an action ends in, where that is not standing."""

SEGMENTS_SHARE = (0.34, 0.40, 0.26)
"""How often a motion has one, two and three segments."""


def draw_pair(rng: np.random.Generator) -> tuple[Scenario, Scenario]:
    """Two scenarios that training may show, alike but for opposite sides and directions.

    Drawn in pairs, left and right, clockwise and counterclockwise, forward and backward, up and down are
    equally frequent for every kind of action.
    """
    while True:
        drawn = _draw(rng)
        first, second = (_seen(each, rng) for each in (drawn, _opposite(drawn)))
        if _tellable(first) and _tellable(second):
            return first, second


def draw_held_out(combination: Combination, rng: np.random.Generator) -> Scenario:
    """A scenario in which one action is the given held-out `combination`."""
    while True:
        drawn = _draw(rng)
        scenario = _with(drawn, combination)
        if scenario is not None and _tellable(scenario):
            return scenario


def _tellable(scenario: Scenario) -> bool:
    return scenario.distinct and scenario.shortest <= LONGEST_MOTION - 10


def _draw(rng: np.random.Generator) -> Scenario:
    wanted = 1 + int(rng.choice(3, p=SEGMENTS_SHARE))
    segments: list[Segment] = []
    while len(segments) < wanted:
        choices = _can_follow(segments)
        weights = np.array([KIND_WEIGHTS[kind] for kind in choices])
        main = _draw_action(choices[int(rng.choice(len(choices), p=weights / weights.sum()))], rng, segments)
        on_top = None
        if main.kind in ON_TOP and rng.random() < (0.55 if wanted == 1 else 0.25):
            kinds = ON_TOP[main.kind]
            on_top = _draw_action(kinds[int(rng.integers(len(kinds)))], rng, segments)
        segments.append(Segment(main, on_top))
    return Scenario(tuple(segments))


def _can_follow(segments: list[Segment]) -> list[str]:
    """Nobody walks from a chair without standing up, or lowers an arm that hangs."""
    if not segments:
        return list(KIND_WEIGHTS)
    last = segments[-1].main
    posture = _posture(segments)
    if posture:
        return ["stand", "wave", "raise"] if last.kind in LOW else ["stand"]
    barred = {"stand"}
    if last.kind not in GAITS:
        barred.add(last.kind)
    if last.kind != "raise":
        barred.add("lower")
    return [kind for kind in KIND_WEIGHTS if kind not in barred]


def _posture(segments: list[Segment]) -> str:
    posture = ""
    for segment in segments:
        posture = "" if segment.main.kind == "stand" else LOW.get(segment.main.kind, posture)
    return posture


def _draw_action(kind: str, rng: np.random.Generator, before: list[Segment]) -> Action:
    coin = rng.random() < 0.5
    hand, turn = ("left", "clockwise") if coin else ("right", "counterclockwise")
    limbs = "both" if rng.random() < 0.25 else hand
    count = int(rng.integers(1, 4))
    action = Action(kind, speed=SPEEDS[int(rng.choice(3, p=[0.27, 0.46, 0.27]))])
    if kind in GAITS:
        straight = "forward" if coin else "backward"
        return replace(action, direction=(straight, hand, turn)[int(rng.choice(3, p=[0.4, 0.27, 0.33]))])
    if kind == "climb":
        return replace(action, direction="up" if coin else "down")
    if kind == "turn":
        return replace(action, direction=hand, degrees=90 * int(rng.integers(1, 3)))
    if kind == "spin":
        return replace(action, direction=turn, degrees=360)
    if kind in ("kick", "punch"):
        return replace(action, side=hand, count=count)
    if kind in ("raise", "wave"):
        return replace(action, side=limbs)
    if kind == "lower":
        return replace(action, side=before[-1].main.side if before else limbs)
    if kind == "hop":
        return replace(action, side=limbs, count=count)
    if kind in ("squat", "jump"):
        return replace(action, count=min(count, 2) if kind == "squat" else count)
    if kind == "stand":
        return replace(action, posture=_posture(before) or ("seated" if coin else "crouched"))
    return action


def _opposite(scenario: Scenario) -> Scenario:
    def flipped(action: Action) -> Action:
        direction, side = (OPPOSITES.get(word, word) for word in (action.direction, action.side))
        return replace(action, direction=direction, side=side)

    return Scenario(tuple(segment.changed(flipped) for segment in scenario.segments))


def _seen(scenario: Scenario, rng: np.random.Generator) -> Scenario:
    """Held-out combinations broken up by another count, gait or speed, never by another side."""

    def allowed(action: Action) -> Action:
        while is_held_out(action):
            if action.kind == "kick":
                action = replace(action, count=int(rng.integers(1, 4)))
            elif action.kind in GAITS:
                action = replace(action, kind=GAITS[int(rng.integers(3))])
            else:
                action = replace(action, speed=SPEEDS[int(rng.integers(3))])
        return action

    return Scenario(tuple(segment.changed(allowed) for segment in scenario.segments))


def _with(scenario: Scenario, combination: Combination) -> Scenario | None:
    """`scenario` with its first action of the combination's kind made into it, where that is possible."""
    for number, segment in enumerate(scenario.segments):
        follower = scenario.segments[number + 1].main.kind if number + 1 < len(scenario.segments) else ""
        if segment.main.kind == combination.kind and follower != "lower":
            made = Segment(combination.imposed_on(segment.main), segment.on_top)
            return Scenario((*scenario.segments[:number], made, *scenario.segments[number + 1 :]))
    return None
