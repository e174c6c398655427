"""From an arm's encoder to bodies: export, generator, obedience, the field's metrics. What is done is skipped."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from mate_hf.ablations.commands import call, drop_what_continues, train
from mate_hf.ablations.generators import Judge, Loop
from mate_hf.ablations.once import EVALUATOR, VQ, trained_once
from mate_hf.generation.sample_folder import CAPTIONS, GENERATED, REAL, SEVERAL
from mate_hf.runs.folder import RunFolder
from mate_hf.utils.outputs import EXPORT, kind_of

EXPORTED, TRAINED, SAMPLES = "export", "generator", "samples"
LOOPS_RESULTS = {"obedience": "obedience.json", "evaluator": "generation.json"}
"""Part of a plan -> the file that it leaves in a run's folder."""


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
        """Run of train_generator.py, or of train_masked.py."""
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
    if loop.vq is not None:
        own["vq"] = trained_once(VQ, loop, run.data, run.corpus, which) / which
    settings = {**loop.generator.options, **own}
    train(loop.trainer, run.who, run.folder, Path(loop.generator.config), settings)
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
    evaluator = trained_once(EVALUATOR, loop, run.data, run.corpus, which)
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
