"""Word vectors that the evaluator reads captions with: the field's GloVe folder, or rows of a text encoder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.guo_evaluator.tokens import END, START, UNKNOWN
from mate_hf.text.encoders import TextEncoder
from mate_hf.utils.arrays import load_array
from mate_hf.utils.first_bytes import mistaken
from mate_hf.utils.json_files import brief, parse_json
from mate_hf.utils.plain_pickles import read_plain_pickle
from mate_hf.utils.reasons import reason

VECTORS_FILE = "word_vectors.safetensors"
GLOVE_PREFIX = "our_vab"


@dataclass
class WordVectors:
    """A vector for each known word; `unk` stands for all others.

    Attributes:
        words: (V,), `sos`, `eos` and `unk` among them.
        table: (V,D).
    """

    words: list[str]
    table: Tensor
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._places = {word: place for place, word in enumerate(self.words)}
        lacking = [word for word in (START, END, UNKNOWN) if word not in self._places]
        if lacking or len(self._places) != len(self.table):
            raise MateError(
                f"word vectors: {len(self._places)} words for {len(self.table)} vectors, without {', '.join(lacking) or 'none'}; "
                "expected one vector a word, sos, eos and unk among them."
            )

    def __contains__(self, word: str) -> bool:
        return word in self._places

    def place(self, word: str) -> int:
        """The word's row, or that of `unk`."""
        return self._places.get(word, self._places[UNKNOWN])

    @property
    def width(self) -> int:
        return self.table.shape[1]

    def save(self, folder: Path) -> None:
        """Write `word_vectors.safetensors`."""
        save_file(
            {"table": self.table.contiguous()}, folder / VECTORS_FILE, {"words": json.dumps(self.words)}
        )

    @classmethod
    def load(cls, folder: Path) -> WordVectors:
        """Read what `save` wrote.

        Raises:
            MateError: not there, or damaged.
        """
        file = folder / VECTORS_FILE
        if not file.is_file():
            raise MateError(
                f"{file}: not found. The evaluator needs the word vectors it was trained with: give --glove, the field's "
                f"folder with {GLOVE_PREFIX}_data.npy."
            )
        if what := mistaken(file):
            raise MateError(f"{file}: damaged: it {what}")
        try:
            with safe_open(file, framework="pt") as stored:
                known, table = stored.metadata() or {}, stored.get_tensor("table")
        except (SafetensorError, OSError) as error:
            raise MateError(f"{file}: damaged ({reason(error)}). Copy it again.") from error
        words = parse_json(known.get("words", ""), f"{file}: words", list, "Copy it again.")
        _check(words, table, str(file))
        return cls(words, table)

    @classmethod
    def from_glove(cls, folder: Path) -> WordVectors:
        """The field's vocabulary: `our_vab_data.npy`, `our_vab_words.pkl`, `our_vab_idx.pkl`.

        The pickles are read as plain lists, dictionaries, strings and numbers; nothing else in them is opened.

        Raises:
            MateError: a file is missing, damaged, or holds anything else.
        """
        vectors = load_array(folder / f"{GLOVE_PREFIX}_data.npy")
        names = read_plain_pickle(folder / f"{GLOVE_PREFIX}_words.pkl")
        places = read_plain_pickle(folder / f"{GLOVE_PREFIX}_idx.pkl")
        if not isinstance(names, list) or not isinstance(places, dict) or vectors.ndim != 2:
            raise MateError(
                f"{folder}: a {type(names).__name__} of words, a {type(places).__name__} of places, vectors of shape "
                f"{tuple(vectors.shape)}; expected a list, a dictionary, and (words, width)."
            )
        _check(names, vectors, str(folder))
        rows: list[Any] = [places.get(name) for name in names]
        strange = [
            name
            for name, row in zip(names, rows, strict=True)
            if not (type(row) is int and 0 <= row < len(vectors))
        ]
        if strange:
            raise MateError(
                f"{folder}: words and vectors do not belong together: {brief(strange[0])} has no place among {len(vectors)} "
                "vectors."
            )
        return cls(names, torch.from_numpy(vectors[rows]).float())

    @classmethod
    def from_encoder(cls, encoder: TextEncoder, words: Sequence[str]) -> WordVectors:
        """WE(w) of the given words, for who has no GloVe; the ends and `unk` are the tokenizer's own."""
        tokenizer = encoder.tokenizer
        ends = (
            tokenizer.cls_token or tokenizer.bos_token,
            tokenizer.sep_token or tokenizer.eos_token,
            tokenizer.unk_token or tokenizer.eos_token,
        )
        rows = encoder.embedding_rows[tokenizer.convert_tokens_to_ids(list(ends))]
        names = sorted(set(words) - {START, END, UNKNOWN})
        return cls(
            [START, END, UNKNOWN, *names], torch.cat([rows.cpu(), encoder.word_embeddings(names).cpu()])
        )


def _check(words: list[Any], table: Tensor | NDArray[Any], where: str) -> None:
    strange = [word for word in words if not isinstance(word, str)]
    if strange or table.ndim != 2:
        raise MateError(
            f"{where}: {brief(strange[0]) if strange else 'all text'} among its words, vectors of shape {tuple(table.shape)}; "
            "expected words that are text, and vectors (words, width). Copy it again."
        )
