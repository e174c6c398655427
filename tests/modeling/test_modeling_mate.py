"""The model as its readers meet it: saved, opened, asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel

from mate_hf.modeling import MateConfig, MateModel, family_of, modeling_mate
from mate_hf.text.encoders import open_text_encoder
from tests.tiny import FAMILIES


def tiny_model(folder: Path, **options: object) -> MateModel:
    encoder = open_text_encoder(str(folder))
    torch.manual_seed(1)
    config = MateConfig(
        text_config=encoder.model.config,
        hidden_size=16,
        motion_layers=1,
        motion_heads=2,
        motion_feedforward=16,
        attention_heads=2,
        prototypes=7,
        **options,
    )
    model = MateModel(config)
    model.text_encoder = encoder.model
    model.tokenizer = encoder.tokenizer
    torch.nn.init.normal_(model.motion_mean)
    torch.nn.init.uniform_(model.motion_std, 0.5, 2.0)
    return model.eval()


@pytest.fixture(params=FAMILIES)
def model(request: pytest.FixtureRequest, text_encoders: dict[str, Path]) -> MateModel:
    return tiny_model(text_encoders[request.param])


def save(model: MateModel, folder: Path) -> None:
    model.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)


def test_save_and_open_is_bit_equal_buffers_included(model: MateModel, tmp_path: Path) -> None:
    save(model, tmp_path)
    again, loading = MateModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not loading["missing_keys"]
    assert not loading["unexpected_keys"]
    state = again.state_dict()
    assert state.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(state[name], value), name


def test_opened_model_answers_as_the_saved_one(model: MateModel, tmp_path: Path) -> None:
    save(model, tmp_path)
    again = MateModel.from_pretrained(tmp_path).eval()
    motion = torch.randn(2, 24, 263)
    for ask in (
        lambda of: of.encode_text("a person turns left"),
        lambda of: of.encode_motion(motion),
        lambda of: of.word_features(["left"], motion),
    ):
        # Not bit-equal: opened weights lie elsewhere in memory, and small matrix products depend on alignment.
        assert torch.allclose(ask(again), ask(model), atol=1e-6)


def test_padding_changes_no_feature(model: MateModel) -> None:
    motion = torch.randn(1, 24, 263)
    padded = torch.cat([motion, torch.full((1, 8, 263), 1e3)], dim=1)
    length = torch.tensor([24])
    assert torch.allclose(model.encode_motion(padded, length), model.encode_motion(motion), atol=1e-5)
    words = ["left", "counterclockwise"]
    assert torch.allclose(
        model.word_features(words, padded, length), model.word_features(words, motion), atol=1e-5
    )


def test_word_attention_gives_each_word_a_distribution_over_frames(model: MateModel) -> None:
    read = model.word_attention("a person walks counter-clockwise.", torch.randn(20, 263))
    assert read["words"] == ["a", "person", "walks", "counter-clockwise"]
    assert read["weights"].shape == (4, 20)
    assert torch.allclose(read["weights"].sum(1), torch.ones(4), atol=1e-5)


def test_a_word_alone_and_in_its_caption_is_the_same_query(model: MateModel) -> None:
    # Both at once, so that the shorter is padded in one tokenizer or the other.
    alone = model.project_words(["he", "walks", "counterclockwise"])
    within = model.project_caption_words("he walks counterclockwise")
    assert torch.allclose(alone, within, atol=1e-6)


@torch.no_grad()
@pytest.mark.parametrize("family", FAMILIES)
def test_a_query_with_context_tells_apart_two_uses_of_a_word(
    family: str, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    caption = "he turns left then lifts his left counterclockwise arm"
    plain, context = (tiny_model(text_encoders[family], context_queries=on) for on in (False, True))
    assert torch.equal(plain.query_caption_words(caption), plain.project_caption_words(caption))
    alone, asked = context.project_caption_words(caption), context.query_caption_words(caption)
    assert torch.equal(alone[2], alone[6])
    assert not torch.allclose(asked[2], asked[6], atol=1e-4)
    # One word by hand: its sub-tokens' outputs, averaged.
    encoding = context.tokenizer(caption, return_offsets_mapping=True)
    start = caption.index("counterclockwise")
    span = [
        place
        for place, (first, end) in enumerate(encoding["offset_mapping"])
        if first < end and start <= first < start + len("counterclockwise")
    ]
    ids = torch.tensor([encoding["input_ids"]])
    tokens = context.caption_features(ids, torch.ones_like(ids))[1][0]
    assert context.context_projection is not None
    expected = alone[7] + context.context_projection(tokens[span].mean(0))
    torch.testing.assert_close(asked[7], expected, atol=1e-5, rtol=1e-5)
    save(context, tmp_path)
    again = MateModel.from_pretrained(tmp_path).eval()
    torch.testing.assert_close(again.query_caption_words(caption), asked, atol=1e-5, rtol=1e-5)


def test_wrong_motion_width_is_named(model: MateModel) -> None:
    with pytest.raises(ValueError, match=r"251.*expected 263"):
        model.encode_motion(torch.randn(20, 251))


NAN = torch.full((20, 263), float("nan"))


@pytest.mark.parametrize(
    ("motion", "said"),
    [
        (np.zeros((60, 22, 3)), r"shape \(60, 22, 3\) of torch\.float64; expected 263 raw features"),
        (np.zeros(263), r"shape \(263,\)"),
        (np.zeros((0, 263)), r"shape \(0, 263\)"),
        (
            [np.zeros((60, 263)), np.zeros((40, 263))],
            r"list that is no array of numbers; expected 263 raw features",
        ),
        ([], r"shape \(0,\)"),
        (["walks.npy"], r"no array of numbers"),
        (None, r"NoneType that is no array of numbers"),
        (np.zeros((20, 263), complex), r"torch\.complex128"),
        (NAN, "NaN or infinite numbers"),
        (NAN.numpy() * np.inf, "NaN or infinite numbers"),
    ],
)
def test_what_is_no_motion_is_refused_with_the_shape_that_is_expected(
    text_encoders: dict[str, Path], motion: Any, said: str
) -> None:
    model = tiny_model(text_encoders["bert"])
    for ask in (model.encode_motion, lambda motion: model.word_attention("he walks", motion)):
        with pytest.raises(ValueError, match=rf"^motion: .*{said}"):
            ask(motion)


def test_motions_of_numpy_torch_and_lists_are_the_same(text_encoders: dict[str, Path]) -> None:
    model = tiny_model(text_encoders["bert"])
    motion = torch.randn(20, 263)
    expected = model.encode_motion(motion)
    for same in (motion.numpy(), motion.double(), motion.tolist(), motion[None].numpy(), [motion]):
        torch.testing.assert_close(model.encode_motion(same), expected)


@pytest.mark.parametrize("captions", [[], None, [None], ["a", 5], 5, b"a"])
def test_what_is_no_caption_is_refused(text_encoders: dict[str, Path], captions: Any) -> None:
    model = tiny_model(text_encoders["bert"])
    with pytest.raises(ValueError, match="captions: expected a text, or a list"):
        model.encode_text(captions)
    with pytest.raises(ValueError, match=r"caption: .*expected one text"):
        model.word_attention(captions, np.zeros((20, 263)))


def test_an_unsupported_text_encoder_says_what_is_supported() -> None:
    from transformers import GPT2Config

    with pytest.raises(ValueError, match=r"gpt2.*clip_text_model, clip, distilbert, bert"):
        family_of(GPT2Config())


def test_remote_code_opens_the_model_where_the_package_is_not_installed(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    MateConfig.register_for_auto_class()
    MateModel.register_for_auto_class("AutoModel")
    for family, encoder in text_encoders.items():
        save(model := tiny_model(encoder), tmp_path / family)
        torch.save(model.encode_text("a person turns left"), tmp_path / f"{family}.pt")
    script = f"""
import sys, torch
sys.modules["mate_hf"] = None  # as if it were not installed
from transformers import AutoModel
for family in {list(text_encoders)!r}:
    folder = {str(tmp_path)!r} + "/" + family
    model = AutoModel.from_pretrained(folder, trust_remote_code=True).eval()
    expected = torch.load(folder + ".pt", weights_only=True)
    assert torch.allclose(model.encode_text("a person turns left"), expected, atol=1e-6), family
"""
    environment = {"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_text_encoder_inside_is_the_stock_class(model: MateModel, tmp_path: Path) -> None:
    model.text_encoder.save_pretrained(tmp_path)
    stock = AutoModel.from_pretrained(tmp_path)
    assert type(stock).__module__.startswith("transformers.models.")


def test_captions_read_together_are_read_as_each_by_itself(text_encoders: dict[str, Path]) -> None:
    captions = [
        "a person walks forward and turns left",
        "he waves",
        "someone turns right, then waves the left hand",
    ]
    for folder in text_encoders.values():
        model = tiny_model(folder, context_queries=True)
        with torch.no_grad():
            text, words, queries = model.read_captions(captions)
            torch.testing.assert_close(text, model.encode_text(captions), atol=1e-6, rtol=1e-5)
            for caption, projected, asked in zip(captions, words, queries, strict=True):
                torch.testing.assert_close(
                    projected, model.project_caption_words(caption), atol=1e-5, rtol=1e-5
                )
                assert len(asked) == len(caption.split())
                alone = model.query_caption_words(caption)
                torch.testing.assert_close(asked, alone, atol=1e-5, rtol=1e-5)
                assert not torch.allclose(asked, model.project_caption_words(caption), atol=1e-3)


def test_captions_that_are_cut_are_counted_and_those_without_a_word_have_no_queries(
    text_encoders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model(text_encoders["clip"], context_queries=True)
    said: list[str] = []
    monkeypatch.setattr(modeling_mate.logger, "warning", said.append)
    with torch.no_grad():
        _, words, queries = model.read_captions(["he walks", "...", "walks " * 200])
    limit = model.family.token_limit(model.config.text_config)
    assert said == [f"1 of 3 captions were cut to the encoder's {limit} tokens."]
    assert [tuple(asked.shape) for asked in queries[:2]] == [(2, 16), (0, 16)]
    assert len(words[2]) == len(queries[2]) == 200
    assert torch.equal(words[2][-1], model.word_projection.bias)
