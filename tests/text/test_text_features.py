"""Cached token features are the encoder's, and never another's."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.text import text_features as module
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.text_features import cached_text_features
from mate_hf.utils import nests
from tests.tiny import CAPTIONS
from tests.utils.limits import files_of_at_most

Encoders = tuple[TextEncoder, TextEncoder]


@pytest.fixture
def encoders(text_encoders: dict[str, Path]) -> tuple[TextEncoder, TextEncoder]:
    return tuple(open_text_encoder(str(text_encoders[name])) for name in ("distilbert", "bert"))  # type: ignore[return-value]


def test_features_are_those_of_each_caption_alone(
    encoders: tuple[TextEncoder, TextEncoder], tmp_path: Path
) -> None:
    encoder, sentences = encoders
    found = cached_text_features([*CAPTIONS, CAPTIONS[0]], encoder, sentences, tmp_path)
    for caption in CAPTIONS:
        tokens = encoder.tokenizer(caption, return_tensors="pt")
        with torch.no_grad():
            alone = encoder.model(**{k: tokens[k] for k in ("input_ids", "attention_mask")}).last_hidden_state
        np.testing.assert_allclose(found.tokens_of(caption), alone[0].numpy(), atol=1e-5)
        np.testing.assert_allclose(
            found.sentence_of(caption), sentences.sentence_features([caption])[0].numpy(), atol=1e-5
        )


def test_one_encoder_for_both_reads_each_caption_once(
    text_encoders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, again = (open_text_encoder(str(text_encoders["bert"])) for _ in range(2))
    expected = again.sentence_features(CAPTIONS)
    monkeypatch.setattr(TextEncoder, "sentence_features", lambda *_: pytest.fail("read again"))
    found = cached_text_features(CAPTIONS, encoder, again, tmp_path)
    for caption, sentence in zip(CAPTIONS, expected, strict=True):
        np.testing.assert_allclose(found.sentence_of(caption), sentence.numpy(), atol=1e-5)


def test_a_second_run_reads_what_the_first_computed(
    encoders: tuple[TextEncoder, TextEncoder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cached_text_features(CAPTIONS, *encoders, tmp_path)
    monkeypatch.setattr(module, "_write", lambda *_: pytest.fail("computed again"))
    second = cached_text_features(CAPTIONS[::-1], *encoders, tmp_path)
    assert np.array_equal(first.tokens, second.tokens)


def test_what_a_killed_run_left_beside_whole_features_goes(encoders: Encoders, tmp_path: Path) -> None:
    cached_text_features(CAPTIONS, *encoders, tmp_path)
    [whole] = tmp_path.iterdir()
    (tmp_path / f".{whole.name}.writing" / "new").mkdir(parents=True)
    cached_text_features(CAPTIONS, *encoders, tmp_path)
    assert [*tmp_path.iterdir()] == [whole]


def test_other_weights_tokens_captions_or_types_are_computed_anew(
    encoders: tuple[TextEncoder, TextEncoder], tmp_path: Path
) -> None:
    encoder, sentences = encoders
    cached_text_features(CAPTIONS, encoder, sentences, tmp_path)
    cached_text_features(CAPTIONS[:2], encoder, sentences, tmp_path)
    cached_text_features(CAPTIONS, encoder, sentences, tmp_path, dtype="float16")
    with torch.no_grad():
        encoder.embedding_rows[5] += 1
    cached_text_features(CAPTIONS, encoder, sentences, tmp_path)
    # The weights say nothing of the tokenizer.
    encoder.tokenizer.add_tokens(["zzyzx"])
    cached_text_features(CAPTIONS, encoder, sentences, tmp_path)
    assert len(list(tmp_path.iterdir())) == 5


def test_a_full_cache_is_said_and_nothing_half_is_kept(encoders: Encoders, tmp_path: Path) -> None:
    def compute() -> None:
        with files_of_at_most(2000):
            cached_text_features(CAPTIONS, *encoders, tmp_path / "cache")

    with pytest.raises(MateError, match=r"writing .*cache.* failed.*Nothing was changed"):
        compute()
    assert not list((tmp_path / "cache").iterdir())
    cached_text_features(CAPTIONS, *encoders, tmp_path / "cache")


def test_of_two_trainings_that_begin_together_the_second_waits(
    encoders: Encoders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nests, "GRACE", 0.0)
    computed = []
    write = module._write

    def slowly(*arguments: Any) -> None:
        computed.append(1)
        time.sleep(0.3)
        write(*arguments)

    monkeypatch.setattr(module, "_write", slowly)
    with ThreadPoolExecutor(2) as pool:
        found = list(
            pool.map(lambda _: cached_text_features(CAPTIONS, *encoders, tmp_path / "cache"), range(2))
        )
    assert computed == [1]
    np.testing.assert_array_equal(found[0].tokens, found[1].tokens)
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_damaged_features_are_named(encoders: Encoders, tmp_path: Path) -> None:
    cached_text_features(CAPTIONS, *encoders, tmp_path / "cache")
    [folder] = (tmp_path / "cache").iterdir()
    content = (folder / "tokens.npy").read_bytes()
    for damaged in (content[:-1000], content[:20], b""):
        (folder / "tokens.npy").write_bytes(damaged)
        with pytest.raises(MateError, match=rf"{folder}: damaged text features"):
            cached_text_features(CAPTIONS, *encoders, tmp_path / "cache")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("offsets.npy", np.zeros(3, np.int64)),
        ("offsets.npy", np.arange(7)[::-1].copy()),
        ("sentences.npy", np.zeros((1, 16), np.float32)),
        ("tokens.npy", np.zeros((1, 16), np.float32)),
        ("sentences.npy", np.array(["a"], object)),
    ],
)
def test_features_that_do_not_fit_each_other_are_named(
    encoders: Encoders, tmp_path: Path, name: str, content: np.ndarray
) -> None:
    cached_text_features(CAPTIONS, *encoders, tmp_path / "cache")
    [folder] = (tmp_path / "cache").iterdir()
    np.save(folder / name, content)
    with pytest.raises(MateError, match=rf"{folder}: damaged text features"):
        cached_text_features(CAPTIONS, *encoders, tmp_path / "cache")
