"""From an arm's encoder to bodies: export, generator, obedience, the field's metrics. What is done is skipped."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mate_hf.ablations.commands import ASKED, call, drop_what_continues, require_as_asked, train
from mate_hf.ablations.generators import Judge, Loop
from mate_hf.generation.sample_folder import CAPTIONS, GENERATED, REAL, SEVERAL
from mate_hf.runs.folder import RunFolder
from mate_hf.utils.files import write_json
from mate_hf.utils.outputs import EXPORT, kind_of

EXPORTED, TRAINED, SAMPLES = "export", "generator", "samples"
LOOPS_RESULTS = {"obedience": "obedience.json", "evaluator": "generation.json"}
"""Part of a plan -> the file that it leaves in a run's folder."""

EVALUATOR = "evaluator"
"""Beside the arms of a corpus."""

EVALUATORS_SEED = 0


@dataclass(frozen=True)
class Looped:
    """A run of a plan that ends in bodies.

    Attributes:
        who: corpus, arm and seed, for errors.
        data: the corpus. seed: of the generator.
        folder: of the results. trained: run of train.py.
        encoder: that a generator is trained on, as it came; None where it is the run's.
    """

    who: str
    data: str
    seed: int
    folder: Path
    trained: Path
    encoder: str | None

    @property
    def generator(self) -> Path:
        """Run of train_generator.py."""
        return self.folder / TRAINED

    @property
    def corpus(self) -> Path:
        """Folder of all runs on the corpus."""
        return self.folder.parents[1]


def close_loop(loop: Loop, run: Looped, split: str, which: str) -> None:
    """Train a generator on the encoder and measure it.

    Raises:
        MateError: a command that fails; what is done stays done.
    """
    results = {name: run.folder / LOOPS_RESULTS[name] for name in loop.measurements}
    if not RunFolder(run.generator).is_finished:
        for path in results.values():
            path.unlink(missing_ok=True)
    encoder = run.encoder or _exported(run, which)
    own = {"data": run.data, "output_dir": run.generator, "seed": run.seed, "text_encoder": encoder}
    train(
        "train-generator", run.who, run.folder, Path(loop.generator.config), {**loop.generator.options, **own}
    )
    ways = [
        "--which",
        which,
        "--steps",
        str(loop.generator.steps),
        "--guidance",
        str(loop.generator.guidance),
    ]
    if run.encoder is None:
        # The folder may have been moved since.
        ways += ["--text-encoder", encoder]
    if loop.obedience is not None and not results["obedience"].is_file():
        told = loop.obedience
        said = ["--prompts", told.prompts, "--per-prompt", str(told.per_prompt), "--seed", str(told.seed)]
        measure = ["evaluate", "obedience", str(run.generator), *said, *ways]
        call(run.folder, run.who, [*measure, "--out", str(results["obedience"])])
    if loop.evaluator is not None and not results["evaluator"].is_file():
        _judge(loop, loop.evaluator, run, split, which, ways, results["evaluator"])
    drop_what_continues(run.generator, which)


def forget_bodies(folder: Path) -> None:
    """Remove what was made of an encoder that is gone."""
    for part in (EXPORTED, TRAINED, SAMPLES):
        shutil.rmtree(folder / part, ignore_errors=True)


def _exported(run: Looped, which: str) -> str:
    out = run.folder / EXPORTED
    if kind_of(out) != EXPORT:
        call(run.folder, run.who, ["export", str(run.trained), str(out), "--which", which])
    return str(out)


def _judge(loop: Loop, judge: Judge, run: Looped, split: str, which: str, ways: list[str], out: Path) -> None:
    evaluator = _evaluator(loop, judge, run, which)
    samples = run.folder / SAMPLES
    many = ["--generations", str(judge.generations), "--multimodality", str(judge.multimodality)]
    made = ["generate-split", str(run.generator), "--data", run.data, "--split", split, "--out", str(samples)]
    call(run.folder, run.who, [*made, *many, *ways, "--overwrite"])
    several = ["--multimodality", str(samples / SEVERAL)] if judge.multimodality else []
    repeats = ["--repeats", str(judge.generations)] if judge.generations > 1 else []
    folders = ["--real", str(samples / REAL), "--generated", str(samples / GENERATED)]
    read = ["--texts", str(samples / CAPTIONS), "--evaluator", str(evaluator), "--which", which]
    pairs = ["--diversity-pairs", str(judge.diversity_pairs)]
    measure = ["evaluate", "generation", *folders, *read, *pairs, *repeats, *several]
    call(run.folder, run.who, [*measure, "--out", str(out)])
    # Made again in minutes from the generator, which stays.
    shutil.rmtree(samples)


def _evaluator(loop: Loop, judge: Judge, run: Looped, which: str) -> Path:
    """The run of the corpus's evaluator, trained where it is not yet."""
    folder = run.corpus / EVALUATOR
    write_json(folder / ASKED, _asked(loop, run.data))
    own = {"data": run.data, "output_dir": folder / "run", "seed": EVALUATORS_SEED}
    train(
        "train-evaluator",
        f"the evaluator of {run.data}",
        folder,
        Path(judge.config),
        {**judge.options, **own},
    )
    drop_what_continues(folder / "run", which)
    return folder / "run"


def require_same_evaluator(loop: Loop, data: str, corpus: Path) -> None:
    """Refuse a corpus's folder that holds the evaluator of another plan.

    Raises:
        MateError: it does.
    """
    if loop.evaluator is not None:
        require_as_asked(corpus / EVALUATOR, _asked(loop, data), "an evaluator")


def _asked(loop: Loop, data: str) -> dict[str, Any]:
    return {"settings": loop.asked()["evaluator"]["options"], "corpus": {"data": data}}
