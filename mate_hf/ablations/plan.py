"""What to compare: arms that differ in flags of train.py, corpora, seeds, and the tables to end in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mate_hf.ablations.entries import Flags, beside, flags_of, found_beside, mapping_of, settings_of
from mate_hf.ablations.generators import PARTS, Loop, of_generator, read_loop
from mate_hf.errors import MateError
from mate_hf.runs.folder import MODELS
from mate_hf.training.arguments import TrainArguments
from mate_hf.utils.json_files import brief
from mate_hf.utils.seeds import require_seed
from mate_hf.utils.yaml_files import read_yaml, require_settings

NAMES_OF_ENCODER = ("text_encoder", "text_encoder_revision")
"""Flags that say which encoder it is."""

ROWS = ("metrics", "arms")
"""What the rows of a table may be."""

_OWN = ("data", "output_dir", "seed", "resume", "overwrite", "config")
"""Flags that the plan sets itself."""


@dataclass(frozen=True)
class Source:
    """A corpus.

    Attributes:
        data: as train.py takes it. truth: its truth.jsonl, for grounding. sentence_encoder: for (b), (c).
        options: flags of train.py. generator: flags of train_generator.py or train_masked.py.
    """

    data: str
    truth: str | None = None
    sentence_encoder: str | None = None
    options: Flags = field(default_factory=dict)
    generator: Flags = field(default_factory=dict)


@dataclass(frozen=True)
class Arm:
    """What is compared.

    Attributes:
        flags: of train.py. generator: of train_generator.py or train_masked.py. Both over those of the corpus.
        trains: whether its encoder is trained; else it stays as it came, for a generator to be trained on.
    """

    flags: Flags
    generator: Flags = field(default_factory=dict)
    trains: bool = True


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        arms: names, or all. against: the arm that the others are compared with, seed by seed.
        rows: `metrics`, every metric a row, an arm a column, differences beside them; or `arms`, the other way round, for many
            arms: fewer metrics, and bold in place of differences.
    """

    title: str
    arms: tuple[str, ...]
    against: str | None = None
    rows: str = "metrics"


@dataclass(frozen=True)
class Plan:
    """Runs to be compared.

    Attributes:
        config: YAML of train.py that every run starts from. options: flags over it, for every run.
        corpora, arms: by name; an arm's flags are over the corpus's, these over the plan's.
        seeds: of every arm. split: what is evaluated. which: model of each run, `best` on the validation split or `last`. Arms of unlike
            losses have unlike best epochs, so that `last` compares them after equally many steps.
        loop: a generator on each arm's encoder; None where encoders alone are compared.
    """

    config: Path
    options: Flags
    corpora: dict[str, Source]
    arms: dict[str, Arm]
    seeds: tuple[int, ...]
    tables: tuple[Table, ...]
    split: str = "test"
    which: str = "best"
    loop: Loop | None = None


def read_plan(path: Path) -> Plan:
    """Read a plan.

    ```yaml
    config: ../training/configs/quickstart.yaml
    options: {epochs: 20}
    seeds: [0, 1, 2]
    which: last
    corpora:
      synthetic: {data: runs/localized, truth: runs/data/truth.jsonl}
    arms:
      MATE: {}
      without L_self: {self_weight: 0}
    tables:
      - {title: Table 3, arms: [MATE, without L_self], against: MATE}
    ```

    Paths are relative to the YAML file. With these, a generator is trained on the encoder of every arm, told what to do, and
    judged by the field's evaluator (either may be left out); an arm `{train: false}` is the encoder as it came:

    ```yaml
    generator: {config: ../training/configs/quickstart_generator.yaml, options: {epochs: 100}}
    obedience: {per_prompt: 4}
    evaluator: {config: ../training/configs/quickstart_evaluator.yaml, diversity_pairs: 100}
    arms:
      stock: {train: false}
      MATE: {}
      MATE, longer: {generator: {epochs: 200}}
    ```

    With a VQ-VAE, which is trained once a corpus, generators are masked ones:

    ```yaml
    generator: {config: ../training/configs/quickstart_masked.yaml}
    vq: {config: ../training/configs/quickstart_vq.yaml}
    ```

    Raises:
        MateError: a file that cannot be read, an unknown key, flag or arm, or nothing to run.
    """
    known = [entry.name for entry in fields(Plan) if entry.name != "loop"] + list(PARTS)
    top = mapping_of(read_yaml(path), f"plan {path}", known)
    for name in ("config", "corpora", "arms"):
        if not top.get(name):
            raise MateError(f"plan {path}: no {name}. Expected {', '.join(known)}.")
    for name in ("corpora", "arms"):
        if not isinstance(top[name], dict):
            raise MateError(f"plan {path}: {name} is {brief(top[name])}; expected lines `name: ...`.")
    loop = read_loop(path, top)
    arms = {str(name): _arm(path, name, entry, loop) for name, entry in top["arms"].items()}
    seeds = top.get("seeds", [0])
    if not isinstance(seeds, list) or not seeds or not all(type(seed) is int for seed in seeds):
        raise MateError(f"plan {path}: seeds is {brief(seeds)}; expected a list such as [0, 1, 2].")
    for seed in seeds:
        require_seed(seed, f"plan {path}: seeds")
    if len(set(seeds)) < len(seeds):
        raise MateError(f"plan {path}: seeds is {brief(seeds)}; expected each seed once.")
    which = top.get("which", "best")
    if which not in MODELS:
        raise MateError(f"plan {path}: which is {brief(which)}; expected {' or '.join(MODELS)}.")
    config = beside(path, str(top["config"]))
    if not os.path.isfile(config):
        raise MateError(f"plan {path}: config {config} is no file.")
    return Plan(
        config=config,
        options=_flags(path, top.get("options"), f"plan {path}: options"),
        corpora={str(name): _source(path, name, entry, loop) for name, entry in top["corpora"].items()},
        arms=arms,
        seeds=tuple(seeds),
        tables=_tables(path, top.get("tables"), arms),
        split=str(top.get("split", "test")),
        which=which,
        loop=loop,
    )


def _source(path: Path, name: str, entry: Any, loop: Loop | None) -> Source:
    where = f"plan {path}: corpus {name}"
    known = mapping_of(entry, where, [part.name for part in fields(Source)])
    if not known.get("data"):
        raise MateError(f"{where}: no data.")
    for key in ("data", "truth", "sentence_encoder"):
        if known.get(key) is not None and not isinstance(known[key], str):
            raise MateError(f"{where}: {key} is {brief(known[key])}; expected a path or a name.")
    data = known["data"]
    here = beside(path, data)
    return Source(
        data=str(here) if os.path.exists(here) else data,
        truth=str(beside(path, known["truth"])) if known.get("truth") else None,
        sentence_encoder=known.get("sentence_encoder"),
        options=_flags(path, known.get("options"), where),
        generator=of_generator(known.get("generator"), path, where, loop),
    )


def _tables(path: Path, entries: Any, arms: Mapping[str, Arm]) -> tuple[Table, ...]:
    if not entries:
        return (Table("Results", tuple(arms)),)
    if not isinstance(entries, list):
        raise MateError(f"plan {path}: tables is {brief(entries)}; expected a list.")
    tables = []
    for entry in entries:
        known = mapping_of(entry, f"plan {path}: tables", [part.name for part in fields(Table)])
        require_settings(known, f"plan {path}: tables")
        own = known.get("arms") or list(arms)
        if not isinstance(own, list):
            raise MateError(f"plan {path}: tables: arms is {brief(own)}; expected a list of arms.")
        against = known.get("against")
        table = Table(
            str(known.get("title", "Results")),
            tuple(map(str, own)),
            None if against is None else str(against),
            str(known.get("rows", "metrics")),
        )
        if table.rows not in ROWS:
            raise MateError(
                f"plan {path}: table {table.title}: rows is {brief(table.rows)}; expected {' or '.join(ROWS)}."
            )
        absent = [name for name in (*table.arms, table.against) if name is not None and name not in arms]
        if absent:
            raise MateError(
                f"plan {path}: table {table.title}: no arm {', '.join(absent)}. Arms: {', '.join(arms)}."
            )
        tables.append(table)
    return tuple(tables)


def _arm(path: Path, name: Any, entry: Any, loop: Loop | None) -> Arm:
    where = f"plan {path}: arm {name}"
    told = entry if isinstance(entry, dict) else {}
    trains = told.get("train", True)
    if type(trains) is not bool:
        raise MateError(f"{where}: train is {brief(trains)}; expected true or false.")
    generator = of_generator(told.get("generator"), path, where, loop)
    rest = {key: value for key, value in told.items() if key not in ("train", "generator")}
    flags = _flags(path, rest if told else entry, where)
    if trains:
        return Arm(flags, generator)
    if loop is None:
        raise MateError(f"{where}: train is false, and the plan has no generator: there is nothing to run.")
    useless = [flag for flag in flags if flag not in NAMES_OF_ENCODER]
    if useless:
        raise MateError(f"{where}: train is false; {', '.join(useless)} would do nothing. Leave it out.")
    return Arm(flags, generator, trains=False)


def _flags(path: Path, entry: Any, where: str) -> Flags:
    flags = settings_of(entry, where, flags_of(TrainArguments.parts(), _OWN))
    return found_beside(path, flags, ["text_encoder"])
