"""The VQ-VAE's runs: learning, resumed as if never stopped, aligned, on two processes with one codebook."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mate_hf.errors import MateError
from mate_hf.modeling import VQModel
from mate_hf.training import train_vq as script
from mate_hf.training.loop import Training
from mate_hf.training.parsing import make_parser
from mate_hf.training.vq_arguments import VQArguments, parse_arguments
from mate_hf.training.vq_task import VQTask
from tests.tiny import flags
from tests.together import together
from tests.training.conftest import forget_accelerate

SIZES = {
    "hidden_size": 16,
    "code_size": 8,
    "codes": 12,
    "levels": 3,
    "depth": 1,
    "level_dropout": 0.5,
    "batch_size": 8,
    "num_workers": 0,
    "lr": 1e-2,
}
BOOKS = ("books", "counts", "sums", "begun")
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(corpus: Path) -> Iterator[Run]:
    """`run(output_dir, **options)` trains a tiny VQ-VAE and gives its results."""

    def train(output_dir: Path, **changed: object) -> dict[str, Any]:
        forget_accelerate()
        arguments = parse_arguments(
            flags(**{"data": corpus, "epochs": 2, **SIZES, **changed}, output_dir=output_dir)
        )
        return Training(partial(VQTask, arguments), arguments.run, arguments.flat()).run()

    yield train
    forget_accelerate()


def weights(run: Path, which: str = "last") -> dict[str, torch.Tensor]:
    return load_file(run / which / "model.safetensors")


def records(run: Path, part: str) -> list[dict[str, float]]:
    log = map(json.loads, (run / "log.jsonl").read_text().splitlines())
    return [record for record in log if f"{part}/loss" in record]


def test_a_run_learns_and_says_how_far_bodies_are_off(run: Run, corpus: Path, tmp_path: Path) -> None:
    # Random walks have little in common that few codes could say.
    larger = {"hidden_size": 64, "code_size": 32, "codes": 64, "level_dropout": 0.0}
    larger |= {"reconstruction": "l1", "root_weight": 1.0}
    results = run(tmp_path / "run", epochs=10, log_steps=4, validation_epochs=5, **larger)
    losses = [record["train/reconstruction"] for record in records(tmp_path / "run", "train")]
    assert losses[-1] < losses[0] * 0.9
    for record in results["history"]:
        assert record["joint_error_cm"] > 0
        assert record["body_error_cm"] > 0
        assert all(0 < record[f"used_{level}"] <= 1 for level in (1, 2, 3))
        assert all(1 <= record[f"perplexity_{level}"] <= 64 for level in (1, 2, 3))
    assert results["best"]["loss"] == min(record["loss"] for record in results["history"])
    model = VQModel.from_pretrained(tmp_path / "run" / "best")
    assert np.array_equal(model.motion_mean.numpy(), np.load(corpus / "Mean.npy"))
    assert model.quantizer.begun.all()
    assert model.config.motion_fps == 20


def test_a_resumed_run_equals_an_uninterrupted_one(run: Run, tmp_path: Path) -> None:
    settings = {"epochs": 3, "checkpoint_steps": 1, "keep_checkpoints": 9, "window": 24}
    run(tmp_path / "whole", **settings)
    run(tmp_path / "stopped", **settings, max_steps=3)
    half = weights(tmp_path / "stopped")
    run(tmp_path / "stopped", **settings, resume="last")
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert {f"quantizer.{name}" for name in BOOKS} <= one.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not torch.equal(half["quantizer.books"], one["quantizer.books"])


def test_a_window_is_what_the_model_sees(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths, forward = [], VQModel.forward

    def watched(self: VQModel, motion: torch.Tensor, mask: torch.Tensor) -> Any:
        if self.training:
            lengths.append(motion.shape[1])
        return forward(self, motion, mask)

    monkeypatch.setattr(VQModel, "forward", watched)
    run(tmp_path / "run", window=20)
    assert set(lengths) == {20}


@pytest.fixture
def aligned(alignment_module: Path) -> dict[str, object]:
    return {
        "alignment": "inter,intra",
        "aligned_motion": 1.0,
        "similar_captions": 1.0,
        "alignment_weight": 1.0,
        "alignment_module": alignment_module,
    }


def test_reconstructions_are_aligned_with_their_captions(
    run: Run, aligned: dict[str, object], alignment_module: Path, tmp_path: Path
) -> None:
    before = load_file(alignment_module / "best" / "model.safetensors")
    settings = {"epochs": 2, "validation_epochs": 2, "log_steps": 1, "checkpoint_steps": 1}
    run(tmp_path / "plain", **settings)
    run(tmp_path / "whole", **settings, **aligned)
    logged = records(tmp_path / "whole", "train")
    for record in logged:
        own = (
            record["train/reconstruction"]
            + 0.5 * record["train/positions"]
            + 0.02 * record["train/commitment"]
        )
        pulls = record["train/inter"] + record["train/intra"]
        assert record["train/loss"] == pytest.approx(own + pulls, rel=1e-4)
    assert any(record["train/inter"] > 0 for record in logged)
    assert any(record["train/intra"] > 0 and record["train/intra_active"] > 0 for record in logged)
    one, other = weights(tmp_path / "plain"), weights(tmp_path / "whole")
    assert one.keys() == other.keys()
    assert not torch.equal(one["leave.conv.weight"], other["leave.conv.weight"])
    after = load_file(alignment_module / "best" / "model.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)

    run(tmp_path / "stopped", **settings, **aligned, max_steps=1)
    run(tmp_path / "stopped", **settings, **aligned, resume="last")
    again = weights(tmp_path / "stopped")
    assert all(torch.equal(other[name], again[name]) for name in other)


def test_a_run_does_not_go_on_with_another_alignment_module(
    run: Run, aligned: dict[str, object], alignment_module: Path, tmp_path: Path
) -> None:
    with pytest.raises(MateError, match="--alignment_module RUN"):
        run(tmp_path / "run", alignment="inter")
    run(tmp_path / "run", epochs=1, **aligned)
    weight = load_file(alignment_module / "best" / "model.safetensors")
    weight["motion_encoder.distribution"] += 1
    save_file(weight, alignment_module / "best" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MateError, match="another alignment module"):
        run(tmp_path / "run", epochs=2, resume="last", **aligned)


EACH_KEEPS_ITS_OWN = """
import sys
import torch
from pathlib import Path
from safetensors.torch import save_file
from torch import distributed
from mate_hf.training import entry
from mate_hf.training.vq_task import VQTask

def keep(task):
    buffers = {name: part.clone() for name, part in task.model.quantizer.named_buffers()}
    drawn = {"drawn": torch.get_rng_state()}
    save_file({**buffers, **drawn}, Path(__file__).parent / f"{distributed.get_rank()}.safetensors")

VQTask.after_step = keep
entry.train_vq(sys.argv[1:])
"""


def test_two_processes_have_one_codebook_and_draw_alike(corpus: Path, tmp_path: Path) -> None:
    """Before the next step, when DistributedDataParallel would hand round the main process's buffers."""
    settings = flags(**{"data": corpus, "epochs": 3, **SIZES}, output_dir=tmp_path / "run", log_steps=1)
    (tmp_path / "train.py").write_text(EACH_KEEPS_ITS_OWN)
    together(tmp_path / "train.py", *settings)
    one, other = (load_file(tmp_path / f"{rank}.safetensors") for rank in (0, 1))
    assert {*BOOKS, "drawn"} == one.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert one["begun"].all()
    saved = weights(tmp_path / "run")
    assert torch.equal(saved["quantizer.books"], one["books"])


@pytest.mark.parametrize("name", ["quickstart_vq", "vq_base"])
def test_the_shipped_settings_are_what_they_say(name: str) -> None:
    flat = parse_arguments(["--config", name, "--data", "d", "--output_dir", "o"]).flat()
    assert (
        tuple(flat[key] for key in ("hidden_size", "codes", "levels", "window", "reconstruction"))
        == {
            "quickstart_vq": (128, 256, 4, None, "smooth_l1"),
            "vq_base": (512, 512, 6, 64, "smooth_l1"),
        }[name]
    )


def test_every_flag_has_its_help() -> None:
    assert not [action.dest for action in make_parser(VQArguments.parts())._actions if not action.help]


def test_the_script_ends_with_the_message_and_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        script.main(flags(data=tmp_path / "nowhere", output_dir=tmp_path / "run"))
    assert ended.value.code == 1
    assert "nowhere" in capsys.readouterr().err
