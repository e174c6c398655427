"""Commands of `mate`, one after another in one process, each done once."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from mate_hf.cli import app
from mate_hf.runs.folder import RunFolder
from mate_hf.utils.files import write_json
from mate_hf.utils.json_files import read_json, require_fields
from mate_hf.utils.results import QUICKSTART, results_of
from mate_hf.utils.terminal import Terminal

LEDGER = "stages.json"
"""What was done in a folder, so that a quickstart that was broken off goes on."""

RESULTS = "results.json"
"""Of the quickstart."""

TRAININGS = {name: name.replace("-", "_") for name in ("train", "train-retrieval", "train-generator")}

REMEDY = "Remove it: every stage is then done again."

console = Terminal()


@dataclass
class Stage:
    """A command as it was run: paths in the quickstart's folder are seen from there, others by their last name.

    Attributes:
        command: its words.
        seconds: that it took, from where it went on last; None where it was broken off.
    """

    command: list[str]
    seconds: float | None = None


class Stages:
    """Runs `mate` commands one after another in this process, for another takes seconds to import torch.

    Args:
        root: folder in which all of them write.
        count: of stages, to say how far it is.
        resume: leave out what is done, and go on with a training that was broken off.

    Attributes:
        seconds: that each took, by its name.
        made: what was written anew, and not left from before.

    Raises:
        MateError: the ledger is damaged.
    """

    def __init__(self, root: Path, count: int, resume: bool = False) -> None:
        self.root, self.count, self.resume = root, count, resume
        self.seconds: dict[str, float] = {}
        self.made: list[Path] = []
        self.met = 0
        self.ledger = _read(root / LEDGER) if resume else {}
        # Of a quickstart that kept no ledger its results say that all of it was done.
        self.adopted = _seconds(root / RESULTS) if resume and not (root / LEDGER).exists() else {}

    def run(self, name: str, purpose: str, *arguments: object, makes: Path) -> bool:
        """Say what a command is for, print it, run it. A failure ends the quickstart with its exit code.

        Args:
            makes: the file or folder that stands there when it is done. What reads it is done again where it is made anew.

        Returns:
            Whether it was run, and not done already.
        """
        words = [str(argument) for argument in arguments]
        asked = Stage([self._settled(argument) for argument in arguments])
        self.met += 1
        console.print(f"\n{self.met}/{self.count}  {purpose}", style="bold")
        before = self._left_of(name, asked, arguments, makes)
        if before is not None and before.seconds is not None and _stands(makes, words[0]):
            console.print(f"done already: {makes}", style="dim")
            self.seconds[name] = before.seconds
            self._record(name, before)
            return False
        if words[0] in TRAININGS:
            words += ["--resume", "last"] if before is not None and _begun(makes) else ["--overwrite", "true"]
        self._record(name, asked)
        console.print(f"$ mate {shlex.join(words)}", style="dim")
        started = time.monotonic()
        code = _mate(words)
        if code:
            sys.exit(code)
        self.made.append(makes)
        self.seconds[name] = asked.seconds = time.monotonic() - started
        self._record(name, asked)
        return True

    def _left_of(self, name: str, asked: Stage, arguments: Sequence[object], makes: Path) -> Stage | None:
        """What an earlier call left of this stage, where that is still of use."""
        adopted = self.adopted.get(name)
        before = self.ledger.get(name) if adopted is None else Stage(asked.command, adopted)
        reads = [part for part in arguments if isinstance(part, Path) and part != makes]
        if before is None or before.command != asked.command:
            return None
        return None if any(read.is_relative_to(made) for read in reads for made in self.made) else before

    def _settled(self, argument: object) -> str:
        if not isinstance(argument, Path):
            return str(argument)
        return str(argument.relative_to(self.root)) if argument.is_relative_to(self.root) else argument.name

    def _record(self, name: str, stage: Stage) -> None:
        self.ledger[name] = stage
        self.root.mkdir(parents=True, exist_ok=True)
        write_json(self.root / LEDGER, {name: asdict(stage) for name, stage in self.ledger.items()})


def _read(path: Path) -> dict[str, Stage]:
    if not path.is_file():
        return {}
    found = {}
    for name, entry in read_json(path, dict, REMEDY).items():
        stage = entry if isinstance(entry, dict) else {}
        require_fields(stage, f"{path}: stage {name}", {"command": list}, REMEDY)
        seconds = stage.get("seconds")
        found[name] = Stage(stage["command"], seconds if isinstance(seconds, float) else None)
    return found


def _seconds(results: Path) -> dict[str, float]:
    if results_of(results) != QUICKSTART:
        return {}
    seconds = read_json(results, dict, REMEDY)["seconds"]
    return {str(name): float(value) for name, value in seconds.items() if isinstance(value, (int, float))}


def _stands(makes: Path, command: str) -> bool:
    return RunFolder(makes).is_finished if command in TRAININGS else makes.exists()


def _begun(makes: Path) -> bool:
    from mate_hf.training.checkpoints import saved_checkpoints

    return bool(saved_checkpoints(RunFolder(makes)))


def _mate(words: Sequence[str]) -> int:
    """One command, as the shell would run it; its exit code."""
    if words[0] in TRAININGS:
        # What accelerate's launcher would start; on CPUs it starts one process.
        module = import_module(f"mate_hf.training.{TRAININGS[words[0]]}")
        sys.argv = [str(module.__file__), *words[1:]]
        module.main(words[1:])
        return 0
    sys.argv = ["mate", *words]
    try:
        app(list(words))
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
