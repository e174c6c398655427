"""Small whole runs, results, plans and other records, and their readers."""

from __future__ import annotations

import json
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from benchmarks.fuzz_reader import CAPTION, DangerError, read_each
from benchmarks.fuzz_samples import RESULTS, write_json_lines
from mate_hf.evaluation.obedience.reading import read_obedience
from mate_hf.hub.results_tables import read_result
from mate_hf.plotting.run_curves import read_log
from mate_hf.plotting.run_obedience import read_shares
from mate_hf.quickstart.stages import LEDGER, Stages
from mate_hf.reports.numbers import read_numbers
from mate_hf.reports.run_report import report
from mate_hf.runs.folder import RunFolder
from mate_hf.text.decomposition.answers import read_answer
from mate_hf.text.decomposition.cache import AnswerCache
from mate_hf.training.records import Records
from mate_hf.utils.parts import Parts
from mate_hf.utils.results import results_of


def sample_run(folder: Path) -> None:
    (folder / "config.yaml").write_text(
        f"text_encoder: bert\ndata: corpus\nepochs: 3\nlr: 0.0003\nclass_rates: a=1\nseed: 0\ncaption: {CAPTION}\n"
    )
    (folder / "results.json").write_text(json.dumps(RESULTS["train"]))
    write_json_lines(
        folder / "log.jsonl", [{"step": step, "train/loss": 1 / step, "val/R@1": 3.0} for step in range(1, 9)]
    )
    for name in ("retrieval", "words", "obedience"):
        (folder / f"{name}.json").write_text(json.dumps(RESULTS[name]))


def read_run(folder: Path) -> None:
    run = RunFolder(folder)
    run.settings()
    run.results()
    for read in (lambda: Records(run.log).read(), lambda: read_log(folder)):
        read_each(read)


class _Page(HTMLParser):
    """What a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [
            name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript:")
        ]


def read_report(folder: Path) -> None:
    out = folder.with_name("report.html")
    report(folder, out, overwrite=True)
    page = _Page()
    page.feed(out.read_text(encoding="utf-8"))
    if page.handlers or page.scripts > 1:
        raise DangerError(f"{page.scripts} scripts and {page.handlers} in the report")


def sample_parts(folder: Path) -> None:
    parts = Parts(folder / "out", {"a": 1})
    parts.claim()
    parts.write("a", [{"id": "1", "segments": [[0, 4]]}, [1, 2]])
    (folder / LEDGER).write_text('{"prepare": {"command": ["prepare", "a"], "seconds": 3.5}}')


def read_parts(folder: Path) -> None:
    read_each(lambda: Parts(folder / "out", {"a": 1}).read("a"), lambda: Stages(folder, 3, resume=True))
    Parts(folder / "out", {"a": 1}).claim()


def sample_answers(folder: Path) -> None:
    (folder / "answer.txt").write_text(
        '```json\n{"steps": ["a person walks forward", "turns left"]}\n```\n1. waves\n- sits down\n'
    )
    kept = AnswerCache(folder / "answers.sqlite", "model")
    kept.put(CAPTION, "walks\nturns")
    kept.close()


def read_answers(folder: Path) -> None:
    def of_cache() -> None:
        kept = AnswerCache(folder / "answers.sqlite", "model")
        try:
            kept.get(CAPTION)
        finally:
            kept.close()

    if (folder / "answer.txt").is_file() and not (folder / "answer.txt").is_symlink():
        read_answer((folder / "answer.txt").read_text(encoding="utf-8", errors="replace"))
    of_cache()


def sample_results(folder: Path) -> None:
    for name, content in RESULTS.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


def read_results(folder: Path) -> None:
    for file in sorted(folder.glob("*.json")):
        results_of(file)
    known = {name: folder / f"{name}.json" for name in RESULTS}
    read_each(
        *(partial(read_result, known[name]) for name in ("retrieval", "words", "obedience", "generation")),
        *(partial(read_numbers, known[name]) for name in ("retrieval", "words", "localization", "obedience")),
        partial(read_obedience, known["obedience"]),
        partial(read_shares, known["obedience"]),
    )


def sample_prompts(folder: Path) -> None:
    prompt = {
        "prompt": "a person turns left.",
        "class": "seen",
        "probe": "turn",
        "expected": 1,
        "seconds": 2.2,
        "counterpart": "a person turns right.",
    }
    write_json_lines(
        folder / "prompts.jsonl",
        [
            prompt,
            {
                **prompt,
                "prompt": "a person turns right.",
                "expected": -1,
                "counterpart": "a person turns left.",
            },
        ],
    )
    (folder / "prompts.yaml").write_text(
        "prompts:\n- {prompt: a person turns left., class: seen, probe: turn, expected: 1, seconds: 2.2}\n"
    )
    write_json_lines(
        folder / "words.jsonl",
        [
            {
                "kind": "direction",
                "half": "tune",
                "word": "leftward",
                "text": "walks leftward",
                "alike": "walks left",
                "opposite": "walks right",
            }
        ],
    )


def sample_plan(folder: Path) -> None:
    (folder / "plan.yaml").write_text(
        "config: train.yaml\noptions: {num_workers: 0}\nseeds: [0, 1]\nwhich: last\ncorpora:\n  synthetic: {data: raw}\n"
        "generator: {config: train.yaml, options: {epochs: 3}}\nobedience: {per_prompt: 4}\narms:\n  stock: {train: false}\n  MATE: {lambda_1: 0.1}\n"
        "tables:\n- {title: all, arms: [stock, MATE], against: stock}\n"
    )
    (folder / "train.yaml").write_text(
        "epochs: 3\nlr: 0.0003\nbatch_size: 8\ntext_encoder: bert\nclass_rates: function=0.1\n"
    )
