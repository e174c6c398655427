"""A plan runs what is not done, refuses what is not its own, and its tables are the numbers of the files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from markdown_it import MarkdownIt
from rich.console import Console
from scipy import stats
from typer.testing import CliRunner

from mate_hf.ablations import Plan, commands, complete_runs, planned_runs, read_plan, render_tables
from mate_hf.ablations.runs import Run, runs_of
from mate_hf.cli import app
from mate_hf.errors import MateError
from tests.tiny import TINY_SIZES, make_corpus

ARMS = {"MATE": {}, "no L_self": {"self_weight": 0}, "frozen": {"trainable": "none"}}


def write_plan(folder: Path, **changes: object) -> Path:
    (folder / "tiny.yaml").write_text(yaml.safe_dump(TINY_SIZES))
    plan = {
        "config": "tiny.yaml",
        "options": {"max_steps": 2},
        "seeds": [0, 1],
        "corpora": {"made up": {"data": "corpus"}},
        "arms": ARMS,
        "tables": [{"title": "Table 3", "arms": ["MATE", "no L_self"], "against": "MATE"}],
        **changes,
    }
    (folder / "plan.yaml").write_text(yaml.safe_dump({k: v for k, v in plan.items() if v is not None}))
    return folder / "plan.yaml"


def run_plan(plan: Plan, out: Path, only: Sequence[str] = ()) -> list[Run]:
    runs = planned_runs(plan, out, only)
    complete_runs(plan, runs, Console(quiet=True))
    return runs


def record(folder: Path, recall: float, margin: float) -> None:
    """Results as the evaluations write them."""
    folder.mkdir(parents=True)
    scores = {"t2m/R@1": recall, "m2t/R@1": recall + 1, "t2m/R@3": recall + 2}
    (folder / "retrieval.json").write_text(json.dumps({"protocols": {"a": scores, "d": scores}}))
    words = {"metrics": {"swaps": {"all": {"accuracy": 90.0, "margin": margin}}}}
    (folder / "words.json").write_text(json.dumps(words))


def test_runs_are_trained_evaluated_and_not_done_twice(
    tmp_path: Path, text_encoders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate_here(folder: Path, who: str, command: Sequence[str]) -> None:
        with monkeypatch.context() as patched:
            # What results record as their command.
            patched.setattr(sys, "argv", ["mate", *command])
            done = CliRunner().invoke(app, list(command))
        assert done.exit_code == 0, done.output

    # Trainings are processes of their own, as ever; three more for evaluations would take longer than these do.
    monkeypatch.setattr("mate_hf.ablations.runs.call", evaluate_here)
    make_corpus(tmp_path / "corpus", clips=18)
    options = {"max_steps": 2, "text_encoder": str(text_encoders["bert"])}
    arms = {"MATE": {}, "no L_self": {"self_weight": 0}}
    plan = write_plan(tmp_path, options=options, seeds=[0], arms=arms, which="last")
    out = tmp_path / "out"
    first = CliRunner().invoke(app, ["ablate", str(plan), "--out", str(out), "--only", "no L_self"])
    assert first.exit_code == 0, first.output
    folder = out / "made up" / "no-l_self" / "0"
    assert yaml.safe_load((folder / "run" / "config.yaml").read_text())["self_weight"] == 0.0
    assert not (out / "made up" / "mate").exists()
    table = (out / "results.md").read_text()
    assert "1 of 2 runs are done." in table
    retrieval = json.loads((folder / "retrieval.json").read_text())
    assert "--which last" in retrieval["command"]
    recall = retrieval["protocols"]["a"]["t2m/R@1"]
    assert "| | no L_self |" in table
    assert "| seeds | 1 |" in table
    assert f"| R@1 t2m (a) | {recall:.1f} |" in table
    assert (folder / "run" / "last").is_dir()
    assert not (folder / "run" / "best").exists()
    assert not (folder / "run" / "checkpoints").exists()

    (folder / "words.json").unlink()
    trained = (folder / "run" / "results.json").stat().st_mtime_ns
    again = run_plan(read_plan(plan), out, ["no L_self"])
    assert again[0].done
    assert (folder / "run" / "results.json").stat().st_mtime_ns == trained

    other = write_plan(tmp_path, options=options, seeds=[0], arms=arms)
    with pytest.raises(MateError, match=r"other settings \(which: 'last' then, 'best' now\)"):
        run_plan(read_plan(other), out)
    changed = write_plan(tmp_path, options={**options, "tau": 0.1}, seeds=[0], arms=arms, which="last")
    with pytest.raises(MateError, match=r"other settings \(tau: None then, 0\.1 now\).*--out"):
        run_plan(read_plan(changed), out)
    before = (out / "results.md").read_bytes()
    refused = CliRunner().invoke(app, ["ablate", str(changed), "--out", str(out)])
    assert refused.exit_code == 1
    assert (out / "results.md").read_bytes() == before


def test_a_run_that_fails_is_named_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = commands.run_child
    # `mate train`'s own exit is test_cli.py's.
    fails = [sys.executable, "-c", "print('error: /nowhere'); raise SystemExit(1)"]
    monkeypatch.setattr(commands, "run_child", lambda command, log: real(fails, log))
    plan = read_plan(write_plan(tmp_path, options={"text_encoder": "/nowhere"}))
    make_corpus(tmp_path / "corpus", clips=18)
    with pytest.raises(
        MateError, match=r"made up, MATE, seed 0: `mate train` failed: error: /nowhere\n.*log\.txt"
    ):
        run_plan(plan, tmp_path / "out")


def test_an_arm_that_another_plan_began_meanwhile_is_not_taken_for_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MateError("it failed")

    monkeypatch.setattr("mate_hf.ablations.runs.train", fail)
    out, theirs = tmp_path / "out", tmp_path / "theirs.yaml"
    ours = read_plan(write_plan(tmp_path, seeds=[0], options={"max_steps": 3}))
    runs = planned_runs(ours, out)
    write_plan(tmp_path, seeds=[0]).rename(theirs)
    with pytest.raises(MateError, match="it failed"):
        run_plan(read_plan(theirs), out)
    with pytest.raises(MateError, match=r"holds a run of other settings \(max_steps: 2 then, 3 now\)"):
        complete_runs(ours, runs, Console(quiet=True))


def test_numbers_of_another_plan_never_stand_in_a_table(tmp_path: Path) -> None:
    out = tmp_path / "out"
    plan = write_plan(tmp_path, seeds=[0], tables=None)
    known = read_plan(plan)
    for run, recall in zip(runs_of(known, out), (50.0, 60.0, 70.0), strict=True):
        record(run.folder, recall, 0.1)
        if run.arm != "MATE":
            asked = {"settings": {**TINY_SIZES, "max_steps": 9}, "corpus": {"data": "corpus"}}
            (run.folder / "asked.json").write_text(json.dumps(asked))
    done = CliRunner().invoke(app, ["ablate", str(plan), "--out", str(out), "--only", "MATE"])
    assert done.exit_code == 0, done.output
    table = (out / "results.md").read_text()
    assert "1 of 3 runs are done." in table
    assert "60.0" not in table


def tables_of_made_up_numbers(folder: Path, **changes: object) -> str:
    plan = read_plan(write_plan(folder, seeds=[0, 1, 2], **changes))
    runs = list(runs_of(plan, folder / "out"))
    numbers = {
        "MATE": ([50.0, 60.0, 64.0], [0.1, 0.2, 0.3]),
        "no L_self": ([49.0, 58.5, 62.8], [0.3, 0.1, 0.2]),
    }
    for run in runs:
        if run.arm in numbers:
            recalls, margins = numbers[run.arm]
            record(run.folder, recalls[run.seed], margins[run.seed])
    return render_tables(plan, runs)


def test_tables_are_means_and_paired_differences(tmp_path: Path) -> None:
    table = tables_of_made_up_numbers(tmp_path)
    assert "6 of 9 runs are done." in table
    assert "### made up: Table 3" in table
    assert "| | MATE | no L_self | no L_self − MATE |" in table
    assert "| seeds | 3 | 3 |  |" in table
    assert f"| R@1 t2m (a) | {np.mean([50, 60, 64]):.1f} ± {np.std([50, 60, 64], ddof=1):.1f} |" in table
    differences = np.array([-1.0, -1.5, -1.2])
    low, high = stats.t.interval(0.95, 2, differences.mean(), stats.sem(differences))
    assert f" | **{differences.mean():+.1f} ± {(high - low) / 2:.1f}** |" in table
    assert "+0.000 ± " in table.replace("-0.000", "+0.000")
    assert "**+0.000" not in table
    assert "pointing" not in table


def test_a_table_of_many_arms_marks_what_differs_beyond_its_interval(tmp_path: Path) -> None:
    tables = [{"title": "all", "against": "MATE", "rows": "arms"}]
    table = tables_of_made_up_numbers(tmp_path, tables=tables)
    assert "Bold: differs from MATE, seed by seed, beyond its 95 % interval." in table
    assert "| | seeds | R@1 t2m (a) | R@1 m2t (a) | swap margin |" in table.replace(" swap % |", "")
    rows = {line.split(" | ")[0]: line for line in table.splitlines() if line.startswith("| ")}
    assert "58.0 ± 7.2" in rows["| MATE"]
    assert "**" not in rows["| MATE"]
    # Recalls are lower by 1.0 to 1.5 in each seed, margins by -0.2 to 0.1.
    assert "| **56.8 ± 7.1** |" in rows["| no L_self"]
    assert "| 0.200 ± 0.100 |" in rows["| no L_self"]


def test_what_has_no_value_in_a_run_is_left_out_of_its_column(tmp_path: Path) -> None:
    """Frozen rows do not move: there is no ratio of their displacements."""
    plan = read_plan(write_plan(tmp_path, seeds=[0]))
    runs = list(runs_of(plan, tmp_path / "out"))
    for run, ratio in zip(runs, (0.25, None, float("nan")), strict=True):
        record(run.folder, 50.0, 0.1)
        content = json.loads((run.folder / "words.json").read_text())
        content["metrics"]["displacement"] = {"function over direction": ratio}
        (run.folder / "words.json").write_text(json.dumps(content))
    assert "| function over direction | 0.25 |  |  |" in render_tables(plan, runs)


def test_later_flags_win(tmp_path: Path) -> None:
    source = {"data": "corpus", "options": {"tau": 0.2, "lr": 0.5}}
    plan = write_plan(
        tmp_path,
        options={"tau": 0.1, "epochs": 3},
        corpora={"c": source},
        arms={"MATE": {"lr": 0.7}},
        tables=None,
    )
    run = next(runs_of(read_plan(plan), tmp_path))
    assert run.flags == {"tau": 0.2, "epochs": 3, "lr": 0.7}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": None}, "no arms"),
        ({"arms": {"MATE": {"tua": 1}}}, "arm MATE: unknown key tua"),
        ({"arms": {"MATE": {"seed": 1}}}, "arm MATE: unknown key seed"),
        ({"extra": 1}, "unknown key extra"),
        ({"corpora": {"c": {}}}, "corpus c: no data"),
        ({"corpora": {"c": "folder"}}, "corpus c: 'folder'; expected lines"),
        ({"which": "first"}, "which is 'first'; expected best or last"),
        ({"seeds": []}, r"seeds is \[\]; expected a list"),
        ({"seeds": [0, "one"]}, "expected a list such as"),
        ({"seeds": [0, 1, 0]}, r"seeds is \[0, 1, 0\]; expected each seed once"),
        ({"config": "absent.yaml"}, r"config .*absent\.yaml is no file"),
        ({"tables": [{"arms": ["MTAE"]}]}, "no arm MTAE. Arms: MATE"),
        ({"tables": [{"rows": "seeds"}]}, "rows is 'seeds'; expected metrics or arms"),
    ],
)
def test_a_bad_plan_is_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(MateError, match=message):
        read_plan(write_plan(tmp_path, **changes))


def test_arms_that_would_share_a_folder_are_refused(tmp_path: Path) -> None:
    plan = read_plan(write_plan(tmp_path, arms={"a b": {}, "a, b": {}}, tables=None))
    with pytest.raises(MateError, match="share a folder"):
        run_plan(plan, tmp_path / "out")
    with pytest.raises(MateError, match="no arm c"):
        run_plan(plan, tmp_path / "out", ["c"])


def test_a_corpus_name_stays_inside_the_folder(tmp_path: Path) -> None:
    plan = read_plan(write_plan(tmp_path, corpora={"../../escaped": {"data": "corpus"}}))
    with pytest.raises(MateError, match="escaped"):
        planned_runs(plan, tmp_path / "a" / "out")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"corpora": {"../../esc": {"data": "corpus"}}}, r"'\.\./\.\./esc': no place inside"),
        ({"corpora": {"/tmp/esc": {"data": "corpus"}}}, "'/tmp/esc': no place inside"),
        ({"arms": {"..": {}}}, r"'\.\.': no place inside"),
        ({"arms": {"?!": {}}}, "'': no place inside"),
        ({"corpora": {"a": {"data": "x"}, "./a": {"data": "y"}}}, "would share"),
        ({"corpora": {"a": {"data": "x"}, "a/b": {"data": "y"}}, "arms": {"b": {}, "0": {}}}, "would share"),
    ],
)
def test_no_name_of_a_plan_leads_out_of_its_folder(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    plan = write_plan(tmp_path, **{"tables": None, **changes})
    with pytest.raises(MateError, match=message):
        planned_runs(read_plan(plan), tmp_path / "out")
    done = CliRunner().invoke(app, ["ablate", str(plan), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_corpora_may_lie_in_folders_of_their_own(tmp_path: Path) -> None:
    plan = read_plan(write_plan(tmp_path, corpora={"bandai/long": {"data": "x"}}))
    assert {run.folder.parent.parent for run in planned_runs(plan, tmp_path / "out")} == {
        tmp_path / "out" / "bandai" / "long"
    }


def test_names_are_text_in_the_tables(tmp_path: Path) -> None:
    hostile = "<b>x|y</b>\n# Owned"
    arms = {"MATE": {}, hostile: {}}
    tables = [{"title": hostile, "rows": rows, "against": hostile} for rows in ("metrics", "arms")]
    plan = read_plan(
        write_plan(tmp_path, arms=arms, tables=tables, seeds=[0], corpora={hostile: {"data": "x"}})
    )
    for run in runs_of(plan, tmp_path / "out"):
        record(run.folder, 1.0, 0.5)
    page = (
        MarkdownIt("commonmark")
        .enable("table")
        .render(render_tables(plan, list(runs_of(plan, tmp_path / "out"))))
    )
    assert "<h1>" not in page
    assert "<b>" not in page
    assert page.count("&lt;b&gt;x|y&lt;/b&gt;^J# Owned") >= 6
    assert page.count("<table>") == 2
