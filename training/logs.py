"""What a run says while it works: a bar on a terminal, one line a log interval elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from mate_hf.utils.terminal import terminal_of_bars


class RunLog:
    """Progress of `total` steps on the main process; silent on the others."""

    def __init__(self, total: int, done: int, shown: bool) -> None:
        self.console = terminal_of_bars(quiet=not shown)
        self.total, self.done = total, done
        self.started, self.start_step = time.monotonic(), done
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self.bar = Progress(*columns, console=self.console, disable=not shown or not sys.stderr.isatty())
        self.task = self.bar.add_task("training", total=total, completed=done, loss="-")

    def __enter__(self) -> RunLog:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.bar.stop()

    def starts_from(self, done: int) -> None:
        """So many steps were done before."""
        self.done = self.start_step = done
        self.bar.update(self.task, completed=done)

    def advance(self) -> None:
        """One more step is done."""
        self.done += 1
        self.bar.advance(self.task)

    def losses(self, values: dict[str, float]) -> None:
        """Show a log interval's mean losses."""
        self.bar.update(self.task, loss=f"{values['loss']:.4f}")
        if self.bar.disable:
            parts = "  ".join(f"{name} {value:.4f}" for name, value in values.items())
            self.say(f"step {self.done}/{self.total}  {parts}  eta {self._eta()}")

    def say(self, line: str) -> None:
        """A line of its own, above the bar."""
        self.console.print(line, soft_wrap=True)

    def _eta(self) -> str:
        rate = (time.monotonic() - self.started) / max(self.done - self.start_step, 1)
        seconds = int(rate * (self.total - self.done))
        return f"{seconds // 3600:d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
