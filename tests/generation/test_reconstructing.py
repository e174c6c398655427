"""A split through a VQ-VAE's codes and back: what comes out is what the model alone makes of each clip."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.corpus import open_corpus
from mate_hf.data.motion_features import recover
from mate_hf.errors import MateError
from mate_hf.generation import reconstructing
from mate_hf.generation.reconstructing import reconstruct
from mate_hf.modeling.modeling_vq import VQModel
from tests.tiny import make_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus") / "folder", clips=18)


@pytest.fixture(scope="module")
def vq(masked_generator: Path) -> Path:
    return masked_generator / "vq"


@pytest.mark.parametrize("levels", [None, 1])
def test_each_clip_is_as_the_model_alone_makes_it(
    vq: Path, corpus: Path, tmp_path: Path, levels: int | None
) -> None:
    out = tmp_path / "out"
    said = ["reconstruct", vq, "--data", corpus, "--out", out, *(["--levels", levels] if levels else [])]
    called = CliRunner().invoke(app, list(map(str, said)))
    assert called.exit_code == 0, called.output
    model, kind = VQModel.from_pretrained(vq).eval(), open_corpus(corpus).kind
    errors, bodies, used = [], [], set()
    for line in (out / "captions.jsonl").read_text().splitlines():
        real, made = (
            np.load(out / part / f"{json.loads(line)['id']}.npy") for part in ("real", "generated/0")
        )
        motion, mask = torch.tensor(real)[None], torch.ones(1, len(real), dtype=torch.bool)
        codes = model.encode(model.normalise(motion, mask), mask)[..., : levels or 3]
        used |= set(codes[..., 0].flatten().tolist())
        alone = model.denormalise(model.decode(codes, mask))[0].detach().numpy()
        np.testing.assert_allclose(made, alone, atol=1e-4)
        joints, given = (recover(torch.tensor(frames).double()[None], kind)[0] for frames in (made, real))
        errors.append(float((joints - given).norm(dim=-1).mean()) * 100)
        own = (joints - joints[:, :1]) - (given - given[:, :1])
        bodies.append(float(own.norm(dim=-1).mean()) * 100)
    found = json.loads((out / "reconstruction.json").read_text())
    assert found["joint_error_cm"] == pytest.approx(np.mean(errors), rel=1e-4)
    assert found["body_error_cm"] == pytest.approx(np.mean(bodies), rel=1e-4)
    assert found["used_1"] == pytest.approx(len(used) / 40)
    assert ("used_2" in found) == (levels is None)
    assert f"{found['joint_error_cm']:.1f} cm" in called.output


def test_an_earlier_output_is_replaced_on_wish(vq: Path, corpus: Path, tmp_path: Path) -> None:
    first = reconstruct(vq, corpus, tmp_path / "out")
    with pytest.raises(MateError, match="exists already"):
        reconstruct(vq, corpus, tmp_path / "out")
    assert reconstruct(vq, corpus, tmp_path / "out", overwrite=True) == first


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levels": 0}, "levels: 0; .* has 3, so expected 1 to 3"),
        ({"levels": 4}, "levels: 4"),
        ({"split": "dev"}, "split 'dev'"),
        ({"model": "nowhere"}, "nowhere"),
    ],
)
def test_what_does_not_fit_is_named(
    vq: Path, corpus: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(MateError, match=message):
        reconstruct(**{"model": vq, "data": corpus, "out": tmp_path / "out", **changes})
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(
    vq: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconstructing, "open_corpus", lambda _: pytest.fail("a corpus was read in vain"))
    with pytest.raises(MateError, match="cannot write /proc/out"):
        reconstruct(vq, corpus, "/proc/out")
