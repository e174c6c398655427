"""`mate plot words`: what tuning did to the words of a run, one picture a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mate_hf.data.corpus import open_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.words.cosines import cosine_probes
from mate_hf.evaluation.words.disentanglement import Disentanglement
from mate_hf.evaluation.words.displacement import displacement_metrics
from mate_hf.evaluation.words.samples import samples
from mate_hf.plotting.antonyms import draw_antonyms
from mate_hf.plotting.cosine_map import draw_cosine_map
from mate_hf.plotting.displacement_bars import draw_displacement
from mate_hf.plotting.feature_map import draw_feature_map
from mate_hf.plotting.run_skeleton import still_picture
from mate_hf.plotting.word_frequencies import draw_frequencies
from mate_hf.plotting.word_map import MappedWords, draw_word_map
from mate_hf.runs.trained import Trained, open_trained
from mate_hf.text.encoders import TextEncoder
from mate_hf.text.opposites import ANTONYMS
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.text.word_classes import class_of, classes_of
from mate_hf.utils.outputs import Output

MAPPED_WORDS = 600
"""Of the largest corpora a map of all would be a cloud."""

MAPPED_LEMMAS = 12
FEATURES = 40
"""Features of a lemma on a map."""

READ = 300
"""Captions of the split that the map of features reads."""


@dataclass
class Words:
    """A run as its pictures read it; what several need is found once.

    Attributes:
        name: the run's, for titles.
        data, split: the corpus whose motions are read, for the map of features alone.
    """

    name: str
    trained: Trained
    vocabulary: Vocabulary
    data: str | None = None
    split: str = "test"

    @cached_property
    def base(self) -> TextEncoder | None:
        """The stock encoder; None where it is not at hand."""
        try:
            return self.trained.base
        except MateError:
            return None

    def require_base(self, figure: str) -> TextEncoder:
        """The stock encoder.

        Raises:
            MateError: it is not at hand, for this picture sets the run beside it.
        """
        try:
            return self.trained.base
        except MateError as error:
            raise MateError(f"figure {figure} sets the run beside its stock encoder. {error}") from error

    def rows(self, words: list[str]) -> tuple[NDArray[Any] | None, NDArray[Any]]:
        """Embeddings of words by the stock encoder, where there is one, and by the trained one."""
        before = None if self.base is None else _rows(self.base, words)
        return before, _rows(self.trained.encoder, words)


Draw = Callable[[Words, Output], None]


def open_words(
    run: str | Path,
    which: str = "best",
    base: str | None = None,
    data: str | None = None,
    split: str = "test",
) -> Words:
    """Open a run for its pictures.

    Raises:
        MateError: no model there, no vocabulary beside it, or `base` does not open.
    """
    trained = open_trained(run, which, base)
    if trained.vocabulary is None:
        raise MateError(
            f"{run}: no vocabulary.json beside the weights; a picture of words needs to know which were trained."
        )
    return Words(Path(run).name, trained, trained.vocabulary, data, split)


def plot_words(
    run: str | Path,
    out: str | Path,
    figure: str = "map",
    data: str | None = None,
    split: str = "test",
    base: str | None = None,
    which: str = "best",
    overwrite: bool = False,
) -> Path:
    """Draw what tuning did to the words of a run of `mate train`.

    Args:
        run: run folder, or a model folder.
        out: `.png`, `.svg` or `.pdf`.
        figure: `map`, words on a plane before and after; `contraries`, cosines of contrary words with one another as a map of colours;
            `antonyms`, each pair of words and sentences before and after; `displacement`, how far rows moved by class of word;
            `frequencies`, how often words occur; `features`, what words find in motions, with their prototypes.
        data: corpus whose motions are read; `features` alone needs it.
        split: train, val or test, of `data`.
        base: the text encoder the run was trained from, where it does not say or it lies elsewhere now.
        which: `best` or `last`.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file.

    Raises:
        MateError: no such figure or run, a stock encoder or corpus that is needed and not at hand, another ending, or a file that exists.
    """
    if figure not in FIGURES:
        raise MateError(f"figure: {figure!r}; expected {', '.join([*FIGURES][:-1])} or {[*FIGURES][-1]}.")
    place = still_picture(out, overwrite, [run, data, base])
    FIGURES[figure](open_words(run, which, base, data, split), place)
    return place.path


def _map(words: Words, place: Output) -> None:
    classes = classes_of(words.vocabulary)
    lemmas = words.vocabulary.lemmas
    forms = [form for lemma in lemmas for form in words.vocabulary.forms[lemma]][:MAPPED_WORDS]
    # Two words of the same tokens would be one point.
    where = {form: number for number, form in enumerate(forms)}
    pairs = [(where[one], where[other]) for one, other in ANTONYMS if one in where and other in where]
    before, after = words.rows(forms)
    shown = MappedWords(forms, [classes[form] for form in forms], before, after, pairs)
    draw_word_map(shown, place, f"Word embeddings of {words.name}")


def _contraries(words: Words, place: Output) -> None:
    known = set(words.vocabulary.word_to_lemma)
    pairs = [pair for pair in ANTONYMS if known.issuperset(pair)] or list(ANTONYMS)
    names = [word for pair in pairs for word in pair]
    draw_cosine_map(names, *words.rows(names), place, f"Contrary words in {words.name}")


def _antonyms(words: Words, place: Output) -> None:
    before = cosine_probes(words.require_base("antonyms"))
    draw_antonyms(
        before, cosine_probes(words.trained.encoder), place, f"Pairs in {words.name}, stock and after tuning"
    )


def _displacement(words: Words, place: Output) -> None:
    base = words.require_base("displacement")
    found = displacement_metrics(base, words.trained.encoder, words.vocabulary)
    draw_displacement(found, place, f"How far rows of {words.name} moved")


def _frequencies(words: Words, place: Output) -> None:
    known = words.vocabulary
    classes = [class_of(lemma, known.forms[lemma]) for lemma in known.lemmas]
    title = f"Words that {words.name} was trained on: {sum(known.counts):,} in {len(known)} lemmas"
    draw_frequencies(known.lemmas, known.counts, classes, place, title)


def _features(words: Words, place: Output) -> None:
    if words.data is None:
        raise MateError("figure features reads motions. Name a corpus: --data.")
    model = words.trained.model.eval()
    corpus = open_corpus(words.data)
    corpus.require_width(model.config.motion_width, words.name)
    asked = Disentanglement(model, words.vocabulary)
    found: dict[int, dict[str, torch.Tensor]] = {}
    for item in samples(model, corpus.split(words.split, words.data), READ):
        before = len(asked.contained)
        asked.add(item)
        for number, feature in asked.contained[before:]:
            # A motion that is told of twice in one word would be two points on one another.
            found.setdefault(number, {}).setdefault(item.clip, feature)
    counted = {number: [*of_clips.values()] for number, of_clips in found.items()}
    chosen = sorted(counted, key=lambda number: (-len(counted[number]), number))[:MAPPED_LEMMAS]
    if not chosen:
        raise MateError(
            f"{words.data}, split {words.split}: its captions hold no content word of {words.name}."
        )
    rows = [feature for number in chosen for feature in counted[number][:FEATURES]]
    owners = [place for place, number in enumerate(chosen) for _ in counted[number][:FEATURES]]
    draw_feature_map(
        [words.vocabulary.lemmas[number] for number in chosen],
        torch.stack(rows).float().cpu().numpy(),
        owners,
        model.prototypes.weight.detach().float().cpu().numpy()[chosen],
        [len(counted[number]) for number in chosen],
        place,
        f"What words of {words.name} find in {words.split} motions",
    )


FIGURES: dict[str, Draw] = {
    "map": _map,
    "contraries": _contraries,
    "antonyms": _antonyms,
    "displacement": _displacement,
    "frequencies": _frequencies,
    "features": _features,
}


def _rows(encoder: TextEncoder, words: list[str]) -> NDArray[Any]:
    found: NDArray[Any] = np.asarray(encoder.word_embeddings(words).float().cpu().numpy())
    return found
