"""Every arm on every corpus with every seed: what is done is skipped, what was broken off goes on."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from mate_hf.ablations.closed_loop import LOOPS_RESULTS, Looped, close_loop, forget_bodies
from mate_hf.ablations.commands import ASKED, call, claim, drop_what_continues, require_as_asked, train
from mate_hf.ablations.entries import Flags
from mate_hf.ablations.generators import Loop
from mate_hf.ablations.once import Once, require_same_once, shared_by
from mate_hf.ablations.plan import Plan, Source
from mate_hf.errors import MateError
from mate_hf.runs.folder import LOCK, RunFolder
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.locks import Lock
from mate_hf.utils.yaml_files import read_yaml, require_settings

RESULTS = ("retrieval.json", "words.json")
"""Of an encoder that was trained."""


@dataclass(frozen=True)
class Run:
    """One training, in `folder`/run, and its evaluations, in `folder`.

    Attributes:
        trains: whether the encoder is trained; else it is as it came.
        results: files that its evaluations leave.
        loop: its generator and how that is measured.
    """

    corpus: str
    source: Source
    arm: str
    seed: int
    flags: Flags
    folder: Path
    trains: bool = True
    results: tuple[str, ...] = RESULTS
    loop: Loop | None = None

    @property
    def trained(self) -> Path:
        """The run folder of train.py."""
        return self.folder / "run"

    @property
    def done(self) -> bool:
        """Whether it was evaluated."""
        return all((self.folder / name).is_file() for name in self.results)

    def __str__(self) -> str:
        return f"{self.corpus}, {self.arm}, seed {self.seed}"


def runs_of(plan: Plan, out: Path) -> Iterator[Run]:
    """All runs of a plan, seed by seed, so that a plan that is broken off leaves whole comparisons."""
    measured = () if plan.loop is None else tuple(LOOPS_RESULTS[part] for part in plan.loop.measurements)
    for seed in plan.seeds:
        for corpus, source in plan.corpora.items():
            for arm, own in plan.arms.items():
                flags = {**plan.options, **source.options, **own.flags}
                folder = inside(inside(out, corpus), slug(arm))
                results = (*RESULTS, *measured) if own.trains else measured
                loop = plan.loop and plan.loop.with_flags({**source.generator, **own.generator})
                yield Run(corpus, source, arm, seed, flags, folder / str(seed), own.trains, results, loop)


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
        raise MateError(
            "two arms have names that differ in punctuation or capitals alone; they would share a folder."
        )
    every = list(runs_of(plan, out))
    _require_apart(every)
    if plan.loop is not None:
        _require_room_for_shared(
            every, shared_by(plan.loop), [inside(out, corpus) for corpus in plan.corpora]
        )
    runs = [run for run in every if not only or run.arm in only]
    for run in runs:
        if (run.folder / ASKED).is_file():
            require_as_asked(run.folder, _asked(plan, run), "a run")
        if plan.loop is not None:
            require_same_once(plan.loop, run.source.data, inside(out, run.corpus))
    return runs


def own_runs(plan: Plan, out: Path) -> list[Run]:
    """All runs of a plan, but for those whose folder holds a run of other settings: its numbers are another plan's."""
    return [run for run in runs_of(plan, out) if _is_own(plan, run)]


def _is_own(plan: Plan, run: Run) -> bool:
    try:
        require_as_asked(run.folder, _asked(plan, run), "a run")
    except MateError:
        return False
    return True


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


def _require_room_for_shared(runs: Sequence[Run], shared: Sequence[Once], corpora: Sequence[Path]) -> None:
    for run in runs:
        for once in shared:
            for place in (corpus / once.part for corpus in corpora):
                if place in (run.folder, *run.folder.parents):
                    raise MateError(
                        f"{run}: {place} is where the corpus's {once.called} lies. Rename the arm or the corpus."
                    )


def complete_runs(plan: Plan, runs: Sequence[Run], console: Console) -> None:
    """Train and evaluate what is not done yet.

    Raises:
        MateError: prompts or truth that are not there, before anything is trained; a run that fails, or that another process is doing: those
            before it stay done.
    """
    waiting = [run for run in runs if not run.done]
    if waiting and plan.loop is not None and plan.loop.obedience is not None:
        plan.loop.obedience.require_prompts()
    for run in waiting:
        if run.trains and run.source.truth is not None and not os.path.exists(run.source.truth):
            raise MateError(f"corpus {run.corpus}: truth {run.source.truth} not found. Name what there is.")
    console.print(f"{len(runs)} runs, {len(runs) - len(waiting)} done")
    started = time.monotonic()
    for number, run in enumerate(waiting, 1):
        # Not the plan's folder: several may share the arms of one (`--only`).
        lock = Lock(run.folder / LOCK, f"{run} in {run.folder}")
        lock.take()
        try:
            _complete(plan, run)
        finally:
            lock.release()
        left = (time.monotonic() - started) / number * (len(waiting) - number)
        console.print(f"{number}/{len(waiting)} {run}: done; about {left / 60:.0f} min left")


def _complete(plan: Plan, run: Run) -> None:
    claim(run.folder, _asked(plan, run), "a run")
    if run.trains:
        _train_and_evaluate(plan, run)
    if run.loop is not None:
        encoder = None if run.trains else str(_settings(plan, run)["text_encoder"])
        looped = Looped(str(run), run.source.data, run.seed, run.folder, run.trained, encoder)
        close_loop(run.loop, looped, plan.split, plan.which)
    # The weights that were evaluated stay; what only a continuation would need takes four times their room.
    drop_what_continues(run.trained, plan.which)


def _train_and_evaluate(plan: Plan, run: Run) -> None:
    if not RunFolder(run.trained).is_finished:
        # Of a training that is gone.
        for name in run.results:
            (run.folder / name).unlink(missing_ok=True)
        forget_bodies(run.folder)
        own = {"data": run.source.data, "output_dir": run.trained, "seed": run.seed}
        train("train", str(run), run.folder, plan.config, {**run.flags, **own})
    evaluate = ["--data", run.source.data, "--split", plan.split, "--which", plan.which]
    likeness = ["--sentence-encoder", run.source.sentence_encoder] if run.source.sentence_encoder else []
    truth = ["--truth", run.source.truth] if run.source.truth else []
    retrieval, words = (run.folder / name for name in RESULTS)
    for kind, out, more in (("retrieval", retrieval, likeness), ("words", words, truth)):
        if not out.is_file():
            said = ["evaluate", kind, str(run.trained), *evaluate, *more, "--out", str(out)]
            call(run.folder, str(run), said)


def _settings(plan: Plan, run: Run) -> dict[str, Any]:
    return {**require_settings(read_yaml(plan.config), str(plan.config)), **run.flags}


def _asked(plan: Plan, run: Run) -> dict[str, Any]:
    settings = _settings(plan, run)
    return {
        "settings": settings
        if run.trains
        else {"train": False, "text_encoder": settings.get("text_encoder")},
        # What a generator is told stands with it.
        "corpus": {name: value for name, value in asdict(run.source).items() if name != "generator"},
        "split": plan.split,
        "which": plan.which,
        **({} if run.loop is None else run.loop.asked()),
    }
