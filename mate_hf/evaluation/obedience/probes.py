"""What can be asked of a body: the table of probes, each a signed number with the least that is no mere noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import ground, limbs, repetitions
from mate_hf.evaluation.obedience.activities import ACTIVITIES
from mate_hf.evaluation.obedience.seen_body import SeenBody, see

SIGN, PAIR, NUMBER = "sign", "pair", "number"
"""How a probe is judged: by the sign of its value; by the sign of the difference to the counterpart's value, generated from
the same noise; by a value that is the number asked for."""


@dataclass(frozen=True)
class Probe:
    """One question.

    Attributes:
        measure: body, and the activities that it asks about, -> a number.
        judged: `SIGN`, `PAIR` or `NUMBER`.
        least: by how much a value, or a difference of values, has to be above 0 or below.
        activities: how many names of `ACTIVITIES` it asks about.
        unit: of the value.
    """

    measure: Callable[..., float]
    judged: str
    least: float
    activities: int
    unit: str

    def obeyed(self, expected: int, value: float, other: float = 0.0) -> bool:
        """Whether a body did as it was told.

        Args:
            expected: the sign, 1 or -1, or the number.
            value: what the body did.
            other: for a pair, what the counterpart's body did.
        """
        if self.judged == NUMBER:
            return value == expected
        return expected * (value - (other if self.judged == PAIR else 0.0)) > self.least


PROBES: dict[str, Probe] = {
    "turn": Probe(ground.turn, SIGN, 0.35, 0, "rad to the left"),
    "forward": Probe(ground.forward, SIGN, 0.2, 0, "m forward"),
    "sideways": Probe(ground.sideways, SIGN, 0.2, 0, "m to the left"),
    "arm": Probe(limbs.arm, SIGN, 0.05, 0, "m that the left wrist ranges farther"),
    "kick": Probe(limbs.kick, SIGN, 0.05, 0, "m that the left ankle ranges farther"),
    "hop": Probe(limbs.hop, SIGN, 0.02, 0, "m that the right ankle is higher"),
    "rise": Probe(ground.rise, SIGN, 0.1, 0, "m that the root ends higher"),
    "leap": Probe(ground.leap, SIGN, 0.0, 0, "m of the feet above a step's height"),
    "speed": Probe(ground.speed, PAIR, 0.0, 0, "m/s of the mean joint"),
    "count": Probe(repetitions.count, NUMBER, 0.0, 1, "repetitions"),
    "order": Probe(repetitions.order, SIGN, 0.0, 2, "s that the first comes before the second"),
}
"""Left, forward, up, first and fast are above 0, of a turn the left and counterclockwise one."""


def measure(probe: str, joints: NDArray[Any], fps: float, of: tuple[str, ...] = ()) -> float:
    """What a body did, as the signed number of one probe.

    Args:
        probe: a name of `PROBES`.
        joints: (T, 22, 3) or (T, 21, 3), metres, y up.
        fps: frames per second.
        of: the activities that `count` (one) and `order` (two) ask about, names of `ACTIVITIES`.

    Raises:
        MateError: an unknown probe or activity, or joints that `see` refuses.
    """
    if probe not in PROBES:
        raise MateError(f"probe: {probe!r}; expected one of {', '.join(PROBES)}.")
    require_activities(probe, of, "of")
    return measured(probe, see(joints, fps), of)


def measured(probe: str, body: SeenBody, of: tuple[str, ...] = ()) -> float:
    """`measure` of a body that was seen already, where names are known to be right."""
    return PROBES[probe].measure(body, *of)


def require_activities(probe: str, of: tuple[str, ...], where: str) -> None:
    """Refuse a wrong number of activities, or an unknown one.

    Raises:
        MateError: beginning with `where`.
    """
    wanted = PROBES[probe].activities
    if len(of) != wanted:
        raise MateError(f"{where}: {len(of)} activities; the probe {probe} asks about {wanted}.")
    for name in of:
        if name not in ACTIVITIES:
            raise MateError(f"{where}: {name!r}; expected one of {', '.join(ACTIVITIES)}.")
