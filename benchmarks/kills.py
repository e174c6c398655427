"""Commands that are killed (SIGKILL) and called again: do they end as if nobody had killed them?

python -m benchmarks.kills [--kills 1] [--seed 0] [--only train-vq] [--out build/kills]

Each command runs once undisturbed and is then killed, at a random moment and just before a random one of the calls by which it makes,
renames or removes files (so that every window between a temporary name and the real one is aimed at), and called again as
`mate ablate` would: `--resume last` where there is a checkpoint. Compared are all files, less times and what names the call. What
stands under its final name after a kill must be whole, and nothing hidden or temporary may be left when the second call is done. `push`
and `pull` speak with a stand-in for the Hub on loopback, where a repository must be as it will be, or empty. Linux.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.kills_commands import Killed, commands, tiny_encoder
from benchmarks.kills_compared import compared, half_written, hidden, temporary
from tests.hub.hub_server import Hub, hub_server

CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "open")
"""Audit events of calls that change what stands on disk."""

PATIENCE = 600.0
MATE = "mate"


def in_a_child(work: Callable[[], object], log: Path, kill_after: float | None = None) -> int:
    """Do it in a fork of this process, which has imported everything; its status, -9 where it was killed."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.setsid()
            into = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(into, 1)
            os.dup2(into, 2)
            work()
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    started = time.monotonic()
    while True:
        gone, status = os.waitpid(pid, os.WNOHANG)
        if gone:
            return os.waitstatus_to_exitcode(status)
        spent = time.monotonic() - started
        if spent > (PATIENCE if kill_after is None else kill_after):
            os.killpg(pid, signal.SIGKILL)
            kill_after = None if kill_after is None else PATIENCE
        time.sleep(0.002)


def watched(root: Path, count: list[int], kill_at: int | None) -> Callable[[str, tuple[object, ...]], None]:
    """A hook that counts changes under `root`, and kills its process just before one of them."""
    me, under = os.getpid(), str(root)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if (
            event not in CHANGES
            or os.getpid() != me
            or not isinstance(arguments[0], (str, bytes, os.PathLike))
        ):
            return
        if event == "open" and not isinstance(arguments[1], str):
            return
        if event == "open" and not set(str(arguments[1])) & set("wax+"):
            return
        if not os.fsdecode(arguments[0]).startswith(under):
            return
        count[0] += 1
        if count[0] == kill_at:
            os.kill(me, signal.SIGKILL)

    return watch


def call(command: Killed, log: Path, more: Sequence[str] = (), kill_at: int | None = None) -> None:
    """The command, as the shell would run it; in a child."""
    count = [0]
    sys.addaudithook(watched(command.out.parent, count, kill_at))
    words = [command.name, *command.words, *more]
    sys.argv = [MATE, *words]
    try:
        if command.trains:
            import_module(f"mate_hf.training.{command.name.replace('-', '_')}").main(words[1:])
        else:
            from mate_hf.cli import app

            app(words)
    finally:
        log.with_suffix(".count").write_text(str(count[0]))


def ways_on(command: Killed) -> list[str]:
    """What a second call is told."""
    if not command.trains:
        return ["--overwrite"] if command.out.exists() and command.repository is None else []
    from mate_hf.runs.folder import RunFolder
    from mate_hf.training.checkpoints import saved_checkpoints

    return ["--resume", "last"] if saved_checkpoints(RunFolder(command.out)) else ["--overwrite", "true"]


def try_kills(command: Killed, hub: Hub, logs: Path, kills: int, draw: random.Random) -> list[str]:
    """Kill a command so often in each way; what went wrong, a line each."""
    log = logs / f"{command.title}.log"
    started = time.monotonic()
    if in_a_child(lambda: call(command, log), log):
        return [f"{command.title}: failed undisturbed, see {log}"]
    seconds, changes = time.monotonic() - started, int(log.with_suffix(".count").read_text())
    command.fetch(hub)
    whole = command.out.with_name(f"{command.out.name}_whole")
    shutil.rmtree(whole, ignore_errors=True)
    shutil.copytree(command.out, whole)
    if kills:
        _remove(command, hub)
    print(f"{command.title}: {seconds:.1f} s, {changes} changes on disk", flush=True)
    wrong = []
    for number in range(2 * kills):
        at = draw.randint(1, changes) if number % 2 else None
        after = None if number % 2 else draw.uniform(0.05, 0.95) * seconds
        aim = f"{command.title}, killed " + (
            f"after {after:.2f} s" if after else f"before change {at} of {changes}"
        )
        status = in_a_child(lambda at=at: call(command, log, kill_at=at), log, after)  # type: ignore[misc]
        command.fetch(hub)
        found = [f"{part} is half written" for part in half_written(command.out)]
        if command.repository is not None and any(command.out.iterdir()):
            found += [f"the repository is half written: {line}" for line in compared(whole, command.out)]
        ways = ways_on(command)
        if in_a_child(lambda ways=ways: call(command, log, ways), log):  # type: ignore[misc]
            found.append(f"the second call {ways} failed, see {log}")
        else:
            command.fetch(hub)
            found += compared(whole, command.out)
            left = [*hidden(command.out.parent), *temporary(command.out.parent)]
            found += [f"{part} is left" for part in left]
        print(
            f"  {aim}: {'killed' if status == -9 else f'status {status}'}, {ways}: {found or 'as undisturbed'}",
            flush=True,
        )
        wrong += [f"{aim}: {line}" for line in found]
        if number < 2 * kills - 1:
            _remove(command, hub)
    shutil.rmtree(whole)
    return wrong


def _remove(command: Killed, hub: Hub) -> None:
    """As if it had never been called."""
    around = command.out.parent
    for part in [command.out, *command.caches, *hidden(around), *temporary(around)]:
        shutil.rmtree(part, ignore_errors=True)
    if command.repository is not None:
        hub.repositories.pop(command.repository, None)


def main(
    kills: Annotated[int, typer.Option(help="Kills of each kind, a command.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Commands to kill; others run once.")] = None,
    out: Annotated[Path, typer.Option(help="Folder to work in; what it holds is done again.")] = Path(
        "build/kills"
    ),
    text_encoder: Annotated[str, typer.Option(help="Of the trainings; by default a tiny one.")] = "",
    clips: Annotated[int, typer.Option(help="Of the corpus.")] = 60,
) -> None:
    """Kill the commands, and exit with 1 where one did not end as if undisturbed."""
    wrong = kill_all(out.resolve(), text_encoder, clips, kills, seed, only or ())
    print("\n".join(wrong) or "every run ended as undisturbed")
    raise typer.Exit(bool(wrong))


def kill_all(
    root: Path,
    text_encoder: str,
    clips: int,
    kills: int,
    seed: int,
    only: Sequence[str] = (),
    names: Sequence[str] = (),
) -> list[str]:
    """What went wrong, a line each; `names`: commands that run at all, if not every one."""
    shutil.rmtree(root, ignore_errors=True)
    for name in ("logs", "tmp"):
        (root / name).mkdir(parents=True)
    draw, wrong = random.Random(seed), []
    with hub_server() as hub:
        # Before the libraries are imported, which read them once.
        os.environ.update(
            HF_ENDPOINT=hub.endpoint,
            HF_HOME=str(root / "hf"),
            HF_HUB_DISABLE_XET="1",
            HF_HUB_OFFLINE="0",
            HF_TOKEN="hf_loopback",
            TMPDIR=str(root / "tmp"),
        )
        import mate_hf.cli
        import mate_hf.training.entry  # noqa: F401

        for command in commands(root, text_encoder or tiny_encoder(root), clips):
            if names and command.title not in names:
                continue
            count = kills if not only or command.title in only else 0
            wrong += try_kills(command, hub, root / "logs", count, draw)
            if not command.out.exists():
                break
    return wrong


if __name__ == "__main__":
    typer.run(main)
