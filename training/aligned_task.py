"""What tasks share whose motions may be aligned with their captions."""

from __future__ import annotations

from collections.abc import Sequence

from mate_hf.training.alignment_arguments import AlignmentArguments
from mate_hf.training.captioned_alignment import CaptionedAlignment
from mate_hf.training.task import Task


class AlignedTask(Task):
    """Tells the alignment, where there is one, which step it is, and holds a run to its module."""

    alignment_settings: AlignmentArguments
    alignment: CaptionedAlignment | None

    def before_step(self, step: int) -> None:
        if self.alignment is not None:
            self.alignment.before_step(step)

    def alignment_said(self) -> Sequence[str]:
        """A line for `describe`, where there is something to say."""
        settings = self.alignment_settings
        if self.alignment is not None:
            steps = (
                f"one step of {settings.alignment_every}" if settings.alignment_every > 1 else "every step"
            )
            return [
                f"aligned with captions ({settings.alignment}) by {settings.alignment_module}, in {steps}."
            ]
        if settings.alignment_module is not None:
            return [
                f"not aligned with captions: --alignment is none, and {settings.alignment_module} is not read."
            ]
        return []

    def depends_on(self) -> dict[str, str]:
        read = {} if self.alignment is None else self.alignment.digests
        return {**super().depends_on(), **read}
