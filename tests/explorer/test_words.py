"""Words: what is typed, what is swapped, and who is near whom before and after."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from mate_hf.errors import MateError
from mate_hf.explorer.opening import Explored
from mate_hf.explorer.swapping import scene_of_swap, swap_of, swaps_of, try_swap
from mate_hf.explorer.typed import typed_sentence, typed_word
from tests.explorer.test_gallery import cropped

CAPTION = "A person turns left twice, then Left again"


def test_a_word_with_an_opposite_is_swapped_where_it_stands_first() -> None:
    assert [(swap.word, swap.opposite) for swap in swaps_of(CAPTION)] == [
        ("left", "right"),
        ("twice", "once"),
        ("left", "right"),
    ]
    assert swap_of(CAPTION, "").caption == "A person turns right twice, then Left again"
    assert swap_of(CAPTION, "twice").caption == "A person turns left once, then Left again"
    assert swap_of("Left it goes", "left").caption == "Right it goes"


@pytest.mark.parametrize(
    ("caption", "word", "said"),
    [
        (CAPTION, "person", "“person” has no antonym here.*left, twice"),
        (CAPTION, "up", "“up” is not in the sentence.*left, twice"),
        ("a person sits", "", "No word of the sentence has an antonym here"),
        ("a person sits", "sits", "“sits” has no antonym here. No word of the sentence has one"),
    ],
)
def test_what_cannot_be_swapped_is_said(caption: str, word: str, said: str) -> None:
    with pytest.raises(MateError, match=said):
        swap_of(caption, word)


def test_a_swap_says_what_the_models_say(explored: Explored) -> None:
    gallery, model = explored.gallery, explored.trained.model
    found = try_swap(gallery, explored.trained, explored.base, "a person turns left", "", 1)
    assert found.after.caption == "a person turns right"
    for side in (found.before, found.after):
        feature = F.normalize(model.encode_text(side.caption)[0], dim=0)
        others = F.normalize(
            torch.cat(
                [model.encode_motion(cropped(gallery.features(place))) for place in range(len(gallery.clips))]
            ),
            dim=-1,
        )
        scores = others @ feature
        assert side.score == pytest.approx(float(scores[1]), abs=1e-5)
        assert side.rank == 1 + int((scores > scores[1]).sum())
    assert explored.base is not None
    for encoder, cosine in (
        (explored.base, found.stock_cosine),
        (explored.trained.encoder, found.tuned_cosine),
    ):
        one, other = encoder.sentence_features(["a person turns left", "a person turns right"])
        assert cosine == pytest.approx(float(F.cosine_similarity(one, other, dim=0)), abs=1e-5)
    assert found.stock_cosine != pytest.approx(found.tuned_cosine, abs=1e-4)
    assert [list(one.attention.words)[-1] for one in scene_of_swap(found).motions] == ["left", "right"]  # type: ignore[union-attr]


def test_neighbours_before_and_after(explored: Explored) -> None:
    found = explored.words.neighbours("left", 5)
    assert found.known
    assert explored.base is not None
    for encoder, ranked in ((explored.base, found.stock), (explored.trained.encoder, found.tuned)):
        assert ranked is not None
        words = [word for word in explored.words.words if word != "left"]
        cosines = F.cosine_similarity(encoder.word_embeddings(["left"]), encoder.word_embeddings(words))
        best = cosines.argsort(descending=True)[:5].tolist()
        assert [word for word, _ in ranked] == [words[place] for place in best]
        assert [cosine for _, cosine in ranked] == pytest.approx(cosines[best].tolist(), abs=1e-5)
    # The run's row is the stock one turned round.
    stock, tuned = found.opposites["right"]
    assert stock == pytest.approx(-tuned, abs=1e-5)


def test_an_unknown_word_has_neighbours_by_its_pieces(explored: Explored) -> None:
    found = explored.words.neighbours("zwirbelig")
    assert not found.known
    assert len(found.pieces) > 1
    assert "".join(found.pieces).replace("##", "") == "zwirbelig"
    assert len(found.tuned) == 8


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "empty"),
        (None, "empty"),
        ("  \n ", "empty"),
        ("!!! ---", "No word"),
        ("a " * 300, "599 characters; expected at most 500"),
        ("\ud800 turns", "Character 1 is half of one"),
    ],
)
def test_what_is_no_sentence_is_said(explored: Explored, typed: str | None, said: str) -> None:
    with pytest.raises(MateError, match=said):
        typed_sentence(typed, explored.trained.tokenizer, explored.trained.token_limit)


def test_a_sentence_that_the_encoder_would_cut_is_refused(explored: Explored) -> None:
    with pytest.raises(MateError, match="6 tokens long; the text encoder reads at most 5"):
        typed_sentence("a person turns left", explored.trained.tokenizer, 5)
    assert typed_sentence("  a person\n turns left ", explored.trained.tokenizer, 6) == "a person turns left"


@pytest.mark.parametrize("typed", ["", "turn left", "?"])
def test_one_word_is_asked_for(typed: str) -> None:
    with pytest.raises(MateError, match="expected one, such as left"):
        typed_word(typed)
    assert typed_word(" Counter-Clockwise ") == "counter-clockwise"
