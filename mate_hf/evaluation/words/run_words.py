"""`mate evaluate words`: all probes of a run on a split, with where the numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mate_hf.data.corpus import open_corpus
from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.evaluation.localization import TRUTH_FILE, read_truth
from mate_hf.evaluation.words.antonym_choice import choices, swap_metrics
from mate_hf.evaluation.words.cosines import cosine_probes
from mate_hf.evaluation.words.disentanglement import Disentanglement
from mate_hf.evaluation.words.displacement import displacement_metrics
from mate_hf.evaluation.words.grounding import Grounding, Truth
from mate_hf.evaluation.words.paraphrases import paraphrase_metrics
from mate_hf.evaluation.words.retention import retention_metrics
from mate_hf.evaluation.words.samples import samples
from mate_hf.evaluation.words.unseen_words import unseen_word_metrics
from mate_hf.runs.provenance import provenance
from mate_hf.runs.trained import Trained, open_trained
from mate_hf.text.decomposition import RuleDecomposer
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.utils.devices import device_of
from mate_hf.utils.results import WORDS, Results
from mate_hf.utils.scratch import scratch_folder

TEXTS = 256


def evaluate_words(
    run: str | Path,
    data: str | Path,
    split: str = "test",
    truth: str | Path | None = None,
    base: str | None = None,
    limit: int | None = None,
    out: str | Path | None = None,
    which: str = "best",
    device: str = "cpu",
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> dict[str, Any]:
    """Probe a run of train.py word by word.

    Args:
        run: run folder, or a model folder.
        data: folder, prepared Dataset or Hub id; every caption of the split counts.
        truth: `truth.jsonl` of a synthetic corpus, where it does not lie in `data`. Without it there is no grounding.
        base: the text encoder the run was trained from, where it does not say.
        limit: rows of the split to read at most.
        out: JSON file to write the results to.
        which: `best` or `last`.
        device: where models are run: `cpu`, `cuda`, ...
        argv: the command to record.
        overwrite: replace another file that stands at `out`; results of this measurement are replaced in any case.

    Returns:
        Provenance, `split`, and `metrics`: `cosines` and `cosines_before` (of the base encoder; `not_compared` says why
        it is not there), `unseen_words`, `displacement` and `retention` (where there is a base encoder), `swaps`,
        `paraphrases`, `disentanglement`, and `grounding` where the truth is known.

    Raises:
        MateError: no model, no vocabulary beside it, no corpus, no such split, or `out` holds something else.
    """
    if limit is not None and limit < 1:
        raise MateError(f"limit: {limit}; expected at least 1.")
    kept = Results(out, WORDS, overwrite, reads=[run, data, truth, base])
    trained = open_trained(run, which, base)
    torch.nn.Module.to(trained.model, device_of(device))
    if trained.vocabulary is None:
        raise MateError(
            f"{run}: no vocabulary.json beside the weights; the probes ask which words were trained."
        )
    if len(trained.vocabulary) != trained.model.config.prototypes:
        raise MateError(
            f"{run}: vocabulary.json has {len(trained.vocabulary)} lemmas, but the model {trained.model.config.prototypes} prototypes. "
            "They belong to different runs: take both from one."
        )
    with scratch_folder("evaluation") as scratch:
        corpus = open_corpus(data, scratch)
        corpus.require_width(trained.model.config.motion_width, str(run))
        chosen = corpus.split(split, str(data))
        known = _truth(truth, data)
        metrics = {
            **_cosines(trained),
            **_left_alone(trained, trained.vocabulary),
            **_probes(trained, trained.vocabulary, chosen, known, limit),
        }
        return kept.keep({**provenance(argv, corpus, seed=0), "split": split, "metrics": metrics})


def _truth(path: str | Path | None, data: str | Path) -> Truth:
    beside = Path(data) / TRUTH_FILE
    if path is None and not beside.is_file():
        return {}
    return read_truth(beside if path is None else Path(path))


def _cosines(trained: Trained) -> dict[str, Any]:
    found: dict[str, Any] = {"cosines": cosine_probes(trained.encoder)}
    try:
        found["cosines_before"] = cosine_probes(trained.base)
    except MateError as error:
        found["not_compared"] = str(error).splitlines()[0]
    return found


def _left_alone(trained: Trained, vocabulary: Vocabulary) -> dict[str, Any]:
    """What training moved, and what it was to leave as it was."""
    encoder = trained.encoder
    try:
        base = trained.base
    except MateError:
        # `_cosines` says so.
        return {"unseen_words": unseen_word_metrics(None, encoder, vocabulary)}
    return {
        "displacement": displacement_metrics(base, encoder, vocabulary),
        "unseen_words": unseen_word_metrics(base, encoder, vocabulary),
        "retention": retention_metrics(base, encoder),
    }


def _probes(
    trained: Trained,
    vocabulary: Vocabulary,
    split: Split,
    truth: Truth,
    limit: int | None,
) -> dict[str, Any]:
    model = trained.model.eval()
    count = len(split) if limit is None else min(limit, len(split))
    grounding = Grounding(model, truth, _content_forms(vocabulary))
    disentanglement = Disentanglement(model, vocabulary)
    shown: list[tuple[str, str, Tensor, tuple[str, ...]]] = []
    texts: dict[str, Tensor] = {}
    # One pass: frame features are dropped as soon as they were asked.
    for item, actions in zip(samples(model, split, count), _actions(split, count), strict=True):
        grounding.add(item)
        disentanglement.add(item)
        texts[item.caption] = item.text
        groups = ["several actions" if actions > 1 else "one action"]
        if truth.get((item.id, item.caption), {}).get("held_out"):
            groups.append("held-out combinations")
        shown.append((item.id, item.caption, item.motion, tuple(groups)))

    def encode(asked: list[str]) -> Tensor:
        new = [text for text in asked if text not in texts]
        for start in range(0, len(new), TEXTS):
            part = new[start : start + TEXTS]
            texts.update(zip(part, model.encode_text(part), strict=True))
        return torch.stack([texts[text] for text in asked])

    trained_words = set(vocabulary.word_to_lemma)
    found: dict[str, Any] = {
        "swaps": swap_metrics(choices((row[1:] for row in shown), encode, trained_words)),
        "paraphrases": paraphrase_metrics((row[:3] for row in shown), encode, trained_words),
        "disentanglement": disentanglement.metrics(),
    }
    if truth:
        found["grounding"] = grounding.metrics()
    return found


def _actions(split: Split, count: int) -> list[int]:
    """How many sub-texts each caption has, by the localization where there is one, else by the rules."""
    if split.is_localized:
        return [len(texts) for texts in split["sub_texts"][:count]]
    captions = split["caption"][:count]
    unique = sorted(set(captions))
    parts = dict(zip(unique, RuleDecomposer().decompose(unique), strict=True))
    return [len(parts[caption]) for caption in captions]


def _content_forms(vocabulary: Vocabulary) -> set[str]:
    return {form for lemma in vocabulary.content for form in vocabulary.forms[lemma]}
