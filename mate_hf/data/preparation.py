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
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from mate_hf.data.corpus import Corpus, load_corpus, open_corpus, save_corpus
from mate_hf.data.humanml3d import keep_features
from mate_hf.data.motion_files import JOINTS_FOLDER
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary
from mate_hf.utils.files import refuse_existing, written_whole
from mate_hf.utils.parts import Parts
from mate_hf.utils.versions import versions
from mate_hf.utils.workers import fair_workers, shares

if TYPE_CHECKING:
    from mate_hf.text.lemmas import Lemmatizer

FEATURES = "features"
"""Of joints, kept beside the output."""

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


def prepare(
    data: str | Path,
    out: str | Path,
    overwrite: bool = False,
    workers: int | None = None,
    state: PartialState | None = None,
) -> Prepared:
    """Read a corpus, add lemmas, build the vocabulary from its training captions, and write all of it to `out`.

    Features that were computed and lemmas that were found stand beside `out` until it is whole: a broken run goes on where it
    stopped.

    Args:
        data: a HumanML3D/KIT-ML folder, a prepared Dataset on disk, or a Hub dataset id.
        out: folder to write: a Dataset on disk with Mean.npy, Std.npy, report.json and vocabulary.json.
        overwrite: replace what stands at `out`.
        workers: processes that open motions and find lemmas; None: one a core where there is much to do. What is written does
            not depend on it.
        state: of an `accelerate launch`, whose processes, on one machine or several, share features and lemmas; the main
            process writes.

    Raises:
        MateError: `data` is no corpus, or `out` stands already or cannot be written.
    """
    data, out = str(data), Path(out)
    refuse_existing(out, overwrite)
    parts = Parts(out, _settings(data))
    crew = state if state is not None and state.num_processes > 1 else None
    leads = crew is None or crew.is_main_process
    if leads:
        parts.claim()
    if crew is not None:
        _share_features(data, parts, crew)
    if leads:
        with written_whole(out, overwrite) as fresh:
            corpus = open_corpus(data, fresh.with_name("rows"), workers, parts.folder / FEATURES)
            captions = corpus.splits["train"]["caption"]
            if crew is not None:
                _share_lemmas(captions, parts, crew)
            vocabulary = Vocabulary.from_captions(
                captions, lemmatizer=_lemmatizer(len(captions), workers, parts)
            )
            save_corpus(with_lemmas(corpus, vocabulary), fresh)
            vocabulary.save(fresh / VOCABULARY_FILE)
        parts.remove()
    elif crew is not None:
        _share_lemmas(None, parts, crew)
    if crew is not None:
        crew.wait_for_everyone()
    return load_prepared(out)


def _share_features(data: str, parts: Parts, state: PartialState) -> None:
    state.wait_for_everyone()
    if Path(data).is_dir() and (Path(data) / JOINTS_FOLDER).is_dir():
        keep_features(Path(data), parts.folder / FEATURES, state.process_index, state.num_processes)
    state.wait_for_everyone()


def _share_lemmas(captions: Iterable[str] | None, parts: Parts, state: PartialState) -> None:
    """Every process keeps the lemmas of its part of the main process's `captions`."""
    from mate_hf.text.lemmas import keep_lemmas

    # Each caption once, as the vocabulary reads them.
    [unique] = broadcast_object_list([None if captions is None else list(dict.fromkeys(captions))])
    keep_lemmas(unique, parts, state.process_index, state.num_processes)
    state.wait_for_everyone()


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
    return prepare(data, cache, overwrite=True)


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
