"""What tasks share whose motions may be aligned with their captions."""

from __future__ import annotations

from mate_hf.training.captioned_alignment import CaptionedAlignment
from mate_hf.training.task import Task


class AlignedTask(Task):
    """Tells the alignment, where there is one, which step it is, and holds a run to its module."""

    alignment: CaptionedAlignment | None

    def before_step(self, step: int) -> None:
        if self.alignment is not None:
            self.alignment.before_step(step)

    def depends_on(self) -> dict[str, str]:
        read = {} if self.alignment is None else {"alignment module": self.alignment.digest}
        return {**super().depends_on(), **read}
