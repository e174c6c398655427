"""Signals that ask for an end: an exception where nothing is in hand, put off to the end of the step where something is."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, NoReturn

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name))
"""Signals that ask a program to end and let it do so by itself."""

RAISED = tuple(number for number in ENDING if number != signal.SIGINT)
"""Those that Python makes no exception of."""

SAME = 1.0
"""Seconds in which a second signal is the first once more: `timeout` and terminals tell a process by itself and by its group."""

ENDS_WITH = "MATE_ENDS_WITH"
"""Environment variable: the process with which one that it started ends."""

_PR_SET_PDEATHSIG = 1


class Asked(BaseException):
    """Somebody sent a signal that asks for an end.

    Args:
        number: of the signal.
        line: what to say at the end; None for what is always said, nothing where it is empty.
    """

    def __init__(self, number: int, line: str | None = None) -> None:
        super().__init__(line or signal.Signals(number).name)
        self.number, self.line = number, line


class _Ask:
    """The handler that raises `Asked`."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._since: float | None = None

    def __call__(self, number: int, _: FrameType | None) -> None:
        if os.getpid() == self.process:
            now = time.monotonic()
            if self._since is None:
                self._since = now
                raise Asked(number)
            if now - self._since <= SAME:
                return
        # Whoever asks again wants it now. A process that was forked from here ends as it would have without this.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


@contextmanager
def signals_raised() -> Iterator[None]:
    """Turn signals that would end the process at once into `Asked`, so that what is open is cleared away.

    Handlers of others, and signals that are ignored (`nohup`), stay as they are.
    """
    is_main = threading.current_thread() is threading.main_thread()
    taken = [n for n in RAISED if is_main and signal.getsignal(n) == signal.SIG_DFL]
    ask = _Ask()
    for number in taken:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


class PutOff:
    """Signals that ask for an end are noted for the time of a `with` block, and answered by `end`; a second one is not put off.

    In a thread that is not the main one signals go their usual way.

    Attributes:
        number: of the signal that came; None where nobody asked.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._since = 0.0
        self._before: dict[int, Any] = {}
        self._process = os.getpid()

    def __enter__(self) -> PutOff:
        if threading.current_thread() is threading.main_thread():
            for number in ENDING:
                before = signal.getsignal(number)
                # None: a handler that is not Python's.
                if before not in (signal.SIG_IGN, None):
                    self._before[number] = before
                    signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._restore()

    def end(self, line: str) -> NoReturn:
        """End as the signal would have ended it, with a line."""
        assert self.number is not None
        self._end(self.number, line)

    def _note(self, number: int, _: FrameType | None) -> None:
        if os.getpid() != self._process:
            # A forked worker, which its parent ends; a terminal tells it, too.
            if number != signal.SIGINT:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)
        elif self.number is None:
            self.number, self._since = number, time.monotonic()
        elif time.monotonic() - self._since > SAME:
            self._end(number, None)

    def _end(self, number: int, line: str | None) -> NoReturn:
        before = self._before.get(number)
        self._restore()
        if before is signal.default_int_handler:
            raise KeyboardInterrupt(*([] if line is None else [line]))
        if not isinstance(before, _Ask):
            # The system's or somebody's own: nobody waits for an exception.
            signal.raise_signal(number)
        raise Asked(number, line)

    def _restore(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before = {}


@contextmanager
def undisturbed() -> Iterator[None]:
    """For what takes moments and must not be left half done: a signal that asks for an end is answered afterwards."""
    with PutOff() as signals:
        yield
    if signals.number is not None:
        signal.raise_signal(signals.number)


def end_with_parent() -> None:
    """Where whoever started this process asked for it (`ENDS_WITH`): get SIGTERM when that one is gone, however it ended.

    The process asks the kernel itself. A `preexec_fn` of the parent would do so, too, but may hang where threads run. Linux
    alone knows this; elsewhere a parent that is killed by SIGKILL leaves its children to their end.
    """
    parent = os.environ.pop(ENDS_WITH, None)
    if parent is None or sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if parent != str(os.getppid()):
        sys.exit(128 + signal.SIGTERM)


def watch_parent(sentinel: int) -> None:
    """End this worker of `multiprocessing` when its parent is gone; else one that waits for work would wait for ever."""
    from multiprocessing.connection import wait

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
