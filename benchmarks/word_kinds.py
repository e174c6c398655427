"""Which words L_word makes legible: pointing, and contained against absent, by the sub-tokens and the rarity of words.

python -m benchmarks.word_kinds RUN... --data CORPUS [--truth truth.jsonl] [--split test] [--rare 60] [--which last] [--out word_kinds.json]

The two measures of `mate evaluate words` that look at single words (docs/words.md), asked of content words that the encoder's tokenizer leaves whole, of those that it
splits, and of those said less than so often in training captions and more often. Absent words are drawn from the same kind.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.timing import record, show
from mate_hf.data.corpus import open_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.localization import read_truth
from mate_hf.evaluation.words.disentanglement import Disentanglement
from mate_hf.evaluation.words.grounding import Grounding
from mate_hf.evaluation.words.samples import samples
from mate_hf.runs.trained import open_trained
from mate_hf.text.vocabulary import Vocabulary


def main(
    runs: Annotated[list[str], typer.Argument(help="Runs of `mate train` on one corpus.")],
    data: Annotated[str, typer.Option(help="Corpus that they were trained on.")],
    truth: Annotated[
        Path | None, typer.Option(help="Its truth.jsonl; without it there is no pointing.")
    ] = None,
    split: Annotated[str, typer.Option(help="Of the corpus.")] = "test",
    rare: Annotated[int, typer.Option(help="Words that training captions say less often are rare.")] = 60,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print a row of each run and kind of word."""
    known = {} if truth is None else read_truth(truth)
    chosen = open_corpus(data).split(split, data)
    found: list[dict[str, Any]] = []
    for run in runs:
        trained = open_trained(run, which)
        model, vocabulary = trained.model.eval(), trained.vocabulary
        if vocabulary is None:
            raise MateError(
                f"{run}: no vocabulary.json beside the weights; the words that it was trained on are not known."
            )
        kinds = kinds_of(vocabulary, trained.encoder.tokenizer.tokenize, rare)
        pointing, legible = {}, {}
        for kind, lemmas in kinds.items():
            forms = {form for lemma in lemmas for form in vocabulary.forms[lemma]}
            pointing[kind] = Grounding(model, known, forms)
            legible[kind] = Disentanglement(model, vocabulary)
            legible[kind].forms = {
                number: form
                for number, form in legible[kind].forms.items()
                if vocabulary.lemmas[number] in lemmas
            }
        for item in samples(model, chosen):
            for kind in kinds:
                pointing[kind].add(item)
                legible[kind].add(item)
        for kind, lemmas in kinds.items():
            looked, told = pointing[kind].metrics(), legible[kind].metrics()
            found.append(
                {
                    "run": run,
                    "kind": kind,
                    "lemmas": len(lemmas),
                    "grounding": looked,
                    "disentanglement": told,
                }
            )
    show(
        f"{split}, by kind of word",
        ["run", "words (lemmas)", "pointing", "chance", "of", "AUC", "of"],
        [_row(entry) for entry in found],
    )
    if out is not None:
        record(out, {"kinds": found}, sys.argv)


def kinds_of(vocabulary: Vocabulary, tokenize: Callable[[str], list[str]], rare: int) -> dict[str, list[str]]:
    """Kind -> content lemmas. A lemma is split where one of its forms is."""
    content = [lemma for lemma in vocabulary.lemmas if lemma in vocabulary.content]
    counts = dict(zip(vocabulary.lemmas, vocabulary.counts, strict=True))
    split = {lemma for lemma in content if any(len(tokenize(form)) > 1 for form in vocabulary.forms[lemma])}
    return {
        "of one sub-token": [lemma for lemma in content if lemma not in split],
        "of several": [lemma for lemma in content if lemma in split],
        f"said {rare} times and more": [lemma for lemma in content if counts[lemma] >= rare],
        "said less often": [lemma for lemma in content if counts[lemma] < rare],
    }


def _row(entry: dict[str, Any]) -> list[object]:
    looked, told = entry["grounding"], entry["disentanglement"]
    return [
        entry["run"],
        f"{entry['kind']} ({entry['lemmas']})",
        *(f"{looked[name]:.1f}" if looked["words"] else "" for name in ("pointing", "chance")),
        looked["words"],
        f"{told['auc']:.1f}" if told["words"] else "",
        told["words"],
    ]


if __name__ == "__main__":
    typer.run(main)
