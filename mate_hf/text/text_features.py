"""Features of frozen text encoders, computed once a corpus and read from disk: training never runs the encoder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.modeling.clip_captions import is_clip
from mate_hf.text.encoders import TextEncoder, token_batches
from mate_hf.text.reading_digest import reading_digest
from mate_hf.utils.arrays import load_array, map_array
from mate_hf.utils.files import written_whole
from mate_hf.utils.locks import FOREVER
from mate_hf.utils.nests import clear_nest, nest_of
from mate_hf.utils.table_file import TableFile
from mate_hf.utils.terminal import terminal_of_bars
from mate_hf.utils.weights import add_weights

BATCH = 64
DTYPES = ("float32", "float16")


@dataclass
class TextFeatures:
    """What two frozen encoders say of a set of captions.

    Attributes:
        rows: caption -> its place.
        tokens: (all tokens, W), memory-mapped; caption i owns tokens[offsets[i] : offsets[i+1]], special tokens
            included.
        sentences: (captions, D), the sentence encoder's features.
    """

    rows: dict[str, int]
    tokens: NDArray[np.floating]
    offsets: NDArray[np.int64]
    sentences: NDArray[np.float32]

    def tokens_of(self, caption: str) -> NDArray[np.float32]:
        """Token features (S, W) of one caption."""
        row = self.rows[caption]
        return np.asarray(self.tokens[self.offsets[row] : self.offsets[row + 1]], dtype=np.float32)

    def sentence_of(self, caption: str) -> NDArray[np.float32]:
        """Sentence feature (D,) of one caption."""
        return self.sentences[self.rows[caption]]


def cached_text_features(
    captions: Sequence[str], encoder: TextEncoder, sentences: TextEncoder, cache: Path, dtype: str = "float32"
) -> TextFeatures:
    """Open the features of these captions, computing them where `cache` does not hold them yet.

    Args:
        captions: in any order; duplicates are encoded once.
        encoder: its last hidden states are the token features.
        sentences: its sentence features tell captions too alike to be negatives.
        cache: folder of folders, one for each set of captions and weights of the encoders, so that nothing stale is
            ever read.
        dtype: of the token features on disk; float16 halves the file.

    Raises:
        MateError: the cache cannot be written, is full, or holds a damaged file.
    """
    unique = sorted(set(captions))
    identity = _identity(encoder)
    identities = [identity, identity if sentences is encoder else _identity(sentences)]
    folder = cache / hashlib.sha256(json.dumps([unique, dtype, *identities]).encode()).hexdigest()[:32]
    if not folder.is_dir():
        # Two trainings that begin together ask for the same features: the second waits for the first one's.
        with nest_of(folder, wait=FOREVER) as nest:
            if not folder.is_dir():
                with written_whole(folder, nest=nest) as fresh:
                    fresh.mkdir()
                    _write(unique, encoder, sentences, fresh, dtype, identities[0] == identities[1])
    else:
        clear_nest(folder)
    return _open(folder, unique)


def _open(folder: Path, captions: list[str]) -> TextFeatures:
    try:
        found = TextFeatures(
            {caption: row for row, caption in enumerate(captions)},
            map_array(folder / "tokens.npy"),
            load_array(folder / "offsets.npy").astype(np.int64),
            load_array(folder / "sentences.npy").astype(np.float32, copy=False),
        )
    except MateError as error:
        raise MateError(
            f"{folder}: damaged text features ({error}) Remove the folder; they are made anew."
        ) from error
    if not _fit(found):
        raise MateError(
            f"{folder}: damaged text features (shapes that do not fit each other). Remove the folder; they are made anew."
        )
    return found


def _fit(found: TextFeatures) -> bool:
    """Whether every caption's tokens are there."""
    offsets = found.offsets
    return (
        found.tokens.ndim == found.sentences.ndim == 2
        and offsets.shape == (len(found.rows) + 1,)
        and len(found.sentences) == len(found.rows)
        and int(offsets[0]) == 0
        and int(offsets[-1]) == len(found.tokens)
        and bool((offsets[1:] >= offsets[:-1]).all())
    )


def token_features(encoder: TextEncoder, captions: list[str]) -> tuple[Tensor, Tensor]:
    """Last hidden states (B,S,W) of the captions on the encoder's device, and their mask (B,S), True on real tokens."""
    output, mask = encoder.read(captions)
    return output.last_hidden_state, mask.bool()


def _write(
    captions: list[str],
    encoder: TextEncoder,
    sentences: TextEncoder,
    folder: Path,
    dtype: str,
    one_encoder: bool,
) -> None:
    lengths = np.concatenate(
        [batch.attention_mask.sum(1).numpy() for batch in token_batches(encoder, captions)]
    )
    offsets = np.concatenate([[0], lengths.cumsum()])
    means = np.zeros((len(captions), sentences.family.sentence_width(sentences.model.config)), np.float32)
    # Captions of like length share a batch; one twice as long as its neighbours would pad them all.
    order = lengths.argsort(kind="stable")
    batches = [order[start : start + BATCH].tolist() for start in range(0, len(order), BATCH)]
    console = terminal_of_bars()
    shape = (int(offsets[-1]), encoder.model.config.hidden_size)
    with TableFile(folder / "tokens.npy", shape, np.dtype(dtype)) as table:
        for rows in track(batches, "text features", console=console, disable=not console.is_terminal):
            texts = [captions[row] for row in rows]
            output, mask = encoder.read(texts)
            for row, feature, real in zip(rows, output.last_hidden_state, mask.bool(), strict=True):
                table.write(int(offsets[row]), feature[real].cpu().numpy())
            if one_encoder:
                sentence = encoder.family.sentence_feature(output, mask, encoder.pooling)
            else:
                sentence = sentences.sentence_features(texts)
            means[rows] = sentence.cpu().numpy()
    np.save(folder / "offsets.npy", offsets)
    np.save(folder / "sentences.npy", means)


def _identity(encoder: TextEncoder) -> str:
    """Of all that an encoder's features depend on."""
    return encoder_digest(encoder) + reading_digest(encoder)


def encoder_digest(encoder: TextEncoder) -> str:
    """A digest of an encoder's weights, whatever file they lie in, and of what becomes of its tokens; see `reading_digest` for how it
    comes to them. Weights that were rounded to half precision are others."""
    told = f"{encoder.pooling} {encoder.max_length} {type(encoder.model).__name__}"
    if is_clip(encoder.tokenizer):
        # Features of captions that nobody repaired are other features.
        told += " repaired captions"
    digest = hashlib.sha256(told.encode())
    add_weights(digest, encoder.model)
    return digest.hexdigest()
