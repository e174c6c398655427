"""The masked generator's two transformers: what enters, what leaves, and that nothing leaks in from padding or higher levels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from mate_hf.modeling import MaskedConfig, MaskedModel
from mate_hf.modeling.code_transformers import Said
from mate_hf.modeling.ragged import length_groups

SIZES: dict[str, Any] = {
    "text_width": 6,
    "sentence_width": 5,
    "codes": 20,
    "levels": 3,
    "hidden_size": 16,
    "layers": 2,
    "residual_layers": 1,
    "heads": 2,
    "feedforward": 24,
    "dropout": 0.0,
}
LENGTHS = (12, 3, 8)


def make_masked(**changed: Any) -> MaskedModel:
    """A tiny model whose every weight matters: some begin at zero."""
    torch.manual_seed(0)
    model = MaskedModel(MaskedConfig(**{**SIZES, **changed})).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model


def inputs(lengths: tuple[int, ...] = LENGTHS) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(1)
    count, longest = len(lengths), max(lengths)
    there = torch.arange(longest) < torch.tensor(lengths)[:, None]
    codes = torch.randint(20, (count, longest, 3), generator=random)
    return {
        "codes": codes.masked_fill(~there[..., None], -1),
        "there": there,
        "text": torch.randn(count, 7, 6, generator=random),
        "text_mask": torch.arange(7) < torch.tensor([7, 3, 5])[torch.arange(count) % 3, None],
        "sentence": torch.randn(count, 5, generator=random),
    }


def of_said(model: MaskedModel, given: dict[str, torch.Tensor], **changed: torch.Tensor) -> Said:
    of = {**given, **changed}
    return model.said(of["text"], of["text_mask"], of["sentence"], of.get("silent"))


def first(model: MaskedModel, given: dict[str, torch.Tensor], **changed: torch.Tensor) -> torch.Tensor:
    of = {**given, **changed}
    said = (of["text"], of["text_mask"], of["sentence"], of.get("silent"))
    found: torch.Tensor = model(of["codes"][..., 0], of["there"], *said)
    return found


def further(model: MaskedModel, given: dict[str, torch.Tensor], level: int, **changed: Any) -> torch.Tensor:
    of = {**given, **changed}
    levels = torch.full((len(of["codes"]),), level)
    assert model.residual is not None
    found: torch.Tensor = model.residual(of["codes"], levels, of["there"], of_said(model, of))
    return found


def test_each_motion_is_said_as_if_alone() -> None:
    model, given = make_masked(), inputs()
    together = [first(model, given), further(model, given, 1), further(model, given, 2)]
    for row, length in enumerate(LENGTHS):
        words = int(given["text_mask"][row].sum())
        own = {name: part[row : row + 1] for name, part in given.items()}
        own |= {name: own[name][:, :length] for name in ("codes", "there")}
        own |= {name: own[name][:, :words] for name in ("text", "text_mask")}
        alone = [first(model, own), further(model, own, 1), further(model, own, 2)]
        for one, other in zip(together, alone, strict=True):
            torch.testing.assert_close(one[row, :length], other[0], atol=1e-4, rtol=1e-4)


def test_groups_of_like_length_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model, given = make_masked(), inputs(tuple(range(2, 34)))
    given["silent"] = torch.arange(32) % 3 == 0
    there = given["there"]
    monkeypatch.setattr("mate_hf.modeling.ragged.NUMBERS", 100)
    assert length_groups(there, 16) is not None
    grouped = [first(model, given)[there], further(model, given, 2)[there]]
    monkeypatch.setattr("mate_hf.modeling.ragged.NUMBERS", 10**9)
    assert length_groups(there, 16) is None
    for one, other in zip(grouped, [first(model, given), further(model, given, 2)], strict=True):
        torch.testing.assert_close(one, other[there], atol=1e-4, rtol=1e-4)


def test_codes_words_and_sentence_are_heard_and_silence_is_not() -> None:
    model, given = make_masked(), inputs()
    there = given["there"]
    said = first(model, given)
    masked = given["codes"].clone()
    masked[0, 0, 0] = model.base.mask
    assert not torch.allclose(said[0], first(model, given, codes=masked)[0], atol=1e-3)
    for name in ("text", "sentence"):
        assert not torch.allclose(said, first(model, given, **{name: given[name] * 0.5 + 0.1}), atol=1e-3)
        assert not torch.allclose(
            further(model, given, 1), further(model, given, 1, **{name: given[name] * 0.5 + 0.1}), atol=1e-3
        )
    silent = torch.ones(3, dtype=torch.bool)
    quiet = first(model, given, silent=silent)
    assert not torch.allclose(said[there], quiet[there], atol=1e-3)
    other = {"text": given["text"] + 1, "sentence": given["sentence"] - 1}
    torch.testing.assert_close(quiet, first(model, given, silent=silent, **other))


def test_sentences_alone_are_heard_without_their_words() -> None:
    model, given = make_masked(conditions="sentence"), inputs()
    assert not [name for name, _ in model.named_parameters() if ".words." in name or "words_norm" in name]
    for level in (0, 1):

        def say(level: int = level, **changed: torch.Tensor) -> torch.Tensor:
            return first(model, given, **changed) if level == 0 else further(model, given, level, **changed)

        torch.testing.assert_close(say(), say(text=given["text"] * 2 + 1, text_mask=~given["text_mask"]))
        assert not torch.allclose(say(), say(sentence=given["sentence"] * 0.5), atol=1e-3)


def test_a_further_level_sees_those_before_it_and_no_others() -> None:
    model, given = make_masked(), inputs()
    for level in (1, 2):
        said = further(model, given, level)
        for other in range(3):
            changed = given["codes"].clone()
            changed[..., other] = torch.where(given["there"], (changed[..., other] + 1) % 20, -1)
            same = torch.equal(said, further(model, given, level, codes=changed))
            assert same == (other >= level), (level, other)


@pytest.mark.parametrize("level", [1, 2])
def test_a_level_is_said_by_its_own_rows_of_the_sum_of_those_before_it(level: int) -> None:
    model, given = make_masked(), inputs()
    residual = model.residual
    assert residual is not None
    embedded = torch.zeros(3, 12, 16)
    for row, length in enumerate(LENGTHS):
        for place in range(length):
            for before in range(level):
                embedded[row, place] += residual.enter.weight[
                    before * 20 + int(given["codes"][row, place, before])
                ]
    tuned_by = residual.level.weight[level - 1].expand(3, -1)
    features = residual.read(embedded, given["there"], of_said(model, given), tuned_by)
    rows = slice(20 * (level - 1), 20 * level)
    wanted = features @ residual.leave.weight[rows].T + residual.leave.bias[rows]
    there = given["there"]
    torch.testing.assert_close(further(model, given, level)[there], wanted[there], atol=1e-4, rtol=1e-4)


def test_how_long_a_motion_is_tunes_the_blocks() -> None:
    model, said = make_masked(), torch.zeros(2, 16)
    short, long = model.base.tune(said, torch.tensor([3, 40]))
    assert not torch.allclose(short, long, atol=1e-3)


def test_levels_of_one_batch_are_each_its_own() -> None:
    model, given = make_masked(), inputs()
    assert model.residual is not None
    mixed = model.residual(given["codes"], torch.tensor([2, 1, 2]), given["there"], of_said(model, given))
    for row, level in enumerate((2, 1, 2)):
        there = given["there"][row]
        alone = further(model, given, level)[row]
        torch.testing.assert_close(mixed[row][there], alone[there], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(further(model, given, 1), further(model, given, 2), atol=1e-3)


def test_attention_shares_out_at_most_everything() -> None:
    model, given = make_masked(), inputs()
    looked = model.word_attention(given["codes"][..., 0], given["there"], of_said(model, given))
    assert looked.shape == (3, 48, 7)
    assert bool((looked >= 0).all())
    assert bool((looked.sum(-1) <= 1 + 1e-5).all())
    assert float(looked[0].sum()) > 0
    assert not looked[1, :, 3:].any()
    assert not looked[1, 12:].any()


def test_what_the_encoder_says_is_standardised() -> None:
    plain, given = make_masked(), inputs()
    told = make_masked()
    text, sentence = (torch.randn(6), torch.rand(6) + 0.5), (torch.randn(5), torch.rand(5) + 0.5)
    told.set_text_statistics(text, sentence)
    spoken = {
        "text": given["text"] * text[1] + text[0],
        "sentence": given["sentence"] * sentence[1] + sentence[0],
    }
    for level in (0, 1):
        one, other = (
            first(model, given, **changed) if level == 0 else further(model, given, level, **changed)
            for model, changed in ((told, spoken), (plain, {}))
        )
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("changed", [{}, {"conditions": "sentence"}, {"levels": 1}])
def test_a_saved_model_opens_again_and_says_the_same(tmp_path: Path, changed: dict[str, Any]) -> None:
    model, given = make_masked(**changed), inputs()
    model.set_text_statistics((torch.rand(6), torch.rand(6) + 1), (torch.rand(5), torch.rand(5) + 1))
    model.save_pretrained(tmp_path)
    again = MaskedModel.from_pretrained(tmp_path).eval()
    assert torch.equal(first(model, given), first(again, given))
    assert (again.residual is None) == (changed.get("levels") == 1)
    if again.residual is not None:
        assert torch.equal(further(model, given, 2), further(again, given, 2))


def test_a_fresh_model_finds_every_code_as_likely() -> None:
    torch.manual_seed(0)
    model = MaskedModel(MaskedConfig(**SIZES))
    assert not first(model, inputs()).any()
    assert not further(model, inputs(), 2).any()


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="hidden_size: 15"):
        MaskedConfig(hidden_size=15, heads=2)
    with pytest.raises(ValueError, match="conditions: 'word'; expected one of words, sentence"):
        MaskedConfig(conditions="word")
