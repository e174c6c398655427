"""Every command of `mate` on the pages runs, in a world where all that they name is there and tiny; or it is said why not.

Of commands alike in all but names one is run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.fuzz_samples import RESULTS
from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_features import recover
from mate_hf.data.preparation import load_prepared, prepare
from mate_hf.data.shards import prepare_shard
from mate_hf.data.synthetic import write_synthetic_corpus
from mate_hf.localization.shards import localize_share
from mate_hf.localization.stage import localize_prepared
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.text.decomposition.decompose import DecompositionReport
from mate_hf.utils.shards import Share
from tests.cli.test_cli import Mate, mate
from tests.docs.pages import PAGES, ROOT, mate_commands, shell_commands
from tests.tiny import flags
from tests.training.conftest import forget_accelerate
from tests.training.every_script import SCRIPTS, make_vq, tiny_settings

__all__ = ["mate"]

NOT_RUN = {
    r"explore": "serves until it is ended: tests/explorer/test_serving.py",
    r"push|pull|.*\borg/": "asks the Hub, here a stand-in: tests/hub/test_push.py",
    r"ablate": "trains for hours; plans of tiny runs: tests/ablations/test_ablations.py",
    r"decompose .*--backend openai": "asks a server: tests/text/decomposition/test_decompose.py",
    r"convert-evaluator": "reads a download: tests/guo_evaluator/test_convert.py",
    r"convert-retrieval": "reads a download: tests/retrieval_checkpoints/test_retrieval_checkpoints.py",
    r"verify-client": "reads a client's checkpoint: tests/exports/test_client_check.py",
    r"train-evaluator .*--glove": "reads a download: tests/guo_evaluator/test_vectors.py",
    r"evaluate generation": "needs an evaluator that was converted: tests/evaluation/generation/test_run_generation.py",
    r"evaluate obedience": "acts 460 prompts: tests/evaluation/obedience/test_run_obedience.py",
    r"export .*--format (openai-clip|hf-clip)": "needs a whole CLIP: tests/exports/test_openai.py",
    r"plot ablation": "draws what `ablate` left: tests/reports/test_ablation_figure.py",
    r"plot skeleton .*\.mp4": "needs ffmpeg: tests/plotting/test_film.py",
}
"""By the start of a command: why it is not run here, and which test runs the like of it."""

OTHERS = {
    r"make (test|test-min|quality|docs|quickstart|generator)": "these tests, or minutes and an installation",
    r"(nice -n 10 )?python -m benchmarks\.": "measures for minutes; options: test_commands.py",
    r"bash benchmarks/gpu.sh": "asks for a GPU",
    r"python -m (train|pytest)|python (train|tests)": "of a client's repository, or these tests",
    r"python examples/": "tests/examples/test_examples.py",
    r"python -c": "a line to look at numbers",
    r"(git|pip|source|du|pip-audit) ": "changes or reads this machine",
    r"accelerate launch": "as `mate train`, in a process of its own: tests/training/test_launching.py",
}
"""The same of other programs."""

SHORTER = {
    "prepare --synthetic": ["--motions", "20", "--workers", "1"],
    "generate": ["--steps", "2", "--num", "1"],
    "localize": ["--device", "cpu"],
}
"""Flags that make a command quick; of one flag given twice the last counts."""


def shape(words: list[str]) -> str:
    """A command less its names."""
    kept = [word for word in words if word.startswith("-") or re.fullmatch(r"[a-z-]+", word)]
    endings = [Path(word).suffix for word in words if "/" not in word and Path(word).suffix]
    return " ".join([*kept, *endings])


def every_command() -> Iterator[tuple[str, list[str]]]:
    """Page and words, of each shape once."""
    met = set()
    for page in PAGES:
        for words in mate_commands(page):
            if words[1:] and shape(words) not in met:
                met.add(shape(words))
                yield page.name, words


def reason(words: list[str]) -> str | None:
    line = " ".join(words)
    return next((why for start, why in NOT_RUN.items() if re.match(start, line)), None)


RUN = [(page, words) for page, words in every_command() if reason(words) is None]


def halves(captions: Sequence[str]) -> tuple[list[list[str]], DecompositionReport]:
    words = [caption.split() for caption in captions]
    return [[" ".join(w[:3]), " ".join(w[3:])] for w in words], DecompositionReport("halves")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, text_encoders: dict[str, Path]) -> Path:
    """All that the pages name."""
    root = tmp_path_factory.mktemp("pages")
    encoder = text_encoders["bert"]
    write_synthetic_corpus(root / "synthetic", 40, progress=False)
    prepare(str(root / "synthetic"), root / "prepared", workers=1)
    for number in (1, 2):
        prepare_shard(root / "synthetic", root / "shards" / str(number), f"{number}/2", workers=1)
    vq = make_vq(root / "vq_made")

    def train(script: str, name: str, **more: object) -> None:
        forget_accelerate()
        given = tiny_settings(script, encoder, vq) | {"max_steps": 1, "batch_size": 4}
        SCRIPTS[script](flags(**{**given, "data": root / "prepared", **more}, output_dir=root / name))
        forget_accelerate()

    train("train-retrieval", "retrieval")
    prepared, retriever = load_prepared(root / "prepared"), open_retriever(root / "retrieval")
    localize_prepared(prepared, retriever, halves, root / "localized")
    for number in (1, 2):
        localize_share(prepared, retriever, halves, root / "cut" / str(number), Share(number, 2))
    train("train", "mate", data=root / "localized")
    train("train-generator", "generator")
    train("train-vq", "vq")
    train("train-masked", "masked", vq=root / "vq")
    motions = load_prepared(root / "prepared").corpus.splits["train"].motions
    longest = max((motions[row] for row in range(len(motions))), key=len)[:140]
    assert len(longest) > 120
    np.save(root / "features.npy", longest)
    joints = recover(torch.from_numpy(longest), HUMANML3D).numpy()
    np.save(root / "joints.npy", joints)
    # Centimetres, z up.
    np.save(root / "captured.npy", 100 * joints[..., [0, 2, 1]] * [1, -1, 1])
    np.save(root / "batch.npy", np.stack([joints[:40]] * 4))
    (root / "captions.txt").write_text("a man walks, then sits\n")
    (root / "obedience.json").write_text(json.dumps(RESULTS["obedience"]))
    return root


STANDS = {
    "synthetic": ("HumanML3D", "data/synthetic"),
    "prepared": ("DATA", "BANDAI", "CMU", "data/humanml3d", "data/prepared", "runs/r1/data"),
    "shards": ("shards",),
    "cut": ("cut",),
    "localized": ("data/localized", "data/first_cut"),
    "retrieval": ("runs/retrieval", "runs/retrieval_2", "runs/atm", "runs/r1", "runs/A", "runs/B"),
    "mate": ("runs/mate", "runs/mate2", "runs/clip", "runs/distilbert"),
    "generator": ("runs/generator", "runs/stock"),
    "vq": ("runs/vq",),
    "masked": ("runs/masked",),
    "features.npy": ("features.npy", "walk.npy", "stock.npy", "mate.npy", "real.npy", "clip.npy"),
    **{name: (name,) for name in ("joints.npy", "captured.npy", "batch.npy", "captions.txt")},
    "obedience.json": ("stock.json", "tuned.json", "mate.json", "obedience.json"),
}
"""What the names of the pages stand for."""


@pytest.fixture
def world(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for thing, names in STANDS.items():
        for name in names:
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if (built / thing).is_dir():
                shutil.copytree(built / thing, place, copy_function=os.link, dirs_exist_ok=True)
            else:
                os.link(built / thing, place)
    for folder in ("training", "benchmarks"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(words: list[str]) -> Path | None:
    """What a command writes."""
    for flag in ("--out", "--output_dir"):
        if flag in words:
            return Path(words[words.index(flag) + 1])
    places = [word for word in words[1:] if not word.startswith("-")]
    return (
        Path(places[0 if "--synthetic" in words else 1])
        if words[0] in ("prepare", "export", "convert")
        else None
    )


@pytest.mark.parametrize(
    ("page", "words"), RUN, ids=[f"{page} {' '.join(words)[:70]}" for page, words in RUN]
)
def test_a_command_runs_as_the_page_says(
    mate: Mate,
    world: Path,
    text_encoders: dict[str, Path],
    page: str,
    words: list[str],
) -> None:
    named = {
        "SEED": "3",
        "RUN": "runs/retrieval" if "localization" in words or words[0] == "train-retrieval" else "runs/mate",
    }
    words = [named.get(word.strip("[]"), word.strip("[]")) for word in words]
    words = [word.replace("RUN", named["RUN"]) if word.startswith("RUN") else word for word in words]
    array = {"$SLURM_ARRAY_TASK_ID": "1", "$SLURM_ARRAY_TASK_COUNT": "2"}
    for name, value in array.items():
        words = [word.replace(name, value) for word in words]
    words = [
        part for word in words for part in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
    ]
    # $C of the page stands for a configuration.
    words = [part for word in words for part in ([] if word == "$C" else [word])]
    out = written(words)
    if out is not None and out.exists():
        shutil.rmtree(out) if out.is_dir() else out.unlink()
    if words[0] in SCRIPTS:
        tiny = tiny_settings(words[0], text_encoders["bert"], Path("runs/vq"))
        if "--init_from" in words:
            tiny = {name: tiny[name] for name in ("batch_size", "num_workers", "sentence_encoder")}
        forget_accelerate()
        SCRIPTS[words[0]]([*words[1:], *flags(**{**tiny, "max_steps": 1, "batch_size": 4})])
        forget_accelerate()
    else:
        for start, further in SHORTER.items():
            if words[0] == start.split()[0] and (start.split()[1:] == [] or start.split()[1] in words):
                words = [*words, *further]
        done = mate(*words)
        assert done.returncode == 0, f"{page}: mate {' '.join(words)}\n{done.stderr}"
    assert out is None or out.exists()


def test_what_is_not_run_is_tested_where_it_is_said() -> None:
    for why in [*NOT_RUN.values(), *OTHERS.values()]:
        for file in re.findall(r"tests/\S+\.py", why):
            assert (ROOT / file).is_file(), file
    lines = {" ".join(words) for _, words in every_command()}
    for start in NOT_RUN:
        assert any(re.match(start, line) for line in lines), f"no page says {start!r}"


def test_other_programs_have_their_reason() -> None:
    for page in PAGES:
        for words in shell_commands(page):
            if words[0] != "mate":
                assert any(re.match(start, " ".join(words)) for start in OTHERS), (page.name, words)
    assert len(RUN) > 30
