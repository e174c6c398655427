"""CLIP's captions are read as `clip.tokenize` reads them, and words stay where they are in the caption."""

from __future__ import annotations

import string
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mate_hf.modeling.clip_captions import cleaned, is_clip, tokenised
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from tests.modeling.test_modeling_mate import tiny_model
from tests.openai_clip.package import openai_package

# Nothing whose bytes might be, together, a character of another alphabet: of that ftfy has opinions of its own.
PARTS = [
    *string.printable,
    *"‘’‚‛“”„‟ʼ⁰中文かﾀＡ２　ﬁﬂﬀﬆĳŉ\u2028\ufeff\x00\x1b",
    *(
        "&amp;",
        "&quot;",
        "&#39;",
        "&#x27;",
        "&rsquo;",
        "&lt;",
        "&hearts",
        "&amp;amp;quot;",
        "&nothing;",
        "&#0;",
    ),
    *("\x1b[31m", "\x1b[0m", "it’s", "person's", "left", " ", "\n"),
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


@pytest.fixture(scope="module")
def clip() -> Any:
    """OpenAI's own."""
    with pytest.MonkeyPatch.context() as patch:
        yield openai_package(patch)


@pytest.fixture(scope="module")
def encoder(text_encoders: dict[str, Path]) -> TextEncoder:
    return open_text_encoder(str(text_encoders["clip"]))


@pytest.mark.real
def test_every_character_is_repaired_as_there(clip: Any) -> None:
    """Of the first 65,536, inside a word; NFC is the tokenizer's own."""
    clean = clip.simple_tokenizer.basic_clean
    for code in range(1, 0x10000):
        if 0xD800 <= code < 0xE000:
            continue
        text = f"a{chr(code)}b c"
        assert unicodedata.normalize("NFC", cleaned(text).text) == clean(text), hex(code)


@pytest.mark.real
def test_punctuation_of_the_wrong_alphabet_is_repaired_as_there(clip: Any) -> None:
    """In plain text; whether ftfy takes other text for such depends on what stands around it."""
    for code in range(0x80, 0xC0):
        text = f"it\u00e2\u20ac{bytes([code]).decode('cp1252', 'ignore') or chr(code)}s"
        found, expected = cleaned(text).text, clip.simple_tokenizer.basic_clean(text)
        assert unicodedata.normalize("NFC", found) == expected, ascii(text)


@pytest.mark.real
@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_any_text_is_the_tokens_it_is_there(clip: Any, encoder: TextEncoder, text: str) -> None:
    (ids,) = tokenised(encoder.tokenizer, [text], verbose=False)["input_ids"]
    assert ids[1:-1] == clip.clip._tokenizer.encode(text)


@pytest.mark.real
@pytest.mark.parametrize(
    "text",
    [
        "a café",
        "el niño gira",
        "P&EACUTE;REZ",
        "Straße &SZLIG;",
        "180º, 90⁰ – turn",
        "½ turn …",
        "it\x92s",
        "&copy 2 &nbsp;",
    ],
)
def test_letters_of_other_languages_are_the_tokens_they_are_there(
    clip: Any, encoder: TextEncoder, text: str
) -> None:
    (ids,) = tokenised(encoder.tokenizer, [text])["input_ids"]
    assert ids[1:-1] == clip.clip._tokenizer.encode(text)


def spelled(encoder: TextEncoder, caption: str) -> list[str]:
    """What each word of a caption reads, from the tokens that it is told to have."""
    tokens = encoder.tokenise([caption])
    return [encoder.tokenizer.decode(tokens.input_ids[0][span]).replace(" ", "") for span in tokens.words[0]]


def test_words_stay_where_they_are_in_the_caption(encoder: TextEncoder) -> None:
    caption = "“he’s” turning left &amp; it&#39;s ﬁne, the person’s ＬＥＦＴ"
    # The letters of an entity have the character that they stand for.
    entities = ["&", "it", "'s", "'s"]
    expected = ["he's", "turning", "left", *entities, "fine", "the", "person's", "left"]
    assert spelled(encoder, caption) == expected


def test_plain_captions_are_left_as_they_are(encoder: TextEncoder) -> None:
    caption = "a person's left arm, 180-degree; <b>AT+T</b>"
    assert cleaned(caption) == (caption, [(place, place + 1) for place in range(len(caption))])
    plain = encoder.tokenizer([caption], return_offsets_mapping=True)
    assert tokenised(encoder.tokenizer, [caption], return_offsets_mapping=True).data == plain.data


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_other_encoders_read_what_stands_there(text_encoders: dict[str, Path], family: str) -> None:
    tokenizer = open_text_encoder(str(text_encoders[family])).tokenizer
    assert not is_clip(tokenizer)
    captions = ["it’s &amp; “left”", "it's"]
    assert tokenised(tokenizer, captions).data == tokenizer(captions).data


@pytest.mark.parametrize(
    "plain",
    ['he\'s turning "left" & down', "the person's hand"],
)
def test_every_reader_reads_the_plain_caption(
    text_encoders: dict[str, Path], encoder: TextEncoder, plain: str
) -> None:
    """Training, evaluation and words by themselves: as `mate_hf.load`, whose test stands with the exports."""
    curly = plain.replace("'", "’").replace(' "', " “").replace('" ', "” ").replace("&", "&amp;")
    assert curly != plain
    assert torch.equal(encoder.sentence_features([curly]), encoder.sentence_features([plain]))
    assert torch.equal(encoder.word_embeddings([curly]), encoder.word_embeddings([plain]))
    model = tiny_model(text_encoders["clip"])
    model.eval()
    assert torch.equal(model.encode_text(curly), model.encode_text(plain))
    assert torch.equal(model.project_words([curly]), model.project_words([plain]))


@pytest.mark.parametrize(
    "text", ["&" + "amp;" * 50_000, "&" * 50_000, "\x1b[" + "1;" * 50_000, "â€" * 50_000]
)
def test_a_long_text_ends_soon(text: str) -> None:
    started = time.monotonic()
    assert len(cleaned(text).places) == len(cleaned(text).text)
    assert time.monotonic() - started < 10


@given(text=TEXTS)
def test_every_character_knows_where_it_comes_from(text: str) -> None:
    found = cleaned(text)
    assert len(found.places) == len(found.text)
    assert all(0 <= start < end <= len(text) for start, end in found.places)
    assert found.places == sorted(found.places)
