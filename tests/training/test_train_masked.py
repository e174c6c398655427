"""The masked generator's runs: learning, resumed as if never stopped, on their VQ-VAE and encoder and no others."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from mate_hf.errors import MateError
from mate_hf.modeling import MaskedModel, VQConfig, VQModel
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.text_features import encoder_digest
from mate_hf.training import train_masked as script
from mate_hf.training.loop import Training
from mate_hf.training.masked_arguments import MaskedArguments, parse_arguments
from mate_hf.training.masked_task import MaskedTask
from mate_hf.training.parsing import make_parser
from mate_hf.utils.weights import weights_digest
from tests.tiny import flags
from tests.training.conftest import forget_accelerate

SIZES = {
    "hidden_size": 16,
    "layers": 1,
    "residual_layers": 1,
    "heads": 2,
    "feedforward": 16,
    "dropout": 0.1,
    "batch_size": 8,
    "num_workers": 0,
    "lr": 1e-2,
}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def vq(tmp_path: Path) -> Path:
    """A run whose VQ-VAE is at random weights."""
    torch.manual_seed(0)
    model = VQModel(VQConfig(hidden_size=16, code_size=8, codes=12, levels=3, depth=1))
    torch.nn.init.normal_(model.quantizer.books, std=0.1)
    model.save_pretrained(tmp_path / "vq" / "best")
    return tmp_path / "vq"


@pytest.fixture
def run(corpus: Path, text_encoders: dict[str, Path], vq: Path) -> Iterator[Run]:
    """`run(output_dir, **options)` trains a tiny masked generator and gives its results."""

    def train(output_dir: Path, family: str = "bert", **changed: object) -> dict[str, Any]:
        forget_accelerate()
        settings = {"data": corpus, "vq": vq, "text_encoder": text_encoders[family], "epochs": 2, **SIZES}
        arguments = parse_arguments(flags(**{**settings, **changed}, output_dir=output_dir))
        return Training(partial(MaskedTask, arguments), arguments.run, arguments.flat()).run()

    yield train
    forget_accelerate()


def weights(run: Path, which: str = "last") -> dict[str, torch.Tensor]:
    return load_file(run / which / "model.safetensors")


@pytest.mark.parametrize("conditions", ["words", "sentence"])
def test_a_run_learns_and_says_how_much_it_guesses_right(
    run: Run, tmp_path: Path, vq: Path, text_encoders: dict[str, Path], conditions: str
) -> None:
    results = run(tmp_path / "run", epochs=20, log_steps=2, validation_epochs=10, conditions=conditions)
    log = map(json.loads, (tmp_path / "run" / "log.jsonl").read_text().splitlines())
    records = [record for record in log if "train/loss" in record]
    assert records[0]["train/loss"] < 2 * math.log(12) + 0.2
    assert records[-1]["train/loss"] < records[0]["train/loss"] * 0.9
    for record in results["history"]:
        for level in (1, 2, 3):
            assert 0 <= record[f"accuracy_{level}"] <= 1
            assert record[f"cross_entropy_{level}"] > 0
    model = MaskedModel.from_pretrained(tmp_path / "run" / "last")
    checkpoint = load_file(sorted((tmp_path / "run" / "checkpoints").iterdir())[-1] / "model.safetensors")
    assert torch.equal(model.base.leave.weight, checkpoint["average.base.leave.weight"])
    assert not torch.equal(model.base.leave.weight, checkpoint["model.base.leave.weight"])
    assert (model.base.words is None) == (conditions == "sentence")
    assert (model.text_std != 1).all()
    opened = VQModel.from_pretrained(vq / "best")
    assert model.config.vq_digest == weights_digest(opened)
    assert weights_digest(VQModel.from_pretrained(tmp_path / "run" / "best" / "vq")) == weights_digest(opened)
    assert model.config.text_digest == encoder_digest(open_text_encoder(str(text_encoders["bert"])))
    assert (model.config.codes, model.config.levels, model.config.patch) == (12, 3, 4)


@pytest.mark.parametrize("share", [0, 0.5])
def test_a_resumed_run_equals_an_uninterrupted_one(
    run: Run, tmp_path: Path, localized: Path, share: float
) -> None:
    settings = {"data": localized, "composed_share": share, "epochs": 3}
    settings |= {"checkpoint_steps": 1, "keep_checkpoints": 9}
    run(tmp_path / "whole", **settings)
    run(tmp_path / "stopped", **settings, max_steps=3)
    half = weights(tmp_path / "stopped")
    run(tmp_path / "stopped", **settings, resume="last")
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not torch.equal(half["base.leave.weight"], one["base.leave.weight"])


def test_sub_texts_are_learned_on_their_segments(run: Run, localized: Path, tmp_path: Path) -> None:
    plain = run(tmp_path / "plain", data=localized)
    halves = run(tmp_path / "halves", data=localized, segment_share=1.0)
    assert plain["steps"] == halves["steps"]
    with pytest.raises(MateError, match=r"segment_share: 0\.5.*mate localize"):
        run(tmp_path / "none", segment_share=0.5)
    with pytest.raises(MateError, match=r"composed_share: 0\.5.*mate localize.*--composed_share 0"):
        run(tmp_path / "none", composed_share=0.5)


def test_a_run_does_not_go_on_with_other_codes_or_another_encoder(
    run: Run, tmp_path: Path, vq: Path, text_encoders: dict[str, Path]
) -> None:
    run(tmp_path / "run", epochs=1)
    shutil.copytree(vq, tmp_path / "other")
    with pytest.raises(MateError, match="vq was"):
        run(tmp_path / "run", epochs=2, resume="last", vq=tmp_path / "other")
    with pytest.raises(MateError, match="text_encoder was"):
        run(tmp_path / "run", epochs=2, resume="last", family="distilbert")
    file = vq / "best" / "model.safetensors"
    content = load_file(file)
    content["leave.conv.bias"] += 1
    save_file(content, file, metadata={"format": "pt"})
    with pytest.raises(MateError, match="began with another VQ-VAE"):
        run(tmp_path / "run", epochs=2, resume="last")


def test_its_codes_are_asked_for_and_must_be_codes_of_such_motions(
    run: Run, tmp_path: Path, corpus: Path, text_encoders: dict[str, Path]
) -> None:
    with pytest.raises(MateError, match=r"vq is not set\. .* --vq RUN"):
        parse_arguments(["--data", "d", "--output_dir", "o"])
    with pytest.raises(MateError, match=r"hidden_size: 15; expected an even number"):
        parse_arguments(
            [*(["--data", "d", "--output_dir", "o", "--vq", "v", "--hidden_size", "15", "--heads", "5"])]
        )
    with pytest.raises(MateError, match="nowhere: no trained model"):
        run(tmp_path / "run", vq=tmp_path / "nowhere")
    with pytest.raises(MateError, match="expected a VQ-VAE of motions"):
        run(tmp_path / "run", vq=text_encoders["bert"])
    VQModel(VQConfig(motion_width=251, hidden_size=8, code_size=4, codes=4)).save_pretrained(tmp_path / "kit")
    with pytest.raises(MateError, match="251"):
        run(tmp_path / "run", vq=tmp_path / "kit")


def test_one_level_of_codes_is_enough(run: Run, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = VQModel(VQConfig(hidden_size=8, code_size=4, codes=6, levels=1, depth=1))
    torch.nn.init.normal_(model.quantizer.books)
    model.save_pretrained(tmp_path / "flat")
    results = run(tmp_path / "run", vq=tmp_path / "flat")
    assert results["best"]["base_accuracy"] >= 0
    assert MaskedModel.from_pretrained(tmp_path / "run" / "best").residual is None


@pytest.mark.parametrize("name", ["quickstart_masked", "masked_base"])
def test_the_shipped_settings_are_what_they_say(name: str) -> None:
    flat = parse_arguments(["--config", name, "--data", "d", "--vq", "v", "--output_dir", "o"]).flat()
    assert (
        tuple(flat[key] for key in ("layers", "residual_layers", "hidden_size", "feedforward", "heads"))
        == {
            "quickstart_masked": (4, 3, 128, 384, 4),
            "masked_base": (8, 8, 384, 1024, 6),
        }[name]
    )


def test_every_flag_has_its_help() -> None:
    assert not [action.dest for action in make_parser(MaskedArguments.parts())._actions if not action.help]


def test_the_script_ends_with_the_message_and_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        script.main(flags(data=tmp_path / "nowhere", vq=tmp_path, output_dir=tmp_path / "run"))
    assert ended.value.code == 1
    assert "nowhere" in capsys.readouterr().err
