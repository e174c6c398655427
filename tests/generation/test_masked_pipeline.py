"""`MotionPipeline` of a masked generator: the same calls, what it cannot do is named, and its VQ-VAE is the one of training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.prompts import BUILT_IN
from mate_hf.evaluation.obedience.run_generator import obedience_of_generator
from mate_hf.generation import Kept, MotionPipeline, acting, masked_actor
from mate_hf.generation.split_samples import generate_split
from mate_hf.modeling import MaskedConfig, MaskedModel, MDMConfig, MDMModel
from mate_hf.text.encoders import open_text_encoder
from tests.tiny import make_corpus


def test_many_motions_are_each_as_if_alone(masked: MotionPipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rounding adds in another company chooses no other code: of some hundred choices a motion, at 40 motions, none."""
    prompts = [f"a person walks {word}" for word in ("on", "back", "left", "in a circle")]
    together = masked(prompts, seconds=[3, 5, 2, 4], num=10, seed=0).features
    monkeypatch.setattr(acting, "ROOM", 1)
    alone = masked(prompts, seconds=[3, 5, 2, 4], num=10, seed=0).features
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_the_prompt_and_its_guidance_are_heard(masked: MotionPipeline) -> None:
    made = {
        name: masked(prompt, seconds=2, guidance=guidance).features[0]
        for name, prompt, guidance in (
            ("walk", "a person walks", 2.5),
            ("more", "a person walks", 8),
            ("wave", "someone waves both arms", 2.5),
            ("silent", "", 1),
            ("unheard", "a person walks", 0),
        )
    }
    assert np.abs(made["walk"] - made["wave"]).max() > 1e-2
    assert np.abs(made["walk"] - made["more"]).max() > 1e-2
    np.testing.assert_allclose(made["silent"], made["unheard"], atol=1e-4)


@pytest.mark.parametrize("seconds", [0.2, 1.05, 9.95, 30])
def test_any_length_is_made(masked: MotionPipeline, seconds: float) -> None:
    made = masked("a person walks", seconds=seconds, steps=2)
    assert len(made.features[0]) == round(seconds * 20)
    assert np.isfinite(made.joints[0]).all()


def test_actions_follow_one_another_in_one_motion(masked: MotionPipeline) -> None:
    made = masked.sequence(
        ["a person walks", "a person sits down"], seconds=[3, 2], num=2, return_attention=True
    )
    assert [len(motion) for motion in made.features] == [100, 100]
    words, looked = made.attention[1]
    assert words == ["a", "person", "walks", "a", "person", "sits", "down"]
    assert looked.shape == (100, 7)
    assert not looked[:60, 3:].any()
    assert not looked[60:, :3].any()
    assert 0 < looked.sum(1).max() <= 1 + 1e-5
    alone = masked("a person walks", seconds=3, num=2, return_attention=True)
    # What the second action goes on from was said to the first.
    np.testing.assert_allclose(looked[:60, :3], alone.attention[1][1], atol=1e-6)
    # The first action is what it is alone, until the decoder sees what follows.
    np.testing.assert_allclose(made.features[1][:30], alone.features[1][:30], atol=1e-4)


def test_an_edit_keeps_the_frames_that_are_given(masked: MotionPipeline) -> None:
    clip = masked("a person walks", seconds=4, seed=9, guidance=1).features[0]
    made = masked.edit("someone waves", clip, Kept.of("0:22,58:80"), num=2)
    for motion, report in zip(made.features, made.edits, strict=True):
        np.testing.assert_allclose(motion[:22], clip[:22], atol=1e-4)
        np.testing.assert_allclose(motion[58:], clip[58:], atol=1e-4)
        assert report.kept_error < 1
        assert np.abs(motion[22:58] - clip[22:58]).max() > 1e-3
    assert np.abs(made.features[0] - made.features[1]).max() > 1e-3


def test_of_a_clip_only_whole_given_codes_are_seen(
    masked: MotionPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    unmask = masked_actor.unmask

    def watched(model: Any, known: torch.Tensor, *rest: Any) -> torch.Tensor:
        seen.append(known)
        return unmask(model, known, *rest)

    monkeypatch.setattr(masked_actor, "unmask", watched)
    clip = masked("a person walks", seconds=4, seed=9, guidance=1).features[0]
    other = clip.copy()
    other[22:58] = clip[22:58][::-1]
    seen.clear()
    for one in (clip, other):
        masked.edit("someone waves", one, Kept.of("0:22,58:80"), steps=2)
    # Frames 20 to 22 and 58 to 60 are parts of codes that are not whole; what is not given plays no part.
    assert (seen[0][0, :, 0] >= 0).nonzero().flatten().tolist() == [*range(5), *range(15, 20)]
    assert torch.equal(seen[0], seen[1])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"solver": "sde"}, "solver: 'sde'; a masked generator fills in codes and has none. Leave it out"),
        ({"steps": 0}, "steps: 0; expected 1 to 1000"),
        ({"steps": 1.5}, r"steps: 1\.5; expected 1 to 1000"),
        ({"guidance": -1}, "guidance: -1"),
        ({"seconds": 0.1}, "seconds: 0.1; expected 0.2 to 600"),
    ],
)
def test_what_cannot_be_is_named(masked: MotionPipeline, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(MateError, match=said):
        masked(**{"prompt": "a person walks", **settings})


def test_edits_that_it_cannot_do_are_named_with_what_it_can(masked: MotionPipeline) -> None:
    clip = masked("a person walks", seconds=2, guidance=1).features[0]
    with pytest.raises(MateError, match=r"joints to keep: .*Name frames to keep, or .*mate train-generator"):
        masked.edit("a person waves", clip, Kept(joints=["legs"]))
    with pytest.raises(MateError, match=r"strength: 0\.5; .*frames to keep"):
        masked.edit("a person waves", clip, strength=0.5)


def test_a_generator_that_hears_sentences_alone_looks_at_no_word(
    masked_generator: Path, tmp_path: Path, pipe: MotionPipeline
) -> None:
    told = json.loads((masked_generator / "config.json").read_text())
    MaskedModel(MaskedConfig(**{**told, "conditions": "sentence"})).save_pretrained(tmp_path / "masked")
    shutil.copytree(masked_generator / "vq", tmp_path / "masked" / "vq")
    of_diffusion = MDMConfig(**{**pipe.model.config.to_dict(), "conditions": "sentence"})
    MDMModel(of_diffusion).save_pretrained(tmp_path / "diffusion")
    for name in ("masked", "diffusion"):
        opened = MotionPipeline.from_pretrained(tmp_path / name)
        assert np.isfinite(opened("a person walks", seconds=2, steps=2).features[0]).all()
        with pytest.raises(MateError, match=r"told sentences alone \(--conditions sentence\)"):
            opened("a person walks", seconds=2, steps=2, return_attention=True)


def test_its_vq_vae_is_the_one_of_training(masked_generator: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(masked_generator, tmp_path / "copy")
    file = copy / "vq" / "model.safetensors"
    content = load_file(file)
    content["quantizer.books"][0, 3] += 1
    save_file(content, file, metadata={"format": "pt"})
    with pytest.raises(MateError, match="not the VQ-VAE whose codes the masked generator was trained on"):
        MotionPipeline.from_pretrained(copy)
    shutil.rmtree(copy / "vq")
    with pytest.raises(MateError, match="no vq/ beside the masked generator"):
        MotionPipeline.from_pretrained(copy)
    opened = MotionPipeline.from_pretrained(masked_generator)
    with pytest.raises(MateError, match="give the VQ-VAE that decodes them"):
        MotionPipeline(opened.model, opened.encoder)


def test_its_encoder_is_the_one_of_training(
    masked_generator: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    tuned = open_text_encoder(str(text_encoders["bert"]))
    with torch.no_grad():
        tuned.model.get_input_embeddings().weight[2000] += 1
    tuned.model.save_pretrained(tmp_path / "tuned")
    tuned.tokenizer.save_pretrained(tmp_path / "tuned")
    with pytest.raises(MateError, match=r"is not the one that the generator .* was trained with"):
        MotionPipeline.from_pretrained(masked_generator, text_encoder=str(tmp_path / "tuned"))
    MotionPipeline.from_pretrained(masked_generator, text_encoder=str(tmp_path / "tuned"), any_encoder=True)


def test_a_saved_pipeline_brings_encoder_and_vq_vae(masked: MotionPipeline, tmp_path: Path) -> None:
    masked.save_pretrained(tmp_path / "saved")
    config = tmp_path / "saved" / "config.json"
    assert json.loads(config.read_text())["vq"] == "vq"
    config.write_text(config.read_text().replace(masked.model.config.text_encoder, "/nowhere"))
    again = MotionPipeline.from_pretrained(tmp_path / "saved")
    one, other = (p("a person walks", seconds=2).features[0] for p in (masked, again))
    assert np.array_equal(one, other)
    assert load_file(tmp_path / "saved" / "model.safetensors")["base.leave.weight"].dtype == torch.float32


def test_the_bar_counts_every_evaluation(
    masked: MotionPipeline, pipe: MotionPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    monkeypatch.setattr(acting.Progress, "add_task", lambda self, _, total: told.append(total) or 0)
    ticked: list[int] = []
    monkeypatch.setattr(acting.Progress, "advance", lambda self, task: ticked.append(task))
    masked(["a", "b"], seconds=[2, 25], steps=4)
    pipe(["a", "b"], seconds=[2, 25], steps=4)
    # 125 windows' worth of codes in three windows, each in four steps and two further levels.
    assert told[0] == 18
    assert sum(told) == len(ticked)


def test_commands_take_it_as_they_take_the_other(masked_generator: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.npy"
    command = ["generate", "a person walks", "--model", str(masked_generator), "--out", str(out)]
    called = CliRunner().invoke(app, [*command, "--seconds", "2", "--steps", "2"])
    assert called.exit_code == 0, called.output
    assert np.load(out).shape == (40, 22, 3)
    refused = CliRunner().invoke(app, [*command, "--solver", "sde", "--overwrite"])
    assert refused.exit_code == 1
    assert "a masked generator fills in codes" in refused.output


def test_a_split_and_its_obedience_are_made_of_it(masked_generator: Path, tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=18)
    count = generate_split(masked_generator, corpus, tmp_path / "samples", steps=1)
    made = sorted((tmp_path / "samples" / "generated" / "0").glob("*.npy"))
    assert len(made) == count == 3
    for file in made:
        assert np.load(file).shape == np.load(tmp_path / "samples" / "real" / file.name).shape
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text("".join(BUILT_IN.read_text().splitlines(keepends=True)[:3]))
    found = obedience_of_generator(masked_generator, prompts, per_prompt=2, steps=1)
    assert json.dumps(found["solver"]) == "null"
    assert found["text_encoder"].endswith("tiny_bert")
