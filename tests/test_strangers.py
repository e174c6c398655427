"""What others wrote is read by the readers of `mate_hf.utils` alone, and nothing that it says is executed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mate_hf.ablations.plan import read_plan
from mate_hf.errors import MateError
from mate_hf.evaluation.generation.captions import read_captions
from mate_hf.evaluation.localization import read_truth
from mate_hf.exports.report import REPORT_FILE, recorded_base
from mate_hf.hub.results_tables import read_result
from mate_hf.retrieval_checkpoints.run_settings import find_run_settings
from mate_hf.runs.folder import RunFolder
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.parsing import yaml_flags
from mate_hf.utils.parts import Parts
from tests.refusals import refusal

ROOT = Path(__file__).parents[1]

READERS: dict[str, set[str]] = {
    r"\bjson\.loads?\(": {
        "mate_hf/utils/json_files.py",
        # What they wrote themselves.
        "mate_hf/data/prepared.py",
        # What a library wrote into memory.
        "mate_hf/text/reading_digest.py",
        "training/records.py",
        "training/checkpoint_files.py",
        "benchmarks/generation_metrics.py",
        "benchmarks/kills_compared.py",
        "benchmarks/soak.py",
        # Its own samples and outcomes.
        "benchmarks/fuzz.py",
        "benchmarks/fuzz_damage.py",
    },
    # Its own settings, written a moment before.
    r"\byaml\.(safe_|full_|unsafe_)?load": {"training/continuing.py"},
    r"\byaml\.SafeLoader": {"mate_hf/utils/yaml_files.py"},
    # It writes some.
    r"\bpickle\.|\bUnpickler\b": {"benchmarks/fuzz_models.py"},
    r"\btorch\.load\(": {"mate_hf/utils/pickles.py", "training/old_checkpoints.py"},
    r"\btorch\.jit\.load\(": set(),
    r"\ballow_pickle=True": set(),
    r"\bPeftModel\.from_pretrained": {"mate_hf/exports/adapter.py"},
    # A folder that was written a moment before.
    r"\btrust_remote_code=True": {"mate_hf/exports/full.py"},
    # Names that stand in the code.
    r"\bimport_module\(": {
        "mate_hf/__init__.py",
        "mate_hf/quickstart/stages.py",
        "mate_hf/hub/push.py",
        "mate_hf/explorer/gradio_extra.py",
        "benchmarks/kills.py",
    },
    r"\bfind_spec\(": {
        "mate_hf/text/packages.py",
        "mate_hf/text/english.py",
        "mate_hf/hub/push.py",
        "mate_hf/explorer/gradio_extra.py",
    },
    r"(?<![\w.])(eval|exec)\(": set(),
}
"""What opens others' files or runs what they name -> the modules that may."""

TEXT = re.compile(r'"""[\s\S]*?"""|"[^"\n]*"|#.*')


@pytest.mark.parametrize("way", READERS)
def test_one_module_reads_for_all(way: str) -> None:
    found = set()
    for top in ("mate_hf", "modeling", "training", "benchmarks"):
        for path in (ROOT / top).rglob("*.py"):
            if re.search(way, TEXT.sub("", path.read_text(encoding="utf-8"))):
                found.add(path.resolve().relative_to(ROOT).as_posix())
    assert found <= READERS[way]


OPENINGS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "vocabulary": ("vocabulary.json", lambda folder: Vocabulary.load(folder / "vocabulary.json")),
    "results of a run": ("results.json", lambda folder: RunFolder(folder).results()),
    "settings of a run": ("config.yaml", lambda folder: RunFolder(folder).settings()),
    "results of an evaluation": ("retrieval.json", lambda folder: read_result(folder / "retrieval.json")),
    "truth": ("truth.jsonl", lambda folder: read_truth(folder / "truth.jsonl")),
    "captions": ("captions.jsonl", lambda folder: read_captions(folder / "captions.jsonl", ["a"])),
    "report of an export": (REPORT_FILE, recorded_base),
    "settings of TMR": ("config.json", find_run_settings),
    "settings of a training": (
        "c.yaml",
        lambda folder: yaml_flags(folder / "c.yaml", TrainArguments.parts()),
    ),
    "plan": ("plan.yaml", lambda folder: read_plan(folder / "plan.yaml")),
    "parts": (".out.parts/settings.json", lambda folder: Parts(folder / "out", {}).claim()),
    "a part": (".out.parts/a.jsonl", lambda folder: Parts(folder / "out", {}).read("a")),
    "pooling": ("1_Pooling/config.json", lambda folder: open_text_encoder(str(folder))),
    "configuration of an encoder": ("config.json", lambda folder: open_text_encoder(str(folder))),
}
DAMAGES = {
    "deep": "[" * 100_000,
    "half": "{",
    "no character": '{"a": "\\ud800"',
    "zero": "\x00",
    "other": "- 1\n- [2",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("what", OPENINGS)
def test_each_damaged_file_is_named_in_one_line(
    text_encoders: dict[str, Path], tmp_path: Path, what: str, damage: str
) -> None:
    name, opened = OPENINGS[what]
    folder = tmp_path / "folder"
    if "encoder" in what or what == "pooling":
        shutil.copytree(text_encoders["bert"], folder)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(DAMAGES[damage])
    with pytest.raises(MateError) as refused:
        opened(folder)
    message = str(refused.value)
    assert str(folder) in message
    assert len(message) < 1000
    assert "Traceback" not in message


PLAN = "config: plan.yaml\ncorpora: {a: {data: x}}\narms: {a: {}}\n"


@pytest.mark.parametrize(
    ("what", "content", "said"),
    [
        (
            "truth",
            '{"id": "1", "caption": "a", "sub_texts": [1], "segments": []}',
            "sub-texts that are no text",
        ),
        (
            "truth",
            '{"id": "1", "caption": "a", "sub_texts": ["a"], "segments": [[0]]}',
            "segments that are no frames",
        ),
        ("truth", '{"id": "1", "caption": "a", "sub_texts": [], "segments": [], "words": [7]}', "words is"),
        ("captions", '{"id": "a", "caption": 7}', "field 'caption' is 7; expected text"),
        ("captions", '{"id": [], "caption": "a"}', r"field 'id' is \[\]; expected text"),
        ("report of an export", '{"base": ["a"]}', r"base is \['a'\]; expected a name"),
        (
            "results of an evaluation",
            '{"command": 1, "data_hash": 2, "split": 3, "protocols": 4}',
            "not what was written",
        ),
        ("settings of a run", "text_encoder: {a: 1}", "text_encoder is .*; expected one value"),
        ("settings of a training", "epochs: [[1]]", "epochs is .*; expected one value"),
        ("settings of TMR", "{}", "not the configuration of a TMR run"),
        ("plan", "config: c\ncorpora: [1]\narms: {a: {}}", r"corpora is \[1\]; expected lines"),
        ("plan", PLAN.replace("data: x", "data: [1]"), r"data is \[1\]; expected a path"),
        ("plan", PLAN.replace("{a: {}}", "{a: {epochs: {b: 1}}}"), "epochs is .*; expected one value"),
        ("plan", PLAN + "tables: 7", "tables is 7; expected a list"),
        ("plan", PLAN + "tables: [{arms: a}]", "arms is 'a'; expected a list"),
    ],
)
def test_each_wrong_value_is_named(tmp_path: Path, what: str, content: str, said: str) -> None:
    name, opened = OPENINGS[what]
    (tmp_path / name).write_text(content)
    with pytest.raises(MateError, match=said):
        opened(tmp_path)


def test_ids_that_are_numbers_are_ids(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"id": 14, "caption": "a person walks#a/DET person/NOUN walks/VERB#0.0#0.0"}\n\n'
    )
    assert refusal(lambda: read_captions(tmp_path / "c.jsonl", ["14"])) is None
