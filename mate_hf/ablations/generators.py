"""The parts of a plan that close the loop: a generator on each arm's encoder, and how it is measured."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mate_hf.ablations.entries import Flags, beside, flags_of, found_beside, mapping_of, settings_of
from mate_hf.errors import MateError
from mate_hf.evaluation.generation.variety import DIVERSITY_PAIRS
from mate_hf.generation.masked_actor import MOST_STEPS
from mate_hf.generation.pipeline import GUIDANCE, MOST_GUIDANCE
from mate_hf.generation.settings import MOST_MOTIONS
from mate_hf.generation.solvers import DEFAULT_STEPS
from mate_hf.training.evaluator_arguments import EvaluatorArguments
from mate_hf.training.generator_arguments import GeneratorArguments
from mate_hf.training.masked_arguments import MaskedArguments
from mate_hf.training.vq_arguments import VQArguments
from mate_hf.utils.json_files import brief
from mate_hf.utils.yaml_files import read_yaml, require_settings

BUILT_IN = "built-in"


@dataclass(frozen=True)
class Generator:
    """How a generator is trained on the encoder of every arm.

    Attributes:
        config: YAML of train_generator.py, or of train_masked.py where the plan has a VQ-VAE. options: flags over it.
        steps, guidance: of all motions that are made, see `MotionPipeline.__call__`.
    """

    config: str
    options: Flags = field(default_factory=dict)
    steps: int = DEFAULT_STEPS
    guidance: float = GUIDANCE


@dataclass(frozen=True)
class Coder:
    """The VQ-VAE whose codes generators say, trained once a corpus. `config`: YAML of train_vq.py; `options`: flags over it."""

    config: str
    options: Flags = field(default_factory=dict)


@dataclass(frozen=True)
class Obeying:
    """What its bodies are told. `prompts`: `built-in`, or a file; `per_prompt`: motions of each; `seed`: of their noise, in every run."""

    prompts: str = BUILT_IN
    per_prompt: int = 4
    seed: int = 0

    def require_prompts(self) -> None:
        """Raise MateError where the prompts are no file. A plan is read without them, as without its corpora: both may be made later."""
        if self.prompts != BUILT_IN and not os.path.isfile(self.prompts):
            raise MateError(f"obedience: prompts {self.prompts} is no file. Write it before the plan is run.")


@dataclass(frozen=True)
class Judge:
    """The field's evaluator, trained once a corpus.

    Attributes:
        config: YAML of train_evaluator.py. options: flags over it.
        generations: motions of each clip. multimodality: clips of which 30 are made. diversity_pairs: fewer than there are clips.
    """

    config: str
    options: Flags = field(default_factory=dict)
    generations: int = 1
    multimodality: int = 0
    diversity_pairs: int = DIVERSITY_PAIRS


@dataclass(frozen=True)
class Loop:
    """A generator and its measurements; a masked one where there is a VQ-VAE."""

    generator: Generator
    vq: Coder | None = None
    obedience: Obeying | None = None
    evaluator: Judge | None = None

    @property
    def trainer(self) -> str:
        """The command that trains the generator."""
        return "train-generator" if self.vq is None else "train-masked"

    @property
    def measurements(self) -> tuple[str, ...]:
        """Parts that leave results, by their names."""
        return tuple(name for name in MEASUREMENTS if getattr(self, name) is not None)

    def with_flags(self, flags: Flags) -> Loop:
        """The same, its generator trained with further flags."""
        return replace(self, generator=replace(self.generator, options={**self.generator.options, **flags}))

    def asked(self) -> dict[str, Any]:
        """Parts that there are, as plain values, with what their configurations say in place of where these lie."""
        parts = {name: part for name, part in asdict(self).items() if part is not None}
        for part in parts.values():
            if "config" in part:
                path = part.pop("config")
                part["options"] = {**require_settings(read_yaml(Path(path)), path), **part["options"]}
        return parts


MEASUREMENTS = ("obedience", "evaluator")
PARTS = ("generator", "vq", *MEASUREMENTS)
"""Keys of a plan."""

_OWN = ("data", "output_dir", "seed", "resume", "overwrite", "config")


def read_loop(path: Path, top: Mapping[str, Any]) -> Loop | None:
    """The parts of a plan that are about generators; None where there are none.

    Raises:
        MateError: a measurement of no generator, a generator that nothing measures, an unknown key or flag, or a value of another kind.
    """
    where = {name: f"plan {path}: {name}" for name in PARTS}
    given = {name: top[name] for name in PARTS if top.get(name) is not None}
    if not given:
        return None
    if "generator" not in given:
        raise MateError(f"{where[min(given)]}: is for a generator. Add `generator: {{config: ...}}`.")
    if not any(name in given for name in MEASUREMENTS):
        raise MateError(
            f"{where['generator']}: nothing measures it. Add `obedience: {{}}` or `evaluator: {{config: ...}}`."
        )
    vq = obedience = evaluator = None
    if "vq" in given:
        vq = _part(Coder, given["vq"], path, where["vq"], flags_of(VQArguments.parts(), _OWN))
        vq = replace(vq, options=found_beside(path, vq.options, [MODULE]))
    generator = _part(Generator, given["generator"], path, where["generator"], _generators_flags(vq))
    generator = replace(generator, options=found_beside(path, generator.options, [MODULE]))
    if "obedience" in given:
        obedience = _part(Obeying, given["obedience"], path, where["obedience"])
    if "evaluator" in given:
        judges = flags_of(EvaluatorArguments.parts(), _OWN)
        evaluator = _part(Judge, given["evaluator"], path, where["evaluator"], judges)
    return Loop(generator, vq, obedience, evaluator)


MODULE = "alignment_module"


def _generators_flags(vq: Coder | None) -> tuple[str, ...]:
    kind = GeneratorArguments if vq is None else MaskedArguments
    return flags_of(kind.parts(), (*_OWN, "text_encoder", "text_encoder_revision", "vq"))


def of_generator(entry: Any, path: Path, where: str, loop: Loop | None) -> Flags:
    """Flags of the generator's training that a corpus or an arm adds.

    Raises:
        MateError: an unknown flag, or a plan without generator.
    """
    if entry and loop is None:
        raise MateError(
            f"{where}: generator, but the plan trains none. Add `generator: {{config: ...}}` to the plan."
        )
    flags = settings_of(entry, f"{where}: generator", _generators_flags(loop.vq if loop else None))
    return found_beside(path, flags, [MODULE])


LEAST = {
    "steps": 1,
    "guidance": 0,
    "per_prompt": 1,
    "seed": 0,
    "generations": 1,
    "multimodality": 0,
    "diversity_pairs": 1,
}
MOST = {
    "steps": MOST_STEPS,
    "guidance": MOST_GUIDANCE,
    "per_prompt": MOST_MOTIONS,
    "seed": 2**32 - 1,
    "generations": MOST_MOTIONS,
    "multimodality": MOST_MOTIONS,
    "diversity_pairs": MOST_MOTIONS,
}
"""What the commands take: a number that they refuse would be found after the trainings."""


def _part(kind: Any, entry: Any, path: Path, where: str, flags: tuple[str, ...] = ()) -> Any:
    known = dict(mapping_of(entry, where, [part.name for part in fields(kind)]))
    for name, value in known.items():
        if name in LEAST:
            kinds = (int, float) if name == "guidance" else (int,)
            if type(value) not in kinds or not LEAST[name] <= value <= MOST[name]:
                raise MateError(
                    f"{where}: {name} is {brief(value)}; expected a number from {LEAST[name]} to {MOST[name]:g}."
                )
        elif name in ("config", "prompts") and not isinstance(value, str):
            raise MateError(f"{where}: {name} is {brief(value)}; expected a path.")
    if "options" in known:
        known["options"] = settings_of(known["options"], f"{where}: options", flags)
    for name in ("config", "prompts"):
        if name in known and known[name] != BUILT_IN:
            known[name] = str(beside(path, known[name]))
    if "config" in known and not os.path.isfile(known["config"]):
        raise MateError(f"{where}: config {known['config']} is no file.")
    if kind in (Generator, Coder, Judge) and "config" not in known:
        raise MateError(f"{where}: no config. Name a YAML of flags, as of training/configs/.")
    return kind(**known)
