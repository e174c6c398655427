"""A seed is the same number to every command, and none becomes another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mate_hf.ablations.plan import read_plan
from mate_hf.data.synthetic import write_synthetic_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.generation.run_generation import evaluate_generation
from mate_hf.evaluation.obedience.run_generator import obedience_of_generator
from mate_hf.generation.settings import seeds_of
from mate_hf.generation.split_samples import generate_split
from mate_hf.utils.seeds import SEEDS, derived_seed, require_seed


def planned(seed: int, folder: Path) -> None:
    (folder / "c.yaml").touch()
    plan = folder / "plan.yaml"
    plan.write_text(f"config: c.yaml\ncorpora: {{a: {{data: d}}}}\narms: {{b: {{}}}}\nseeds: [0, {seed}]\n")
    read_plan(plan)


TAKERS: dict[str, Callable[[int, Path], object]] = {
    "generate": lambda seed, _: seeds_of(seed, 1),
    "generate-split": lambda seed, folder: generate_split("m", "d", folder / "out", seed=seed),
    "evaluate obedience": lambda seed, folder: obedience_of_generator(
        "m", out=folder / "r.json", per_prompt=1, seed=seed
    ),
    "evaluate generation": lambda seed, folder: evaluate_generation(
        "r", "g", "t", "e", seed=seed, out=folder / "r.json"
    ),
    "prepare": lambda seed, folder: write_synthetic_corpus(folder / "out", motions=20, seed=seed),
    "ablate": planned,
}


@pytest.mark.parametrize("seed", [-1, SEEDS, 2**63, 2**64, 2**64 + 1])
@pytest.mark.parametrize("command", TAKERS)
def test_every_command_takes_the_same_seeds(command: str, seed: int, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=rf"seeds?: {seed}; expected a whole number from 0 to 2\*\*32 - 1"):
        TAKERS[command](seed, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} <= {"plan.yaml", "c.yaml"}


@pytest.mark.parametrize("seed", [1.5, "1", None])
def test_what_is_no_whole_number_is_no_seed(seed: object) -> None:
    with pytest.raises(MateError, match="expected a whole number"):
        require_seed(seed)


def test_numbers_beyond_are_scattered_and_never_begin_again() -> None:
    assert [derived_seed(number) for number in (0, 7, SEEDS - 1)] == [0, 7, SEEDS - 1]
    beyond = [derived_seed(SEEDS * times + number) for times in (1, 10**7) for number in range(500)]
    assert len(set(beyond)) == len(beyond)
    assert not set(beyond) & set(range(1000))
    assert all(0 <= seed < SEEDS for seed in beyond)
