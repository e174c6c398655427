"""What a batch holds: the word's own sub-tokens, its prototype, and nothing that depends on the process."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from mate_hf.data.batching import EVALUATION, Draw, caption_number
from mate_hf.data.preparation import Prepared, prepare
from mate_hf.errors import MateError
from mate_hf.objectives.triplets import Triplet, TripletCollator, Triplets
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from tests.tiny import make_corpus


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    root = tmp_path_factory.mktemp("triplets")
    return prepare(str(make_corpus(root / "folder", clips=12)), root / "prepared")


@pytest.fixture(scope="module")
def encoder(text_encoders: dict[str, Path]) -> TextEncoder:
    return open_text_encoder(str(text_encoders["clip"]))


def collator(
    prepared: Prepared, encoder: TextEncoder, sampling: str = "uniform", limit: int = 77
) -> TripletCollator:
    return TripletCollator(encoder.tokenizer, limit, prepared.vocabulary, seed=0, word_sampling=sampling)


def drawn_words(
    prepared: Prepared, encoder: TextEncoder, sampling: str, draws: int = 300
) -> list[tuple[str, str, str]]:
    """(caption, decoded sub-tokens, lemma) of many draws."""
    triplets = Triplets(prepared.corpus.splits["train"], seed=0)
    collate = collator(prepared, encoder, sampling)
    items = [triplets[Draw(epoch, epoch % len(triplets))] for epoch in range(draws)]
    batch = collate(items)
    texts = [
        encoder.tokenizer.decode(ids[mask])
        for ids, mask in zip(batch["word_tokens"][:, 0], batch["word_mask"][:, 0], strict=True)
    ]
    lemmas = [prepared.vocabulary.lemmas[number] for number in batch["prototype_id"][:, 0].tolist()]
    return list(zip([item.caption for item in items], [text.strip() for text in texts], lemmas, strict=True))


def test_sub_tokens_spell_a_word_of_the_caption_whose_lemma_is_the_prototype(
    prepared: Prepared, encoder: TextEncoder
) -> None:
    for caption, text, lemma in drawn_words(prepared, encoder, "uniform"):
        words = {word.text: word.lemma for word in prepared.vocabulary.annotate(caption)[0].words}
        assert words[text] == lemma


def test_words_are_drawn_uniformly_over_the_caption(prepared: Prepared, encoder: TextEncoder) -> None:
    chosen = "a person walks forward and turns left"
    texts = [
        text for caption, text, _ in drawn_words(prepared, encoder, "uniform", 2800) if caption == chosen
    ]
    counts = Counter(texts)
    assert set(counts) == set(chosen.split())
    assert max(counts.values()) < 2 * min(counts.values())


def test_content_sampling_leaves_function_words_out(prepared: Prepared, encoder: TextEncoder) -> None:
    texts = {text for _, text, _ in drawn_words(prepared, encoder, "content")}
    assert not texts & {"a", "the", "and", "then"}
    assert "left" in texts


def test_inverse_frequency_favours_rare_words(prepared: Prepared, encoder: TextEncoder) -> None:
    counts = dict(zip(prepared.vocabulary.lemmas, prepared.vocabulary.counts, strict=True))
    drawn = drawn_words(prepared, encoder, "inverse_frequency", 1500)
    # A word's chance is 1 / count over the sum of these, so a caption of n words draws a count of n / sum(1 / count).
    expected = []
    for caption, *_ in drawn:
        rarity = [1 / counts[word.lemma] for word in prepared.vocabulary.annotate(caption)[0].words]
        expected.append(len(rarity) / sum(rarity))
    assert np.mean([counts[lemma] for *_, lemma in drawn]) == pytest.approx(np.mean(expected), rel=0.05)


def test_workers_and_order_do_not_change_a_draw(prepared: Prepared, encoder: TextEncoder) -> None:
    triplets, collate = Triplets(prepared.corpus.splits["train"], seed=5), collator(prepared, encoder)
    draws = [[Draw(3, row) for row in (4, 1, 7)], [Draw(3, row) for row in (0, 2, 9)]]
    here = [collate([triplets[draw] for draw in batch]) for batch in draws]
    there = DataLoader(triplets, batch_sampler=draws[::-1], collate_fn=collate, num_workers=1)
    for expected, batch in zip(here[::-1], there, strict=True):
        for name, value in expected.items():
            assert torch.equal(batch[name], value), name


def test_epochs_crop_anew_and_evaluation_never_does(prepared: Prepared) -> None:
    triplets = Triplets(prepared.corpus.splits["train"], seed=0)
    crops = {
        (triplets[Draw(epoch, 0)].first_frame, len(triplets[Draw(epoch, 0)].motion)) for epoch in range(20)
    }
    assert len(crops) > 3
    whole = triplets[Draw(EVALUATION, 0)]
    assert (whole.first_frame, len(whole.motion)) == (0, triplets.split[0]["length"] // 4 * 4)


def localized(triplet: Triplet, caption: str, first: int, segments: list[list[int]]) -> Triplet:
    sub_texts = caption.split(" then ")
    frames = triplet.motion[np.arange(40) % len(triplet.motion)]
    return replace(
        triplet,
        caption=caption,
        lemmas=caption.split(),
        motion=frames,
        first_frame=first,
        sub_texts=sub_texts,
        segments=segments,
    )


def test_a_word_takes_the_segment_of_its_sub_text_shifted_by_the_crop(prepared: Prepared) -> None:
    triplet = Triplets(prepared.corpus.splits["train"], seed=0)[Draw(0, 0)]
    cropped = localized(triplet, "he walks then he sits", 4, [[0, 30], [30, 48]])
    assert cropped.word_segments() == [(-4, 26), (-4, 26), (0, 40), (26, 44), (26, 44)]
    assert localized(triplet, "he walks", 4, [[0, 48]]).word_segments() == [(0, 40)] * 2


def test_the_batch_carries_the_segment_of_the_drawn_word(prepared: Prepared, encoder: TextEncoder) -> None:
    triplet = Triplets(prepared.corpus.splits["train"], seed=0)[Draw(0, 0)]
    triplets = [
        replace(localized(triplet, "a walks then a turns", 0, [[0, 12], [12, 40]]), draw=Draw(epoch, 0))
        for epoch in range(12)
    ]
    spoken = ["walk", "turn", "a"]
    names = {prepared.vocabulary.prototype_id(name): name for name in spoken}
    known = [replace(t, lemmas=["a", "walk", "then", "a", "turn"]) for t in triplets]
    batch = collator(prepared, encoder)(known)
    found = {
        (names[int(number)], tuple(segment))
        for number, segment in zip(batch["prototype_id"][:, 0], batch["segment"][:, 0].tolist(), strict=True)
        if int(number) in names
    }
    assert ("walk", (0, 12)) in found
    assert ("turn", (12, 40)) in found
    assert found <= {("walk", (0, 12)), ("turn", (12, 40)), ("a", (0, 12)), ("a", (12, 40))}


def test_words_that_the_crop_does_not_show_are_not_drawn(prepared: Prepared, encoder: TextEncoder) -> None:
    triplet = Triplets(prepared.corpus.splits["train"], seed=0)[Draw(0, 0)]
    late = localized(triplet, "walks then turns", 200, [[0, 100], [100, 300]])
    late = replace(late, lemmas=["walk", "then", "turn"])
    batch = collator(prepared, encoder)([replace(late, draw=Draw(epoch, 0)) for epoch in range(20)])
    assert prepared.vocabulary.prototype_id("walk") not in batch["prototype_id"].flatten().tolist()


def test_several_words_of_a_caption_are_different_ones_as_long_as_there_are(
    prepared: Prepared, encoder: TextEncoder
) -> None:
    triplets = Triplets(prepared.corpus.splits["train"], seed=0)
    items = [triplets[Draw(epoch, epoch % len(triplets))] for epoch in range(40)]
    collate = replace(collator(prepared, encoder), words_per_caption=4)
    batch = collate(items)
    assert (
        batch["word_tokens"].shape[:2] == batch["segment"].shape[:2] == batch["prototype_id"].shape == (40, 4)
    )
    rows = torch.arange(len(items))[:, None, None]
    assert torch.equal(
        batch["input_ids"][rows, batch["word_places"]] * batch["word_mask"], batch["word_tokens"]
    )
    for item, ids in zip(items, batch["prototype_id"].tolist(), strict=True):
        known = [prepared.vocabulary.prototype_id(lemma) for lemma in item.lemmas]
        assert all(ids.count(number) <= known.count(number) for number in ids)
    short = replace(items[0], caption="a walks", lemmas=["a", "walk"])
    ids = collate([short])["prototype_id"][0].tolist()
    assert sorted(ids) == sorted([prepared.vocabulary.prototype_id(lemma) for lemma in ("a", "walk")] * 2)


def test_words_lost_to_truncation_are_never_drawn(prepared: Prepared, encoder: TextEncoder) -> None:
    triplets = Triplets(prepared.corpus.splits["train"], seed=0)
    batch = collator(prepared, encoder, limit=4)([triplets[Draw(epoch, 0)] for epoch in range(30)])
    allowed = {tuple(ids) for ids in batch["input_ids"][:, 1:3].reshape(-1, 1).tolist()}
    assert {(int(row[0]),) for row in batch["word_tokens"][:, 0]} <= allowed


def test_a_caption_without_a_known_word_is_named(prepared: Prepared, encoder: TextEncoder) -> None:
    triplet = Triplets(prepared.corpus.splits["train"], seed=0)[Draw(0, 0)]
    triplet.caption, triplet.lemmas = "zzz", ["zzz"]
    with pytest.raises(MateError, match="'zzz'"):
        collator(prepared, encoder)([triplet])


def test_an_unknown_sampling_is_named(prepared: Prepared, encoder: TextEncoder) -> None:
    with pytest.raises(MateError, match=r"often.*inverse_frequency"):
        collator(prepared, encoder, "often")


def test_equal_captions_have_equal_numbers() -> None:
    assert caption_number("a") == caption_number("a") != caption_number("b")
    assert 0 <= caption_number("a") < 2**63
