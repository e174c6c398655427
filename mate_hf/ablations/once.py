"""What all runs of a corpus share: its evaluator and its VQ-VAE, each trained once, beside the arms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mate_hf.ablations.commands import claim, drop_what_continues, require_as_asked, train
from mate_hf.ablations.generators import Loop
from mate_hf.runs.folder import LOCK
from mate_hf.utils.locks import FOREVER, Lock

SEED = 0
RUN = "run"


@dataclass(frozen=True)
class Once:
    """A training that a corpus needs once.

    Attributes:
        part: of the plan, and folder beside the arms. command: that trains it. called: in words.
    """

    part: str
    command: str
    called: str


EVALUATOR = Once("evaluator", "train-evaluator", "evaluator")
VQ = Once("vq", "train-vq", "VQ-VAE")


def shared_by(loop: Loop) -> list[Once]:
    """Those that a plan asks for."""
    return [once for once in (EVALUATOR, VQ) if getattr(loop, once.part) is not None]


def trained_once(once: Once, loop: Loop, data: str, corpus: Path, which: str) -> Path:
    """The run that is shared, trained where it is not yet; waited for where another process trains it.

    Args:
        data: the corpus. corpus: folder of all its runs.

    Raises:
        MateError: it failed, or is another plan's.
    """
    folder, part = corpus / once.part, getattr(loop, once.part)
    own = {"data": data, "output_dir": folder / RUN, "seed": SEED}
    who = f"the {once.called} of {data}"
    # Another process may be at other arms of the plan (`--only`).
    lock = Lock(folder / LOCK, who)
    lock.take(wait=FOREVER)
    try:
        claim(folder, _asked(once, loop, data), f"the corpus's {once.called}")
        train(once.command, who, folder, Path(part.config), {**part.options, **own})
        drop_what_continues(folder / RUN, which)
    finally:
        lock.release()
    return folder / RUN


def require_same_once(loop: Loop, data: str, corpus: Path) -> None:
    """Refuse a corpus's folder that holds what another plan shared.

    Raises:
        MateError: it does.
    """
    for once in shared_by(loop):
        require_as_asked(corpus / once.part, _asked(once, loop, data), f"the corpus's {once.called}")


def _asked(once: Once, loop: Loop, data: str) -> dict[str, Any]:
    return {"settings": loop.asked()[once.part]["options"], "corpus": {"data": data}}
