"""The motion diffusion transformer: what enters, what leaves, and that nothing leaks in from padding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDPMScheduler
from safetensors.torch import load_file, save_file

from mate_hf.modeling import MDMConfig, MDMModel
from mate_hf.modeling.noise import NoiseProcess
from mate_hf.modeling.patches import Patches
from mate_hf.modeling.ragged import length_groups

SIZES: dict[str, Any] = {
    "text_width": 6,
    "sentence_width": 5,
    "hidden_size": 16,
    "layers": 2,
    "heads": 2,
    "feedforward": 24,
    "dropout": 0.0,
}
LENGTHS = (50, 12, 33)


def make_model(**changed: Any) -> MDMModel:
    """A tiny model whose every weight matters: some begin at zero."""
    torch.manual_seed(0)
    model = MDMModel(MDMConfig(**{**SIZES, **changed})).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    return model


def inputs(lengths: tuple[int, ...] = LENGTHS) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    count, longest = len(lengths), max(lengths)
    return {
        "noisy": torch.randn(count, longest, 263),
        "time": torch.linspace(0, 999, count),
        "mask": torch.arange(longest) < torch.tensor(lengths)[:, None],
        "text": torch.randn(count, 7, 6),
        "text_mask": torch.arange(7) < torch.tensor([7, 3, 5])[:count, None],
        "sentence": torch.randn(count, 5),
    }


def test_each_motion_is_denoised_as_if_alone() -> None:
    model, given = make_model(), inputs()
    together = model(**given)
    assert together.shape == given["noisy"].shape
    for row, length in enumerate(LENGTHS):
        words = int(given["text_mask"][row].sum())
        alone = model(
            given["noisy"][row : row + 1, :length],
            given["time"][row : row + 1],
            given["mask"][row : row + 1, :length],
            given["text"][row : row + 1, :words],
            given["text_mask"][row : row + 1, :words],
            given["sentence"][row : row + 1],
        )
        torch.testing.assert_close(together[row, :length], alone[0], atol=1e-4, rtol=1e-4)
        assert not together[row, length:].any()


def test_groups_of_like_length_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = tuple(range(8, 72, 2))
    torch.manual_seed(2)
    count = len(lengths)
    given = {
        "noisy": torch.randn(count, 70, 263),
        "time": torch.arange(count).float(),
        "mask": torch.arange(70) < torch.tensor(lengths)[:, None],
        "text": torch.randn(count, 4, 6),
        "text_mask": torch.ones(count, 4, dtype=torch.bool),
        "sentence": torch.randn(count, 5),
        "silent": torch.arange(count) % 3 == 0,
    }
    model = make_model()
    there = Patches(given["mask"], model.config.patch).there
    monkeypatch.setattr("mate_hf.modeling.ragged.NUMBERS", 100)
    assert length_groups(there, 16) is not None
    grouped = model(**given)
    monkeypatch.setattr("mate_hf.modeling.ragged.NUMBERS", 10**9)
    assert length_groups(there, 16) is None
    torch.testing.assert_close(grouped, model(**given), atol=1e-4, rtol=1e-4)


def test_words_sentence_time_and_length_are_heard_and_silence_is_not() -> None:
    model, given = make_model(), inputs()
    said = model(**given)
    for name in ("text", "sentence", "time"):
        assert not torch.allclose(said, model(**{**given, name: given[name] * 0.5 + 0.1}), atol=1e-3)
    silent = torch.ones(3, dtype=torch.bool)
    quiet = model(**given, silent=silent)
    assert not torch.allclose(said, quiet, atol=1e-3)
    other = {**given, "text": given["text"] + 1, "sentence": given["sentence"] - 1}
    torch.testing.assert_close(quiet, model(**other, silent=silent))


def test_sentences_alone_are_heard_without_their_words() -> None:
    model, given = make_model(conditions="sentence"), inputs()
    assert not [name for name in model.state_dict() if name.startswith("words")]
    said = model(**given)
    other = {**given, "text": given["text"] * 2 + 1, "text_mask": ~given["text_mask"]}
    torch.testing.assert_close(said, model(**other))
    assert not torch.allclose(said, model(**{**given, "sentence": given["sentence"] * 0.5}), atol=1e-3)


def test_attention_shares_out_at_most_everything() -> None:
    model, given = make_model(), inputs()
    looked = model.word_attention(**given)
    assert looked.shape == (3, 50, 7)
    assert bool((looked >= 0).all())
    assert bool((looked.sum(-1) <= 1 + 1e-5).all())
    assert not looked[1, :, 3:].any()
    assert not looked[1, 12:].any()


def test_a_saved_model_opens_again_and_says_the_same(tmp_path: Path) -> None:
    model, given = make_model(prediction="v"), inputs()
    model.set_statistics(torch.arange(263.0), torch.arange(1.0, 264.0))
    model.save_pretrained(tmp_path)
    again = MDMModel.from_pretrained(tmp_path).eval()
    assert torch.equal(model(**given), again(**given))
    assert again.config.prediction == again.process.prediction == "v"
    raw = torch.randn(1, 4, 263)
    there = torch.ones(1, 4, dtype=torch.bool)
    torch.testing.assert_close(again.denormalise(again.normalise(raw, there)), raw, atol=1e-4, rtol=1e-4)


def test_a_fresh_model_says_nothing_yet() -> None:
    torch.manual_seed(0)
    assert not MDMModel(MDMConfig(**SIZES))(**inputs()).any()


@pytest.mark.parametrize("prediction", ["x0", "v"])
def test_noise_is_that_of_diffusers(prediction: str) -> None:
    known = DDPMScheduler(1000, beta_schedule="squaredcos_cap_v2")
    process = NoiseProcess(prediction, 1000)
    clean, noise = torch.randn(5, 8, 3), torch.randn(5, 8, 3)
    times = torch.tensor([0, 10, 500, 900, 999])
    noisy = process.noisy(clean, noise, times.float())
    torch.testing.assert_close(noisy, known.add_noise(clean, noise, times), atol=1e-5, rtol=1e-5)
    wanted = clean if prediction == "x0" else known.get_velocity(clean, noise, times)
    target = process.target(clean, noise, times.float())
    torch.testing.assert_close(target, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("prediction", ["x0", "v", "flow"])
def test_the_target_gives_the_clean_motion_back(prediction: str) -> None:
    process = NoiseProcess(prediction, 1000)
    clean, noise = torch.randn(64, 8, 3), torch.randn(64, 8, 3)
    times = process.draw_times(64, torch.Generator().manual_seed(0))
    assert bool((times >= 0).all())
    assert bool((times < 1000).all())
    noisy = process.noisy(clean, noise, times)
    found = process.clean(process.target(clean, noise, times), noisy, times)
    torch.testing.assert_close(found, clean, atol=1e-4, rtol=1e-4)


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="hidden_size: 15"):
        MDMConfig(hidden_size=15, heads=2)
    with pytest.raises(ValueError, match="prediction: 'e'"):
        MDMConfig(prediction="e")
    with pytest.raises(ValueError, match="conditions: 'word'; expected one of words, sentence"):
        MDMConfig(conditions="word")


def test_what_the_encoder_says_is_standardised() -> None:
    plain, given = make_model(), inputs()
    told = make_model()
    text, sentence = (torch.randn(6), torch.rand(6) + 0.5), (torch.randn(5), torch.rand(5) + 0.5)
    told.set_text_statistics(text, sentence)
    spoken = {
        **given,
        "text": given["text"] * text[1] + text[0],
        "sentence": given["sentence"] * sentence[1] + sentence[0],
    }
    torch.testing.assert_close(told(**spoken), plain(**given), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(
        told.word_attention(**spoken), plain.word_attention(**given), atol=1e-4, rtol=1e-4
    )


def test_a_generator_from_before_hears_as_it_did(tmp_path: Path) -> None:
    model, given = make_model(), inputs()
    model.save_pretrained(tmp_path)
    kept = load_file(tmp_path / "model.safetensors")
    older = {name: weight for name, weight in kept.items() if not name.startswith(("text_", "sentence_"))}
    assert len(kept) - len(older) == 4
    save_file(older, tmp_path / "model.safetensors", metadata={"format": "pt"})
    assert torch.equal(MDMModel.from_pretrained(tmp_path).eval()(**given), model(**given))
