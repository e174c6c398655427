"""The field's evaluator: outputs recorded from MoMask 94a6636 (models/t2m_eval_modules.py, as Guo et al. wrote it)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.guo_evaluator import convert_evaluator
from mate_hf.modeling import EvaluatorConfig, EvaluatorModel

MOTION = [
    [-0.3004528, -0.0897058, 0.1710724, 0.3580893, 0.3789476],
    [-0.2820896, -0.0402352, 0.2273011, 0.3934006, 0.3759614],
    [-0.2809802, -0.0053755, 0.2787533, 0.4361208, 0.3889230],
]
TEXT = [
    [-0.9169927, -0.6386726, 0.1526646, 0.1385035, -0.4271249],
    [-0.9045022, -0.6338716, 0.1419651, 0.1297113, -0.4197050],
    [-0.8875229, -0.6302056, 0.1263531, 0.1202216, -0.4076331],
]
"""Of three motions and captions, under the weights of `published` and the inputs of `pairs`."""

SEQUENCE = {
    "embed": "input_emb",
    "gru": "gru",
    "output": "output_net",
    "start": "hidden",
}


def wave(shape: tuple[int, ...], rate: float, start: float = 0.0) -> Tensor:
    return (torch.arange(math.prod(shape), dtype=torch.float64) * rate + start).view(shape)


def sequence_shapes(width: int, hidden: int, out: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"hidden": (2, 1, hidden)}
    shapes |= {"input_emb.weight": (hidden, width), "input_emb.bias": (hidden,)}
    for way in ("", "_reverse"):
        shapes |= {f"gru.weight_{kind}_l0{way}": (3 * hidden, hidden) for kind in ("ih", "hh")}
        shapes |= {f"gru.bias_{kind}_l0{way}": (3 * hidden,) for kind in ("ih", "hh")}
    shapes |= {"output_net.0.weight": (hidden, 2 * hidden), "output_net.0.bias": (hidden,)}
    shapes |= {"output_net.1.weight": (hidden,), "output_net.1.bias": (hidden,)}
    return shapes | {"output_net.3.weight": (out, hidden), "output_net.3.bias": (out,)}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A checkpoint of the field's layout, small, its weights a formula."""
    movement = {"main.0.weight": (6, 7, 4), "main.0.bias": (6,), "main.3.weight": (6, 6, 4)}
    movement |= {"main.3.bias": (6,), "out_net.weight": (6, 6), "out_net.bias": (6,)}
    parts = {
        "movement_encoder": movement,
        "motion_encoder": sequence_shapes(6, 10, 5),
        "text_encoder": sequence_shapes(8, 7, 5) | {"pos_emb.weight": (8, 15), "pos_emb.bias": (8,)},
    }
    content: dict[str, object] = {"epoch": 3, "iter": 5}
    for place, (part, shapes) in enumerate(parts.items()):
        content[part] = {
            name: (wave(shapes[name], 0.7, number + 10 * place).sin() * 0.5).float()
            for number, name in enumerate(sorted(shapes))
        }
    torch.save(content, tmp_path / "finest.tar")
    np.save(tmp_path / "mean.npy", np.zeros(11, dtype=np.float32))
    np.save(tmp_path / "std.npy", np.ones(11, dtype=np.float32))
    return tmp_path / "finest.tar"


def convert(published: Path, out: Path) -> EvaluatorModel:
    model = convert_evaluator(published, out, published.parent / "mean.npy", published.parent / "std.npy")
    model.config.longest_motion = 16  # what the outputs were recorded at
    return model


@pytest.fixture
def pairs() -> dict[str, Tensor]:
    motion = wave((3, 16, 11), 0.31).cos().float()
    tags = torch.tensor([[0, 1, 2, 14], [3, 4, 14, 14], [9, 10, 14, 14]])
    return {
        "motion": motion,
        "motion_length": torch.tensor([16, 12, 8]),
        "words": wave((3, 4, 8), 0.17).cos().float(),
        "tags": one_hot(tags, 15).float(),
        "text_length": torch.tensor([4, 3, 2]),
    }


@torch.no_grad()
def test_a_converted_checkpoint_gives_the_fields_features(
    published: Path, pairs: dict[str, Tensor], tmp_path: Path
) -> None:
    convert(published, tmp_path / "out")
    model = EvaluatorModel.from_pretrained(tmp_path / "out", longest_motion=16).eval()
    text, motion = model(**pairs)
    assert torch.allclose(motion, torch.tensor(MOTION), atol=1e-6)
    assert torch.allclose(text, torch.tensor(TEXT), atol=1e-6)


@torch.no_grad()
def test_order_padding_and_statistics_are_the_models_business(
    published: Path, pairs: dict[str, Tensor], tmp_path: Path
) -> None:
    mean, std = wave((11,), 0.9).sin().float(), wave((11,), 0.4).cos().abs().float() + 0.5
    np.save(published.parent / "mean.npy", mean.numpy())
    np.save(published.parent / "std.npy", std.numpy())
    model = convert(published, tmp_path / "out")
    raw = pairs["motion"] * std + mean
    for row, length in zip(raw, pairs["motion_length"], strict=True):
        row[length:] = 7.0
    order = [2, 0, 1]
    found = model.motion_feature(raw[order], pairs["motion_length"][order])
    assert torch.allclose(found, torch.tensor(MOTION)[order], atol=1e-5)
    remainder = pairs["motion_length"] + torch.tensor([0, 3, 1])
    assert torch.allclose(model.motion_feature(raw, remainder), torch.tensor(MOTION), atol=1e-5)
    without_the_longest = model.motion_feature(raw[1:, :12], pairs["motion_length"][1:])
    assert torch.allclose(without_the_longest, torch.tensor(MOTION)[1:], atol=1e-5)


def test_the_published_sizes_are_the_defaults() -> None:
    config = EvaluatorConfig()
    model = EvaluatorModel(config)
    assert config.movement_width == config.feature_width == config.text_hidden == 512
    assert model.motion_encoder.gru.hidden_size == 1024
    assert model.movement_encoder.convolutions[0].in_channels == 259


def test_wrong_input_is_named(published: Path, pairs: dict[str, Tensor], tmp_path: Path) -> None:
    model = convert(published, tmp_path / "out")
    with pytest.raises(ValueError, match="9 features a frame; expected 11"):
        model.motion_feature(pairs["motion"][..., :9], pairs["motion_length"])
    with pytest.raises(ValueError, match="3 frames; expected 4 or more"):
        model.motion_feature(pairs["motion"], torch.tensor([16, 3, 8]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda parts: parts.pop("text_encoder"), "expected movement_encoder, motion_encoder, text_encoder"),
        (lambda parts: parts["motion_encoder"].pop("hidden"), r"do not fit: motion_encoder\.start"),
        (lambda parts: parts["motion_encoder"].update(extra=torch.ones(1)), "motion_encoder holds extra"),
        (
            lambda parts: parts["movement_encoder"].pop("out_net.weight"),
            r"no movement_encoder\.output\.weight",
        ),
        (
            lambda parts: parts["text_encoder"].update({"gru.bias_ih_l0": torch.ones(4)}),
            "do not fit: text_encoder",
        ),
        (lambda parts: parts.update(text_encoder={}), "text_encoder: holds dict; expected weights by name"),
        (
            lambda parts: parts["motion_encoder"].update(hidden="abc"),
            "motion_encoder: hidden is str; expected a tensor",
        ),
        (
            lambda parts: parts["motion_encoder"].update({5: torch.ones(1)}),
            "motion_encoder: 5 is the name of a weight",
        ),
        (
            lambda parts: parts["motion_encoder"].update(hidden=torch.tensor(3)),
            "hidden holds no finite numbers",
        ),
        (
            lambda parts: parts["motion_encoder"].update(hidden=torch.full((2, 1, 5), float("nan"))),
            "hidden holds no finite numbers",
        ),
        (
            lambda parts: parts["movement_encoder"].update({"main.0.weight": torch.tensor(3.0)}),
            r"convolutions\.0\.weight has shape \(\); expected 3 dimensions",
        ),
        (
            lambda parts: parts["movement_encoder"].update({"out_net.weight": torch.zeros(0, 6)}),
            r"output\.weight has shape \(0, 6\); expected 2 dimensions",
        ),
        (
            lambda parts: parts["movement_encoder"].update(
                {"out_net.weight": torch.zeros(1, 1).expand(10**9, 10**9)}
            ),
            "does not hold all its values",
        ),
        (
            lambda parts: parts["movement_encoder"].update({"out_net.weight": torch.eye(6).to_sparse()}),
            "does not hold all its values",
        ),
    ],
)
def test_another_checkpoint_is_refused_by_name(published: Path, tmp_path: Path, change, message: str) -> None:  # type: ignore[no-untyped-def]
    content = torch.load(published, weights_only=True)
    change(content)
    torch.save(content, published)
    with pytest.raises(MateError, match=message):
        convert(published, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_names_a_file_that_is_not_there(published: Path, tmp_path: Path) -> None:
    folder = published.parent
    flags = ["--mean", str(folder / "mean.npy"), "--std", str(folder / "std.npy")]
    done = CliRunner().invoke(app, ["convert-evaluator", str(published), str(tmp_path / "out"), *flags])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "model.safetensors").is_file()
    done = CliRunner().invoke(app, ["convert-evaluator", str(folder / "no.tar"), str(tmp_path / "b"), *flags])
    assert done.exit_code == 1
    assert "no such file" in " ".join(done.output.split())
