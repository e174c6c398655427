"""Every arm on every corpus with every seed: what is done is skipped, what was broken off goes on."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from mate_hf.ablations.plan import Flags, Plan, Source
from mate_hf.errors import MateError
from mate_hf.runs.folder import CHECKPOINTS, MODELS, RunFolder
from mate_hf.training.checkpoints import saved_checkpoints
from mate_hf.training.parsing import as_flags
from mate_hf.utils.files import write_json
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.json_files import brief, read_json, require_fields
from mate_hf.utils.yaml_files import read_yaml, require_settings

RESULTS = ("retrieval.json", "words.json")
ASKED = "asked.json"
"""What a folder's run was asked to be, so that results of another plan are never taken for it."""


@dataclass(frozen=True)
class Run:
    """One training, in `folder`/run, and its evaluations, in `folder`."""

    corpus: str
    source: Source
    arm: str
    seed: int
    flags: Flags
    folder: Path

    @property
    def trained(self) -> Path:
        """The run folder of train.py."""
        return self.folder / "run"

    @property
    def done(self) -> bool:
        """Whether it was evaluated."""
        return all((self.folder / name).is_file() for name in RESULTS)


def runs_of(plan: Plan, out: Path) -> Iterator[Run]:
    """All runs of a plan, seed by seed, so that a plan that is broken off leaves whole comparisons."""
    for seed in plan.seeds:
        for corpus, source in plan.corpora.items():
            for arm, own in plan.arms.items():
                flags = {**plan.options, **source.options, **own}
                folder = inside(inside(out, corpus), slug(arm))
                yield Run(corpus, source, arm, seed, flags, folder / str(seed))


def slug(name: str) -> str:
    """A folder's name for an arm."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-").lower()


def planned_runs(plan: Plan, out: Path, only: Sequence[str] = ()) -> list[Run]:
    """The runs to do, done ones among them.

    Args:
        out: folder of folders, corpus/arm/seed.
        only: arms to run; all if empty.

    Raises:
        MateError: an arm of `only` that the plan lacks, a name that leads out of `out`, two runs of one folder, or a folder that
            holds a run of other settings.
    """
    unknown = [name for name in only if name not in plan.arms]
    if unknown:
        raise MateError(f"no arm {', '.join(unknown)}. Arms: {', '.join(plan.arms)}.")
    if len({slug(name) for name in plan.arms}) < len(plan.arms):
        raise MateError("two arms have names that differ in punctuation alone; they would share a folder.")
    every = list(runs_of(plan, out))
    _require_apart(every)
    runs = [run for run in every if not only or run.arm in only]
    for run in runs:
        _require_same(plan, run)
    return runs


def _require_apart(runs: Sequence[Run]) -> None:
    """No run in another's folder, nor in one of the folders in it."""
    taken: dict[Path, Run] = {}
    for run in sorted(runs, key=lambda run: len(run.folder.parts)):
        for place in (run.folder, *run.folder.parents):
            if place in taken:
                other = taken[place]
                raise MateError(
                    f"corpora {other.corpus!r} and {run.corpus!r}: their runs would share {place}. Rename one of them."
                )
        taken[run.folder] = run


def complete_runs(plan: Plan, runs: Sequence[Run], console: Console) -> None:
    """Train and evaluate what is not done yet.

    Raises:
        MateError: a run that fails; those before it stay done.
    """
    waiting = [run for run in runs if not run.done]
    console.print(f"{len(runs)} runs, {len(runs) - len(waiting)} done")
    started = time.monotonic()
    for number, run in enumerate(waiting, 1):
        _complete(plan, run)
        left = (time.monotonic() - started) / number * (len(waiting) - number)
        console.print(
            f"{number}/{len(waiting)} {run.corpus}, {run.arm}, seed {run.seed}: done; about {left / 60:.0f} min left"
        )


def _complete(plan: Plan, run: Run) -> None:
    # Made with its folder.
    write_json(run.folder / ASKED, _asked(plan, run))
    trained = RunFolder(run.trained)
    if not trained.is_finished:
        own = ["--data", run.source.data, "--output_dir", str(run.trained), "--seed", str(run.seed)]
        begun = bool(saved_checkpoints(trained))
        again = ["--resume", "last"] if begun else ["--overwrite", "true"]
        _mate(run, "train", "--config", str(plan.config), *as_flags(run.flags), *own, *again)
    evaluate = ["--data", run.source.data, "--split", plan.split, "--which", plan.which]
    likeness = ["--sentence-encoder", run.source.sentence_encoder] if run.source.sentence_encoder else []
    truth = ["--truth", run.source.truth] if run.source.truth else []
    retrieval, words = (str(run.folder / name) for name in RESULTS)
    _mate(run, "evaluate", "retrieval", str(run.trained), *evaluate, *likeness, "--out", retrieval)
    _mate(run, "evaluate", "words", str(run.trained), *evaluate, *truth, "--out", words)
    # The weights that were evaluated stay; what only a continuation would need takes four times their room.
    for part in (CHECKPOINTS, *(model for model in MODELS if model != plan.which)):
        shutil.rmtree(run.trained / part, ignore_errors=True)


def _asked(plan: Plan, run: Run) -> dict[str, Any]:
    return {
        "settings": {**require_settings(read_yaml(plan.config), str(plan.config)), **run.flags},
        "corpus": asdict(run.source),
        "split": plan.split,
        "which": plan.which,
    }


def _require_same(plan: Plan, run: Run) -> None:
    path = run.folder / ASKED
    if not path.is_file():
        return
    remedy = "Choose another --out, or remove the folder."
    before, now = read_json(path, dict, remedy), _asked(plan, run)
    require_fields(before, str(path), {"settings": dict, "corpus": dict}, remedy)
    if before != now:
        differs = [
            f"{name}: {brief(before[part].get(name))} then, {brief(now[part].get(name))} now"
            for part in ("settings", "corpus")
            for name in sorted({*before[part], *now[part]})
            if before[part].get(name) != now[part].get(name)
        ]
        differs += [
            f"{name}: {brief(before.get(name))} then, {brief(now[name])} now"
            for name in ("split", "which")
            if before.get(name) != now[name]
        ]
        raise MateError(f"{run.folder}: holds a run of other settings ({'; '.join(differs)}). {remedy}")


def _mate(run: Run, *command: str) -> None:
    log = run.folder / "log.txt"
    try:
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"$ mate {' '.join(command)}\n")
            lines.flush()
            done = subprocess.run([sys.executable, "-m", "mate_hf.cli", *command], stdout=lines, stderr=lines)
    except OSError as error:
        raise MateError(
            f"{log} cannot be written: {error}. What is done stays done; mend it and call again."
        ) from error
    if done.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1]
        raise MateError(
            f"{run.corpus}, {run.arm}, seed {run.seed}: `mate {command[0]}` failed: {last}\nAll of it: {log}. What is done stays "
            "done; mend it and call again."
        )
