"""Folder -> prepared Dataset: features, captions, the lemma of every word, and the vocabulary of the training split."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.corpus import Corpus, load_corpus, open_corpus, save_corpus
from mate_hf.data.humanml3d import keep_features
from mate_hf.data.motion_files import JOINTS_FOLDER
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary
from mate_hf.utils.nests import scratch_beside
from mate_hf.utils.outputs import PREPARED, Output
from mate_hf.utils.parts import Parts
from mate_hf.utils.versions import versions
from mate_hf.utils.workers import fair_workers, require_workers, shares

if TYPE_CHECKING:
    from mate_hf.text.lemmas import Lemmatizer

FEATURES = "features"
"""Of joints, kept beside the output."""

FEW_CAPTIONS = 5000
"""Fewer are read by one process: another takes seconds to open spaCy."""

KEPT = "sub_texts and segments of an earlier `mate localize` are kept: localize again to have them anew."

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
    scale: float | None = None,
    up: str | None = None,
    fps: float | None = None,
    left_handed: bool = False,
) -> Prepared:
    """Read a corpus, add lemmas, build the vocabulary from its training captions, and write all of it to `out`.

    Features that were computed and lemmas that were found stand beside `out` until it is whole: a broken run goes on where it
    stopped.

    Args:
        data: a HumanML3D/KIT-ML folder, a prepared Dataset on disk, or a Hub dataset id.
        out: folder to write: a Dataset on disk with Mean.npy, Std.npy, report.json and vocabulary.json.
        overwrite: replace an earlier output that stands at `out`.
        workers: processes that open motions and find lemmas; None: one a core where there is much to do. What is written does
            not depend on it.
        state: of an `accelerate launch`, whose processes, on one machine or several, share features and lemmas; the main
            process writes.
        scale, up, fps, left_handed: what the motions of a folder are written in, see `Coordinates`; what is said to be as usual
            (`scale=1`, `up="y"`, `fps=20`) is believed of motions that look otherwise.

    Raises:
        MateError: `data` is no corpus, its motions are no human's, or `out` stands already, is or holds `data`, is being written or cannot be written.
    """
    require_workers(workers)
    data, out = str(data), Path(out)
    written_in = Coordinates(scale, up, fps, left_handed)
    place = Output(out, PREPARED, overwrite, reads=[data])
    place.require_free()
    parts = Parts(out, settings_of(data, written_in))
    crew = state if state is not None and state.num_processes > 1 else None
    leads = crew is None or crew.is_main_process
    with ExitStack() as held:
        if leads:
            nest = held.enter_context(place.reserved())
            held.enter_context(parts.claimed())
        if crew is not None:
            _share_features(data, parts, crew, written_in)
        if leads:
            with place.written(nest) as fresh:
                corpus = open_corpus(
                    data, scratch_beside(fresh), workers, parts.folder / FEATURES, written_in
                )
                captions = corpus.splits["train"]["caption"]
                if crew is not None:
                    _share_lemmas(captions, parts, crew)
                vocabulary = Vocabulary.from_captions(
                    captions, lemmatizer=lemmatizer_for(len(captions), workers, parts)
                )
                save_prepared(corpus, vocabulary, fresh)
            parts.remove()
        elif crew is not None:
            _share_lemmas(None, parts, crew)
    if crew is not None:
        crew.wait_for_everyone()
    return load_prepared(out)


def _share_features(data: str, parts: Parts, state: PartialState, written_in: Coordinates) -> None:
    state.wait_for_everyone()
    if Path(data).is_dir() and (Path(data) / JOINTS_FOLDER).is_dir():
        kept = parts.folder / FEATURES
        keep_features(Path(data), kept, state.process_index, state.num_processes, written_in)
    state.wait_for_everyone()


def _share_lemmas(captions: Iterable[str] | None, parts: Parts, state: PartialState) -> None:
    """Every process keeps the lemmas of its part of the main process's `captions`."""
    from mate_hf.text.lemmas import keep_lemmas

    # Each caption once, as the vocabulary reads them.
    [unique] = broadcast_object_list([None if captions is None else list(dict.fromkeys(captions))])
    keep_lemmas(unique, parts, state.process_index, state.num_processes)
    state.wait_for_everyone()


def save_prepared(corpus: Corpus, vocabulary: Vocabulary, out: Path) -> None:
    """Write what `load_prepared` opens: the corpus with lemmas by its vocabulary, and that."""
    save_corpus(with_lemmas(corpus, vocabulary), out)
    vocabulary.save(out / VOCABULARY_FILE)


def settings_of(data: str, written_in: Coordinates) -> dict[str, Any]:
    """What kept features and lemmas depend on: the joints as they lie on disk, what they are in, and whose code reads them."""
    joints = Path(data) / JOINTS_FOLDER
    states = [(str(file), file.stat()) for file in sorted(joints.rglob("*"))] if joints.is_dir() else []
    seen = [(name, state.st_size, state.st_mtime_ns) for name, state in states]
    digest = hashlib.sha256(repr(seen).encode()).hexdigest()
    return {"data": str(data), "joints": digest, "written_in": written_in.to_json(), "versions": versions()}


def lemmatizer_for(captions: int, workers: int | None, parts: Parts) -> Lemmatizer:
    """What reads so many captions, and keeps what it has read."""
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
    """The corpus with a column `lemmas`, in place of one that it has; captions without a word are left out, for no word can be drawn
    from them.

    What `mate localize` has added stays: it speaks of the same captions and frames.
    """
    splits = {}
    for name, split in corpus.splits.items():
        lemmas = _lemmas(split["caption"], vocabulary)
        bare = split.captions.remove_columns([*{"lemmas"} & {*split.column_names}])
        split = split.with_captions(bare.add_column("lemmas", lemmas))
        spoken = np.flatnonzero(pc.list_value_length(lemmas))
        if silent := len(lemmas) - len(spoken):
            corpus.report.splits[name].exclude("captions without a word", silent)
            split = split.select(spoken)
        splits[name] = split
    if any(split.is_localized for split in splits.values()) and KEPT not in corpus.report.warnings:
        corpus.report.warnings.append(KEPT)
    return replace(corpus, splits=splits)


def _lemmas(captions: Iterable[str], vocabulary: Vocabulary) -> pa.ChunkedArray:
    """Of each caption. As Arrow holds them: as lists of Python those of a million captions would take gigabytes."""
    kind = pa.list_(pa.string())
    found = (
        pa.array([[word.lemma for word in caption.words] for caption in vocabulary.annotate(share)], kind)
        for share in shares(captions, CAPTIONS_AT_A_TIME)
    )
    return pa.chunked_array(found, kind)
