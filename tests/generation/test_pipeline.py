"""`MotionPipeline`: same seed same motion, every odd prompt a motion or a reason, the right encoder or none."""

from __future__ import annotations

import json
import re
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
from mate_hf.generation import Kept, MotionPipeline, acting
from mate_hf.generation.reading import hear
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.text.encoders import open_text_encoder
from tests.plotting.raising_body import raising


@pytest.mark.parametrize("kind", ["pipe", "masked"])
def test_a_seed_fixes_a_motion_whatever_stands_beside_it(kind: str, request: pytest.FixtureRequest) -> None:
    pipe: MotionPipeline = request.getfixturevalue(kind)
    alone = pipe("a person walks", seconds=2, seed=3)
    assert alone.features[0].shape == (40, 263)
    assert alone.joints[0].shape == (40, 22, 3)
    beside = pipe(["someone jumps high and far", "a person walks"], seconds=[4, 2], num=2, seed=3)
    assert beside.prompts == ["someone jumps high and far"] * 2 + ["a person walks"] * 2
    assert [len(motion) for motion in beside.features] == [80, 80, 40, 40]
    np.testing.assert_allclose(beside.features[2], alone.features[0], atol=1e-4)
    assert np.abs(beside.features[3] - alone.features[0]).max() > 1e-2
    assert np.abs(pipe("a person walks", seconds=2, seed=4).features[0] - alone.features[0]).max() > 1e-2
    assert np.array_equal(pipe("a person walks", seconds=2, seed=3).features[0], alone.features[0])


def test_each_prompt_may_have_a_seed_of_its_own(pipe: MotionPipeline) -> None:
    made = pipe(["a person walks"] * 3, seconds=2, steps=2, seed=[1, 2, 1])
    np.testing.assert_allclose(made.features[0], made.features[2], atol=1e-5)
    assert np.abs(made.features[0] - made.features[1]).max() > 1e-2


@pytest.mark.parametrize("solver", ["sde", "dpm", "ddim", "ddpm"])
def test_every_solver_makes_finite_motions(pipe: MotionPipeline, solver: str) -> None:
    made = pipe("a person walks", seconds=2, steps=4, solver=solver, guidance=1)
    assert np.isfinite(made.joints[0]).all()


@pytest.mark.parametrize(
    "prompt", ["", "   ", "🙂🙃", "xqzzk vrrblt", "a\nb\tc", "walk " * 2000, "\x00", "\u200b", "走る"]
)
def test_any_prompt_is_acted_out(pipe: MotionPipeline, prompt: str) -> None:
    made = pipe(prompt, seconds=2, steps=2)
    assert np.isfinite(made.features[0]).all()
    assert any("says nothing" in line for line in made.notes) == (not prompt.strip(" \0\u200b"))
    assert any("has no word for" in line for line in made.notes) == (prompt in ("🙂🙃", "走る"))
    assert any("longer than the 512 tokens" in line for line in made.notes) == (len(prompt) > 2000)


def test_words_that_the_encoder_does_not_have_are_said(
    pipe: MotionPipeline, text_encoders: dict[str, Path]
) -> None:
    made = pipe(["a person walks 🕺 and 💃 and 🕺", "a person walks"], seconds=1, steps=1)
    [line] = made.notes
    assert re.match(
        "prompt 'a person walks .* has no word for '🕺, 💃', and reads it as something unknown", line
    )
    several = pipe([f"{number} 🕺" for number in range(9)], seconds=1, steps=1).notes
    assert len(several) == 4
    assert several[3].startswith("6 prompts more")
    heard = hear(open_text_encoder(str(text_encoders["clip"])), ["a person 🕺", "走る"])
    assert not heard.unknown, "bytes are all known"


def test_an_empty_prompt_is_no_prompt(pipe: MotionPipeline) -> None:
    empty, walked = pipe("", seconds=2, guidance=1), pipe("a person walks", seconds=2, guidance=0)
    np.testing.assert_allclose(empty.features[0], walked.features[0], atol=1e-3)


def test_a_minute_and_many_prompts(pipe: MotionPipeline) -> None:
    assert pipe("a person walks", seconds=60, steps=1).features[0].shape == (1200, 263)
    made = pipe([f"prompt {number}" for number in range(300)], seconds=2, steps=1, guidance=1)
    assert len(made) == 300
    assert made.prompts[-1] == "prompt 299"


def test_actions_follow_one_another_in_one_motion(pipe: MotionPipeline) -> None:
    made = pipe.sequence(
        ["a person walks", "a person sits down"], seconds=[3, 2], num=2, return_attention=True
    )
    assert [len(motion) for motion in made.features] == [100, 100]
    assert made.prompts[0] == "a person walks; a person sits down"
    words, looked = made.attention[0]
    assert words == ["a", "person", "walks", "a", "person", "sits", "down"]
    assert looked.shape == (100, 7)
    assert not looked[:50, 3:].any()
    assert not looked[70:, :3].any()
    assert 0 < looked.sum(1).max() <= 1 + 1e-5


def test_an_edit_keeps_what_is_given(pipe: MotionPipeline) -> None:
    clip = pipe("a person walks", seconds=4, seed=9, guidance=1).features[0]
    made = pipe.edit("someone waves", clip, Kept.of("0:20,60:80"), num=2)
    for motion, report in zip(made.features, made.edits, strict=True):
        np.testing.assert_allclose(motion[:20], clip[:20], atol=1e-4)
        assert report.kept_error < 1
        assert np.abs(motion[20:60] - clip[20:60]).max() > 1e-3


def test_less_strength_stays_nearer_to_the_clip(
    pipe: MotionPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What an untrained network says of positions and of steps has nothing in common.
    monkeypatch.setattr(acting, "agreed", lambda features, *_: features)
    clip = pipe("a person walks", seconds=4, seed=9, guidance=1).features[0]
    near, far = (
        np.abs(pipe.edit("someone waves", clip, strength=share).features[0] - clip).mean()
        for share in (0.1, 0.9)
    )
    assert near < far


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"prompt": []}, "prompt: none"),
        ({"prompt": ["a", 3]}, "prompt 1: int; expected text"),
        ({"seconds": 0}, "seconds: 0; expected 0.2 to 600"),
        ({"seconds": float("nan")}, "seconds: nan"),
        ({"seconds": 1e9}, "expected 0.2 to 600"),
        ({"seconds": 10**400}, "seconds: inf; expected 0.2 to 600"),
        ({"seconds": -(10**400)}, "seconds: -inf; expected 0.2 to 600"),
        ({"seconds": 0.1999999999}, "seconds: 0.1999999999; expected 0.2 to 600"),
        ({"seconds": [1, 2]}, "seconds: 2 for 1 prompts"),
        ({"prompt": None}, "prompt: none"),
        (
            {"prompt": ["a", "walk \udcff"]},
            r"prompt 1: 'walk \\udcff'; character 6 is none. Pass it as UTF-8",
        ),
        ({"seconds": "3"}, "seconds: '3'; expected a number, or one a prompt"),
        ({"seconds": None}, "seconds: None; expected a number"),
        ({"num": 0}, "num: 0 motions"),
        ({"num": 1.5}, "num: 1.5; expected a whole number"),
        ({"seed": 1.5}, "seed: 1.5; expected a whole number"),
        ({"seed": 2**32}, "seed: 4294967296; expected a whole number from 0 to"),
        ({"guidance": "2"}, "guidance: '2'"),
        ({"steps": 1.5}, "steps: 1.5; expected 1 to 1000"),
        ({"seed": -1}, "seed: -1"),
        ({"seed": [1, 2]}, "seed: 2 for 1 prompts"),
        ({"guidance": float("inf")}, "guidance: inf"),
        ({"guidance": 1e30}, r"guidance: 1e\+30; expected 0 to 100"),
        ({"steps": 0}, "steps: 0"),
        ({"solver": "euler"}, "takes one of sde"),
    ],
)
def test_what_cannot_be_is_named(pipe: MotionPipeline, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(MateError, match=said):
        pipe(**{"prompt": "a person walks", **settings})


@pytest.mark.parametrize("seconds", [np.float32(1), np.int64(1), torch.tensor(1.0), np.array([1.0])])
def test_numbers_of_numpy_and_torch_are_numbers(pipe: MotionPipeline, seconds: Any) -> None:
    made = pipe("a person walks", seconds, seed=np.int64(3), steps=2)  # type: ignore[arg-type]
    assert np.array_equal(made.features[0], pipe("a person walks", 1, seed=3, steps=2).features[0])


def test_a_sequence_of_one_sentence_is_not_one_of_letters(pipe: MotionPipeline) -> None:
    made = pipe.sequence("walk", seconds=1, steps=2)
    assert made.prompts == ["walk"]
    assert made.features[0].shape == (20, 263)


@pytest.mark.parametrize("spread", [1e20, 3e38])
def test_motion_that_no_body_makes_is_said_to_be_of_a_damaged_generator(
    generator: Path, tmp_path: Path, spread: float
) -> None:
    shutil.copytree(generator, tmp_path / "odd")
    model = MDMModel.from_pretrained(tmp_path / "odd")
    model.motion_std.fill_(spread)
    model.save_pretrained(tmp_path / "odd")
    with pytest.raises(
        MateError, match=r"prompt 'a person walks': the generator made numbers that no body has"
    ):
        MotionPipeline.from_pretrained(tmp_path / "odd")("a person walks", seconds=2)


def test_clips_that_are_none_are_named(pipe: MotionPipeline) -> None:
    clip = pipe("a person walks", seconds=3, guidance=1).features[0]
    walked = raising(frames=20)
    spoilt = clip.copy()
    spoilt[17, 4] = np.nan
    for given, keep, said in (
        (spoilt, Kept.of("0:9"), "frame 17 holds a number that is not finite"),
        (clip[:, :5], Kept.of("0:9"), r"shape \(60, 5\)"),
        (clip[:1], Kept.of("0:1"), "two frames or more"),
        (np.array([["a"]]), Kept.of("0:9"), "clip: shape"),
        ([[1], [1, 2]], Kept.of("0:9"), "clip: lists of unequal lengths"),
        (clip, None, "nothing of the clip is given"),
        (clip, Kept.of(","), "nothing of the clip is given"),
        (clip * 1e30, Kept.of("0:9"), r"clip: holds .*e\+29; expected joints or features of a human"),
        (
            walked * 100,
            Kept.of("0:9"),
            r"multiply its lengths by 0\.01 .*options of `mate convert CLIP\.npy NEW\.npy`",
        ),
        (clip, "0:9", "keep: str; expected Kept"),
        (clip, Kept.of("0:99"), "0:99 is not in the clip. The clip has 60 frames"),
        (
            np.concatenate([clip] * 4),
            Kept.of("0:9"),
            r"240 frames \(as features; joints have one more\); the generator edits at most 196",
        ),
    ):
        with pytest.raises(MateError, match=said):
            pipe.edit("a person waves", given, keep)  # type: ignore[arg-type]


def test_a_clip_of_no_human_body_is_said_to_be_one(pipe: MotionPipeline) -> None:
    made = pipe.edit("x", np.zeros((40, 22, 3)), Kept(frames=[(0, 9)]), steps=1)
    assert "clip: its frames have bones that no human body has; it was edited all the same." in made.notes


def test_a_clip_in_bfloat16_is_a_clip(pipe: MotionPipeline) -> None:
    clip = torch.from_numpy(pipe("a person walks", seconds=2, guidance=1).features[0]).bfloat16()
    made = pipe.edit("a person waves", clip, Kept.of("0:9"), steps=2).features[0]
    np.testing.assert_allclose(made[:9], clip[:9].float(), atol=1e-5)


def test_the_encoder_is_the_one_of_training(
    generator: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    tuned = open_text_encoder(str(text_encoders["bert"]))
    with torch.no_grad():
        tuned.model.get_input_embeddings().weight[2000] += 1
    tuned.model.save_pretrained(tmp_path / "tuned")
    tuned.tokenizer.save_pretrained(tmp_path / "tuned")
    with pytest.raises(MateError, match=r"is not the one that the generator .* was trained with"):
        MotionPipeline.from_pretrained(generator, text_encoder=str(tmp_path / "tuned"))
    MotionPipeline.from_pretrained(generator, text_encoder=str(tmp_path / "tuned"), any_encoder=True)
    half = open_text_encoder(str(text_encoders["bert"]))
    half.model.half().save_pretrained(tmp_path / "half")
    half.tokenizer.save_pretrained(tmp_path / "half")
    with pytest.raises(MateError, match=r"its weights differ \(half precision is enough for that\), and"):
        MotionPipeline.from_pretrained(generator, text_encoder=str(tmp_path / "half"))
    with pytest.raises(MateError, match=r"reads 16 and 16"):
        MotionPipeline.from_pretrained(generator, text_encoder=str(text_encoders["clip"]), any_encoder=True)
    with pytest.raises(MateError, match="no such folder here"):
        MotionPipeline.from_pretrained("nobody/nothing")


def test_an_encoder_with_another_tokenizer_is_another_one(
    generator: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    """The same weights, and "left" where "right" is said."""
    other = shutil.copytree(text_encoders["bert"], tmp_path / "other")
    content = json.loads((other / "tokenizer.json").read_text())
    words = content["model"]["vocab"]
    words["left"], words["right"] = words["right"], words["left"]
    (other / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(MateError, match="its tokenizer or settings differ, and words would mean other"):
        MotionPipeline.from_pretrained(generator, text_encoder=str(other))
    command = ["generate", "a person walks", "--model", str(generator), "--out", str(tmp_path / "w.npy")]
    command += ["--text-encoder", str(other), "--steps", "1"]
    called = CliRunner().invoke(app, command)
    assert called.exit_code == 1
    assert "--any-encoder" in called.output
    assert not (tmp_path / "w.npy").exists()
    assert CliRunner().invoke(app, [*command, "--any-encoder"]).exit_code == 0


def test_a_generator_of_before_the_second_digest_opens(
    generator: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    older = shutil.copytree(generator, tmp_path / "older")
    content = json.loads((older / "config.json").read_text())
    del content["text_reading_digest"]
    (older / "config.json").write_text(json.dumps(content))
    MotionPipeline.from_pretrained(older)


def test_a_saved_pipeline_brings_its_encoder(pipe: MotionPipeline, tmp_path: Path, generator: Path) -> None:
    pipe.save_pretrained(tmp_path / "saved")
    config = tmp_path / "saved" / "config.json"
    config.write_text(config.read_text().replace(pipe.model.config.text_encoder, "/nowhere"))
    again = MotionPipeline.from_pretrained(tmp_path / "saved")
    one, other = (p("a person walks", seconds=2).features[0] for p in (pipe, again))
    assert np.array_equal(one, other)
    shutil.rmtree(tmp_path / "saved" / "text_encoder")
    with pytest.raises(MateError, match="not where it was in training"):
        MotionPipeline.from_pretrained(tmp_path / "saved")


def test_a_generator_from_before_what_it_hears_was_standardised_opens(
    generator: Path, pipe: MotionPipeline, tmp_path: Path
) -> None:
    shutil.copytree(generator, tmp_path / "older")
    weights = load_file(generator / "model.safetensors")
    later = ["sentence_mean", "sentence_std", "text_mean", "text_std"]
    older = {name: weight for name, weight in weights.items() if name not in later}
    assert len(weights) - len(older) == 4
    save_file(older, tmp_path / "older" / "model.safetensors", metadata={"format": "pt"})
    made = MotionPipeline.from_pretrained(tmp_path / "older")("a person walks", seconds=2, steps=2)
    assert np.array_equal(made.features[0], pipe("a person walks", seconds=2, steps=2).features[0])
    # Only together are they of another time.
    older["text_mean"] = weights["text_mean"]
    save_file(older, tmp_path / "older" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MateError, match=r"3 weights are missing or of another shape, e\.g\. sentence_mean"):
        MotionPipeline.from_pretrained(tmp_path / "older")
