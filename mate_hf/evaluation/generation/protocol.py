"""How often and over what the field measures, and where its repositories do otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from mate_hf.errors import MateError


@dataclass(frozen=True)
class Protocol:
    """How a repository repeats its measurement.

    Attributes:
        repeats: measurements that an interval is over.
        samples: generated motions that a repeat takes, drawn at random; None is all.
        keep_last: count the last batch of fewer than 32 pairs in R-Precision and MM-Dist.
    """

    repeats: int = 20
    samples: int | None = None
    keep_last: bool = False


PROTOCOLS = {
    "guo": Protocol(),
    "mdm": Protocol(samples=1000),
    "motiondiffuse": Protocol(repeats=1),
    "remodiffuse": Protocol(keep_last=True),
}
"""`guo` is the standard. MDM measures 1,000 generated motions a repeat, MotionDiffuse measures once, ReMoDiffuse keeps the
last, smaller batch."""


def protocol_named(name: str) -> Protocol:
    """A protocol by its name.

    Raises:
        MateError: an unknown name.
    """
    if name not in PROTOCOLS:
        raise MateError(f"protocol: {name!r}; expected one of {', '.join(PROTOCOLS)}.")
    return PROTOCOLS[name]
