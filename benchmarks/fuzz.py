"""Damaged and hostile files for every reader: is each read or refused with a sentence, soon, in little memory, and nothing obeyed?

nice -n 10 python -m benchmarks.fuzz [--cases 10000] [--seed 0] [--only npy] [--out build/fuzz] [--case 17]

Each case copies a small whole sample, damages one of its files (bits, cuts, insertions, numbers, texts, values of another kind, heads that
lie, whole files of another kind, no file, a link, a folder) and opens it. Allowed are an answer and a `MateError`. What else may come:

    foreign    another exception, which a user would see as a traceback
    hang       more than LIMIT seconds of the processor, or five times as many of waiting
    memory     more than ROOM bytes for files of a few kilobytes
    crash      the process is gone
    obeyed     a program was started, an address asked, or a path outside of the case's folder written or read
    shown      an error that is longer than a screen, or a control character that reaches the terminal

The same seed gives the same cases. `--case N` does one again and shows its traceback. Linux.
"""

from __future__ import annotations

import ctypes
import gc
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from benchmarks.fuzz_reader import Reader

LIMIT = 10.0
"""Seconds of the processor that a case may take, and a fifth of those in which it must end; a whole corpus takes one."""

ROOM = 2**29
"""Bytes by which the process may grow in one case."""

ADDRESSES = 2**32
"""Bytes of addresses that it may ask for in all its cases: a promise of 10^12 numbers is far more."""

LONGEST = 3000
"""Characters of an error."""

BATCH = 250
"""Cases a process."""

GOOD = ("read", "refused")
RUNS = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "subprocess.Popen")
ASKS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")
CHANGES = (
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
    "shutil.rmtree",
)
SECRET = "secret"


class TooSlowError(BaseException):
    """A case that takes longer than any may."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    case: int
    reader: str
    damage: str
    outcome: str
    said: str = ""


class Watch:
    """Notes what is obeyed while a case is open: an audit hook, which stays for the life of the process."""

    def __init__(self, inside: Sequence[Path]) -> None:
        self.inside = tuple(str(path) for path in inside)
        self.met: list[str] = []
        self.on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event in RUNS or event in ASKS:
            self.met.append(f"{event} {given!r:.200}")
        elif event in CHANGES or event == "open":
            path = given[0]
            if not isinstance(path, (str, bytes, os.PathLike)):
                return
            if event in ("os.remove", "os.rmdir") and given[-1] != -1:
                # Of a folder that is removed whole, by its descriptor.
                return
            name = os.path.abspath(os.fsdecode(path))
            if os.path.basename(name).startswith(SECRET) and os.path.exists(name):
                self.met.append(f"{event} {name}")
            if name.startswith(self.inside) or name.startswith(("/dev/null", "/proc")):
                return
            writes = event != "open" or bool(set(str(given[1] or "")) & set("wax+"))
            if writes or name == "/etc/passwd":
                self.met.append(f"{event} {name}")


def fuzz_all(
    root: Path, cases: Iterable[int], seed: int = 0, only: Sequence[str] = (), raises: bool = False
) -> Iterator[Outcome]:
    """Open damaged samples in processes of their own, one outcome a case.

    Args:
        root: folder to work in; what it holds is done again.
        cases: their numbers; each stands for the same damage wherever it is done.
        only: readers, by the start of their names.
        raises: in this process, with the traceback of what was met.
    """
    os.environ.update(
        HF_HUB_OFFLINE="1",
        TOKENIZERS_PARALLELISM="false",
        HF_HOME=str(root / "hf"),
        MATE_CACHE=str(root / "cache"),
    )
    shutil.rmtree(root, ignore_errors=True)
    (root / "tmp").mkdir(parents=True)
    os.environ["TMPDIR"] = str(root / "tmp")
    from benchmarks.fuzz_readers import READERS

    chosen = {name: reader for name, reader in READERS.items() if not only or name.startswith(tuple(only))}
    samples = root / "samples"
    with quiet():
        for name, reader in chosen.items():
            folder = samples / name.replace("'", "").replace(" ", "-") / "sample"
            folder.mkdir(parents=True)
            reader.make(folder)
            # What is whole is read, or nothing of the rest means anything.
            copied = _copied(samples, name, root / "work")
            reader.open(copied)
    waiting = list(cases)
    if raises:
        for case in waiting:
            yield _one(case, seed, chosen, root, Watch([root]), raises=True)
        return
    while waiting:
        batch = waiting[:BATCH]
        done = list(_in_a_child(batch, seed, chosen, root))
        yield from done
        waiting = waiting[len(done) :]


def _copied(samples: Path, name: str, work: Path) -> Path:
    shutil.rmtree(work, ignore_errors=True)
    place = work / "a" / "b" / "case"
    place.parent.mkdir(parents=True)
    for above in (place.parent, place.parent.parent, work):
        for ending in ("", ".npy", ".txt"):
            (above / f"{SECRET}{ending}").write_text(SECRET)
    shutil.copytree(samples / name.replace("'", "").replace(" ", "-") / "sample", place, symlinks=True)
    return place


def _in_a_child(batch: Sequence[int], seed: int, readers: dict[str, Reader], root: Path) -> Iterator[Outcome]:
    """The outcomes of a batch, as far as the process came; of the case that ended it, too."""
    log = root / "outcomes.jsonl"
    log.write_text("")
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            _limit_memory()
            watch = Watch([root])
            with log.open("a", encoding="utf-8", buffering=1) as told, quiet():
                for case in batch:
                    told.write(json.dumps(_one(case, seed, readers, root, watch).__dict__) + "\n")
            code = 0
        finally:
            os._exit(code)
    status: int | None = None
    since, size = time.monotonic(), 0
    while status is None:
        time.sleep(0.02)
        gone, ended = os.waitpid(pid, os.WNOHANG)
        if gone:
            status = os.waitstatus_to_exitcode(ended)
        elif log.stat().st_size > size:
            since, size = time.monotonic(), log.stat().st_size
        elif time.monotonic() - since > 5 * LIMIT:
            # What does not listen to a signal.
            os.killpg(pid, signal.SIGKILL)
    done = [
        Outcome(**json.loads(line))
        for line in log.read_text(encoding="utf-8").splitlines()
        if line.endswith("}")
    ]
    yield from done
    if len(done) < len(batch):
        case = batch[len(done)]
        reader, _ = _drawn(case, seed, readers)
        what = "hang" if status == -signal.SIGKILL else "crash"
        yield Outcome(case, reader, "", what, f"the process ended with {status}")


def _drawn(case: int, seed: int, readers: dict[str, Reader]) -> tuple[str, random.Random]:
    draw = random.Random(f"{seed} {case}")
    [name] = draw.choices(list(readers), [reader.share for reader in readers.values()])
    return name, draw


def _one(
    case: int, seed: int, readers: dict[str, Reader], root: Path, watch: Watch, raises: bool = False
) -> Outcome:
    from benchmarks.fuzz_damage import damage
    from benchmarks.fuzz_reader import DangerError
    from mate_hf.errors import MateError

    name, draw = _drawn(case, seed, readers)
    folder = _copied(root / "samples", name, root / "work")
    file = draw.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
    what = f"{file.relative_to(folder)}: {damage(file, draw)}"
    if name.startswith("checkpoints") and draw.random() < 0.5:
        _seal_again(folder)
    before = _peak(anew=True)
    watch.met.clear()
    said, found = "", "read"
    signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    watch.on = True
    try:
        readers[name].open(folder)
    except MateError as error:
        found, said = "refused", str(error)
    except TooSlowError:
        found, said = "hang", _last_line()
    except DangerError as error:
        found, said = "obeyed", str(error)
    except MemoryError as error:
        found, said = "memory", str(error) or _last_line()
    except Exception as error:
        found, said = "foreign", f"{type(error).__name__}: {error} ({_last_line()})"
        if raises:
            traceback.print_exc(file=sys.__stderr__)
    finally:
        watch.on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
    if watch.met:
        found, said = "obeyed", "; ".join(watch.met[:3])
    elif found in GOOD and _peak() - before > ROOM:
        found, said = "memory", f"grew beyond {ROOM >> 20} MB"
    elif found == "refused" and (odd := _odd(said)):
        found, said = "shown", f"{odd}: {said[:200]}"
    return Outcome(case, name, what, found, said[:1000])


def _odd(said: str) -> str:
    """What is wrong with an error as a terminal shows it."""
    from mate_hf.errors import MateError
    from mate_hf.utils.terminal import say_error

    shown = io.StringIO()
    with redirect_stderr(shown):
        say_error(MateError(said))
    if len(said) > LONGEST:
        return f"{len(said)} characters"
    return next(
        (
            f"character {ord(c):#x}"
            for c in shown.getvalue()
            if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)
        ),
        "",
    )


def _seal_again(folder: Path) -> None:
    """Whoever damages a checkpoint on purpose sees to its checksums."""
    from mate_hf.training.checkpoint_files import WHOLE, seal

    for place in (folder / "checkpoints").iterdir():
        if all(file.is_file() and not file.is_symlink() for file in place.iterdir()):
            (place / WHOLE).unlink(missing_ok=True)
            seal(place)


def _too_slow(_: int, __: FrameType | None) -> NoReturn:
    raise TooSlowError


def _last_line() -> str:
    """Where in our code the error was met."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    ours = [frame for frame in frames if "/mate_hf/" in frame.filename or "/training/" in frame.filename]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def _peak(anew: bool = False) -> int:
    """Bytes that the process has held at most; since now where asked."""
    if anew:
        # Or what was freed and is still held would be filled without growing.
        _give_back_free_memory()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def _give_back_free_memory() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _limit_memory() -> None:
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + ADDRESSES, resource.RLIM_INFINITY))


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing of what libraries say on the way."""
    import torch
    from transformers.utils import logging

    torch.set_num_threads(1)
    logging.disable_progress_bar()
    nothing = io.StringIO()
    with warnings.catch_warnings(), redirect_stdout(nothing), redirect_stderr(nothing):
        warnings.simplefilter("ignore")
        yield
    gc.collect()


def table(outcomes: Sequence[Outcome]) -> str:
    """Counts by reader and outcome."""
    kinds = [*GOOD, *sorted({one.outcome for one in outcomes} - set(GOOD))]
    counts = Counter((one.reader, one.outcome) for one in outcomes)
    rows = [f"{'reader':32}" + "".join(f"{kind:>9}" for kind in kinds)]
    rows += [
        f"{name:32}" + "".join(f"{counts[name, kind]:9}" for kind in kinds)
        for name in sorted({one.reader for one in outcomes})
    ]
    total = Counter(one.outcome for one in outcomes)
    return "\n".join([*rows, f"{f'all {len(outcomes)}':32}" + "".join(f"{total[kind]:9}" for kind in kinds)])


def main(
    cases: Annotated[int, typer.Option(help="How many.", min=1)] = 10_000,
    seed: Annotated[int, typer.Option(help="Of the damages.")] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Readers, by the start of their names.")] = None,
    out: Annotated[Path, typer.Option(help="Folder to work in; what it holds is done again.")] = Path(
        "build/fuzz"
    ),
    case: Annotated[int | None, typer.Option(help="Do this one alone, in this process.")] = None,
) -> None:
    """Damage samples and open them; exit with 1 where something else than an answer or an error of ours came."""
    started = time.monotonic()
    outcomes: list[Outcome] = []
    numbers = range(cases) if case is None else [case]
    for one in fuzz_all(out.resolve(), numbers, seed, only or (), raises=case is not None):
        outcomes.append(one)
        if one.outcome not in GOOD or case is not None:
            print(
                f"case {one.case}, {one.reader}, {one.damage}: {one.outcome}: {one.said[:400]!r}", flush=True
            )
    print(table(outcomes))
    print(f"{time.monotonic() - started:.0f} s, seed {seed}")
    raise typer.Exit(any(one.outcome not in GOOD for one in outcomes))


if __name__ == "__main__":
    typer.run(main)
