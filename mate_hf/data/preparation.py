"""Folder -> prepared Dataset: features, captions, the lemma of every word, and the vocabulary of the training split."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mate_hf.data.corpus import Corpus, load_corpus, open_corpus, save_corpus
from mate_hf.data.motion_files import JOINTS_FOLDER
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary
from mate_hf.utils.files import written_whole
from mate_hf.utils.parts import Parts
from mate_hf.utils.versions import versions
from mate_hf.utils.workers import fair_workers, shares

if TYPE_CHECKING:
    from mate_hf.text.lemmas import Lemmatizer

FEW_CAPTIONS = 5000
"""Fewer are read by one process: another takes seconds to open spaCy."""

CAPTIONS_AT_A_TIME = 2048
"""Whose words are held as Python objects."""


@dataclass
class Prepared:
    """A corpus whose rows carry `lemmas`, one for each word of `find_words(caption)`, and its training vocabulary."""

    corpus: Corpus
    vocabulary: Vocabulary

    def summary(self) -> str:
        """What was read and what was refused, in a few lines."""
        return f"{self.corpus.report.summary()}\nvocabulary: {len(self.vocabulary)} lemmas (K) in the training captions"


def prepare(data: str, out: Path, overwrite: bool = False, workers: int | None = 1) -> Prepared:
    """Read a corpus, add lemmas, build the vocabulary from its training captions, and write all of it to `out`.

    Args:
        data: a HumanML3D/KIT-ML folder, a prepared Dataset on disk, or a Hub dataset id.
        out: folder to write: a Dataset on disk with Mean.npy, Std.npy, report.json and vocabulary.json.
        workers: processes that open motions and find lemmas; None: one a core where there is much to do. What is written does
            not depend on it.

    Features that were computed and lemmas that were found stand beside `out` until it is whole: a broken run goes on where it
    stopped.
    """
    with written_whole(out, overwrite) as fresh:
        parts = Parts(out, _settings(data))
        parts.claim()
        corpus = open_corpus(data, fresh.with_name("rows"), workers, parts.folder / "features")
        captions = corpus.splits["train"]["caption"]
        vocabulary = Vocabulary.from_captions(captions, lemmatizer=_lemmatizer(len(captions), workers, parts))
        save_corpus(with_lemmas(corpus, vocabulary), fresh)
        vocabulary.save(fresh / VOCABULARY_FILE)
    parts.remove()
    return load_prepared(out)


def _settings(data: str) -> dict[str, Any]:
    """What kept features and lemmas depend on: the joints as they lie on disk, and whose code reads them."""
    joints = Path(data) / JOINTS_FOLDER
    found = sorted(os.scandir(joints), key=lambda entry: entry.name) if joints.is_dir() else []
    states = [(entry.name, entry.stat()) for entry in found]
    seen = [(name, state.st_size, state.st_mtime_ns) for name, state in states]
    digest = hashlib.sha256(repr(seen).encode()).hexdigest()
    return {"data": str(data), "joints": digest, "versions": versions()}


def _lemmatizer(captions: int, workers: int | None, parts: Parts) -> Lemmatizer:
    # spaCy takes seconds to import, and what is prepared already does not need it.
    from mate_hf.text.lemmas import Lemmatizer

    return Lemmatizer(fair_workers(captions, FEW_CAPTIONS) if workers is None else workers, parts)


def load_prepared(folder: Path) -> Prepared:
    """Open what `prepare` wrote; motions stay on disk."""
    return Prepared(load_corpus(folder), Vocabulary.load(folder / VOCABULARY_FILE))


def open_prepared(data: str, cache: Path, reuse: bool = False) -> Prepared:
    """Open a prepared Dataset; prepare anything else into `cache` first.

    Args:
        reuse: take what was prepared there before, if it is of the same source. Not the default, for files in a
            folder may have changed.
    """
    if (Path(data) / VOCABULARY_FILE).is_file():
        return load_prepared(Path(data))
    if reuse and (cache / VOCABULARY_FILE).is_file():
        before = load_prepared(cache)
        if before.corpus.report.source == data:
            return before
    return prepare(data, cache, overwrite=True, workers=None)


def with_lemmas(corpus: Corpus, vocabulary: Vocabulary) -> Corpus:
    """The corpus with a column `lemmas`; captions without a word are left out, for no word can be drawn from them."""
    splits = {}
    for name, split in corpus.splits.items():
        lemmas = _lemmas(split["caption"], vocabulary)
        split = split.with_captions(split.captions.add_column("lemmas", lemmas))
        spoken = np.flatnonzero(pc.list_value_length(lemmas))
        if silent := len(lemmas) - len(spoken):
            corpus.report.splits[name].exclude("captions without a word", silent)
            split = split.select(spoken)
        splits[name] = split
    return replace(corpus, splits=splits)


def _lemmas(captions: Iterable[str], vocabulary: Vocabulary) -> pa.ChunkedArray:
    """Of each caption. As Arrow holds them: as lists of Python those of a million captions would take gigabytes."""
    kind = pa.list_(pa.string())
    found = (
        pa.array([[word.lemma for word in caption.words] for caption in vocabulary.annotate(share)], kind)
        for share in shares(captions, CAPTIONS_AT_A_TIME)
    )
    return pa.chunked_array(found, kind)
