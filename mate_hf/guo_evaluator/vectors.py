"""Word vectors that the evaluator reads captions with: the field's GloVe folder, or rows of a text encoder."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mate_hf.data.arrays import load_array
from mate_hf.errors import MateError
from mate_hf.guo_evaluator.tokens import END, START, UNKNOWN
from mate_hf.text.encoders import TextEncoder
from mate_hf.utils.first_bytes import mistaken

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
                return cls(json.loads(stored.metadata()["words"]), stored.get_tensor("table"))
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise MateError(f"{file}: damaged ({error}). Copy it again.") from error

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
                f"{vectors.shape}; expected a list, a dictionary, and (words, width)."
            )
        try:
            rows = [int(places[name]) for name in names]
            table = torch.from_numpy(vectors[rows]).float()
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise MateError(f"{folder}: words and vectors do not belong together ({error!r}).") from error
        return cls(names, table)

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


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"it names {module}.{name}, and only plain values are opened")


def read_plain_pickle(file: Path) -> Any:
    """A pickle of lists, dictionaries, strings and numbers.

    Raises:
        MateError: no such file, damaged, or it holds objects of any class.
    """
    if what := mistaken(file):
        raise MateError(f"{file}: not a pickle of plain values: it {what}")
    try:
        return _PlainUnpickler(io.BytesIO(file.read_bytes())).load()
    except FileNotFoundError:
        raise MateError(f"{file}: not found.") from None
    except (OSError, pickle.UnpicklingError, EOFError, ValueError, IndexError, AttributeError) as error:
        raise MateError(f"{file}: not a pickle of plain values ({error}).") from error
