"""Numbers at their limits, with every training script: what is saved is finite, or a line names the step and the term before anything is."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from mate_hf.data.corpus import save_corpus
from mate_hf.data.preparation import load_prepared, prepare
from mate_hf.errors import MateError
from mate_hf.training.divergence import Divergence
from mate_hf.training.generator_task import GeneratorTask
from tests.tiny import flags, make_corpus
from tests.training.conftest import forget_accelerate
from tests.training.every_script import ALIGNED, SCRIPTS, make_vq, tiny_settings

STOPS = re.compile(r"step \d+: (the loss term \w+|weights of [\w.]+|gradients of [\w.]+|\w+ of the valid)")
SMALLEST = 1.4e-45
"""The smallest number above 0 in float32."""


class TrainAny(Protocol):
    """A tiny run of a script; its folder."""

    def __call__(self, script: str, **changed: object) -> Path: ...


@pytest.fixture
def train_any(corpus: Path, text_encoders: dict[str, Path], tmp_path: Path) -> Iterator[TrainAny]:
    def train(script: str, **changed: object) -> Path:
        forget_accelerate()
        given = tiny_settings(script, text_encoders["bert"], make_vq(tmp_path / "made"))
        given |= {"data": corpus, "epochs": 1, "log_steps": 1000, **changed}
        SCRIPTS[script](flags(**given, output_dir=tmp_path / "run"))
        return tmp_path / "run"

    yield train
    forget_accelerate()


def require_finite(run: Path) -> None:
    """All weights and moments that were written, and all that was measured."""
    for file in run.rglob("*.safetensors"):
        for name, kept in load_file(file).items():
            assert not kept.is_floating_point() or kept.isfinite().all(), f"{file}: {name}"
    if (run / "results.json").exists():
        for record in json.loads((run / "results.json").read_text())["history"]:
            assert all(map(math.isfinite, record.values())), record


def require_finite_or_stopped(train: TrainAny, folder: Path, script: str, **changed: object) -> str:
    """What was said, where it stopped."""
    said = ""
    try:
        train(script, **changed)
    except MateError as error:
        said = str(error)
        assert STOPS.match(said), said
    require_finite(folder / "run")
    return said


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_rate_far_too_high(
    train_any: TrainAny, tmp_path: Path, script: str, alignment_module: Path
) -> None:
    rates = {"embedding_lr": 1e6} if script == "train" else {}
    aligned = {**ALIGNED, "alignment_module": alignment_module} if script == "train-generator" else {}
    said = require_finite_or_stopped(
        train_any, tmp_path, script, lr=1e6, epochs=4, max_grad_norm=1.0, **rates, **aligned
    )
    assert "nothing of it was saved. Lower lr" in said
    assert ("embedding_lr" in said) == (script == "train")


@pytest.mark.parametrize("script", SCRIPTS)
def test_half_precision_and_batches_of_which_validation_leaves_one(train_any: TrainAny, script: str) -> None:
    require_finite(train_any(script, mixed_precision="bf16", batch_size=3))


@pytest.fixture(scope="module")
def standstill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bodies that never move, and one caption for all of them."""
    root = tmp_path_factory.mktemp("standstill")
    folder = make_corpus(root / "folder")
    frame = np.random.default_rng(0).normal(size=263).astype(np.float32) / 10
    frame[-4:] = 0
    for file in (folder / "new_joint_vecs").iterdir():
        np.save(file, np.tile(frame, (len(np.load(file)), 1)))
    for file in (folder / "texts").iterdir():
        file.write_text("a person stands#a/DET person/NOUN stands/VERB#0.0#0.0\n")
    prepare(str(folder), root / "prepared", workers=1)
    return root / "prepared"


@pytest.mark.parametrize("script", SCRIPTS)
def test_equal_captions_of_motions_that_never_change(
    train_any: TrainAny, standstill: Path, script: str
) -> None:
    require_finite(train_any(script, data=standstill))


@pytest.fixture
def slivers(localized: Path, tmp_path: Path) -> Path:
    """A localized corpus of which each motion has a segment of one frame."""

    def cut(row: dict[str, Any]) -> dict[str, Any]:
        first = 1 if row["length"] % 2 else row["length"] - 1
        return {"segments": [[0, first], [first, row["length"]]]}

    prepared = load_prepared(localized)
    splits = {
        name: split.with_captions(split.captions.map(cut)) for name, split in prepared.corpus.splits.items()
    }
    save_corpus(replace(prepared.corpus, splits=splits), tmp_path / "slivers")
    prepared.vocabulary.save(tmp_path / "slivers" / "vocabulary.json")
    return tmp_path / "slivers"


@pytest.mark.parametrize(
    ("script", "share"),
    [
        ("train", {}),
        ("train-retrieval", {"segment_share": 1.0}),
        ("train-generator", {"segment_share": 0.5, "composed_share": 0.5}),
        ("train-masked", {"segment_share": 0.5, "composed_share": 0.5}),
    ],
)
def test_segments_of_one_frame(
    train_any: TrainAny, slivers: Path, script: str, share: dict[str, object]
) -> None:
    require_finite(train_any(script, data=slivers, **share))


@pytest.mark.parametrize("tau", [1e-6, SMALLEST])
@pytest.mark.parametrize("script", ["train", "train moclip", "train-retrieval", "train-generator"])
def test_the_smallest_temperature(
    train_any: TrainAny, tmp_path: Path, alignment_module: Path, script: str, tau: float
) -> None:
    contrastive = {**ALIGNED, "inter_form": "contrastive", "alignment_module": alignment_module}
    named: dict[str, dict[str, object]] = {
        "train": {"tau": tau},
        "train moclip": {"objective": "moclip", "tau": tau},
        "train-retrieval": {"temperature": tau},
        "train-generator": {**contrastive, "inter_temperature": tau},
    }
    said = require_finite_or_stopped(train_any, tmp_path, script.split()[0], **named[script])
    if tau == SMALLEST:
        assert "step 1: the loss term" in said


def divergence(module: nn.Module, optimizer: torch.optim.Optimizer) -> Divergence:
    alone = SimpleNamespace(reduce=lambda value, how: value)
    return Divergence(alone, module, optimizer, {"lr": 1.0})  # type: ignore[arg-type]


def test_the_first_broken_step_is_named_with_its_term() -> None:
    module = nn.Linear(2, 2)
    whole, nan = torch.tensor(1.0), torch.tensor(math.nan)
    logged = [
        (3, {"loss": whole, "self": whole}),
        (4, {"loss": nan, "self": whole, "cross": nan}),
        (5, {"loss": nan, "self": nan, "cross": nan}),
    ]
    checks = divergence(module, torch.optim.AdamW(module.parameters()))
    with pytest.raises(MateError, match=r"^step 4: the loss term cross is not finite \(nan\)"):
        checks.mean_losses(logged)
    huge = torch.tensor(3e38)
    with pytest.raises(MateError, match=r"^step 2: losses are too large"):
        checks.mean_losses([(1, {"loss": huge}), (2, {"loss": huge})])


def test_moments_and_codebooks_are_looked_at() -> None:
    """Squared gradients beyond float32 are infinite moments: weights that stay finite, and never move again."""
    module = nn.Linear(2, 2)
    module.register_buffer("books", torch.zeros(3))
    optimizer = torch.optim.AdamW(module.parameters())
    checks = divergence(module, optimizer)
    (module.weight.sum() * 1e25).backward()
    optimizer.step()
    assert module.weight.isfinite().all()
    with pytest.raises(MateError, match=r"^step 7: gradients of weight are too large for AdamW"):
        checks.require_finite_weights(7)
    optimizer.state.clear()
    checks.require_finite_weights(7)
    module.books[1] = math.inf  # type: ignore[index,operator]
    with pytest.raises(MateError, match=r"^step 7: weights of books are not finite"):
        checks.require_finite_weights(7)


def test_a_validation_that_is_not_finite_saves_nothing(
    train_any: TrainAny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GeneratorTask, "validate", lambda *_: {"loss": math.nan})
    with pytest.raises(MateError, match=r"step 2: loss of the validation split is not finite \(nan\)"):
        train_any("train-generator")
    assert not list((tmp_path / "run").rglob("*.safetensors"))
