"""Results files as rows that a person reads: what was asked, what came of it with its spread, and what chance or the stock encoder has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.intervals import wilson
from mate_hf.evaluation.words.left_alone import left_alone
from mate_hf.evaluation.words.unseen_words import HELD_OUT
from mate_hf.utils.json_files import read_json
from mate_hf.utils.results import LOCALIZATION, OBEDIENCE, RETRIEVAL, WORDS, results_of

EXPECTED = "Expected a file of `mate evaluate retrieval`, `words`, `localization` or `obedience`."


@dataclass(frozen=True)
class Row:
    """One number. `beside`: by chance, or of the stock encoder; "" where there is nothing to set it beside."""

    asked: str
    found: str
    beside: str = ""


@dataclass(frozen=True)
class Measured:
    """What a file says. `said`: sentences below its rows."""

    title: str
    command: str
    rows: tuple[Row, ...]
    said: str = ""


def read_numbers(file: Path) -> Measured:
    """Rows of a results file.

    Raises:
        MateError: it cannot be read, or is none of the four.
    """
    content = read_json(file, dict, EXPECTED)
    reader = READERS.get(results_of(file) or "")
    if reader is None:
        raise MateError(f"results {file}: of no such command. {EXPECTED}")
    title, read, said = reader
    try:
        return Measured(title, str(content["command"]), tuple(read(content)), said(content))
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise MateError(
            f"results {file}: not what was written there ({type(error).__name__}: {error}). {EXPECTED}"
        ) from error


def of_share(percent: float, count: float) -> str:
    """A percentage of independent trials with Wilson's 95 % interval."""
    low, high = wilson(percent * count / 100, int(count))
    return f"{percent:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _retrieval(content: dict[str, Any]) -> Iterator[Row]:
    for name, scores in content["protocols"].items():
        of = "in batches of 32" if name == "d" else f"of {scores['items']:.0f}"
        for way, asked in (
            ("t2m", "the right motion comes first for its caption"),
            ("m2t", "the right caption comes first for its motion"),
        ):
            for rank in (1, 5):
                question = asked if rank == 1 else asked.replace("comes first", "is among the first 5")
                chance = scores.get(f"chance_R@{rank}")
                beside = "" if chance is None else f"{chance:.1f} % by chance"
                yield Row(
                    f"({name}) {of}: {question}", of_share(scores[f"{way}/R@{rank}"], scores["items"]), beside
                )


def _words(content: dict[str, Any]) -> Iterator[Row]:
    metrics = content["metrics"]
    stock = metrics.get("cosines_before", {})
    wishes = (
        ("antonym_words", "cosine of words of opposite motion (should fall)"),
        ("antonym_sentences", "cosine of sentences of opposite motion (should fall)"),
        ("synonym_words", "cosine of words of like motion (should stay)"),
        ("synonym_sentences", "cosine of sentences of like motion (should stay)"),
    )
    for name, asked in wishes:
        cosines = [pair["cosine"] for pair in metrics["cosines"][name]["pairs"]]
        beside = f"{stock[name]['mean']:.2f} stock" if name in stock else ""
        found = (
            f"{metrics['cosines'][name]['mean']:.2f} (single pairs {min(cosines):.2f} to {max(cosines):.2f})"
        )
        yield Row(asked, found, beside)
    # Captions may hold no word that can be turned.
    if swaps := metrics["swaps"].get("all"):
        asked = (
            f"the caption is chosen for its motion over itself with one word turned ({swaps['count']} pairs)"
        )
        yield Row(asked, of_share(swaps["accuracy"], swaps["count"]), "50.0 % by chance")
    if "pointing" in (grounding := metrics.get("grounding", {})):
        asked = f"a word attends most to a frame that is its own ({grounding['words']} words)"
        yield Row(
            asked,
            of_share(grounding["pointing"], grounding["words"]),
            f"{grounding['chance']:.1f} % by chance",
        )
    if "auc" in (found := metrics.get("disentanglement", {})):
        yield Row(
            "words of a caption are told from others by what they find in its motion (AUC)",
            f"{found['auc']:.1f} %",
            "50.0 % by chance",
        )
    unseen = metrics.get("unseen_words", {}).get("halves", {}).get(HELD_OUT, {}).get("all", {})
    if "after" in unseen:
        beside = _interval(unseen["before"]) + " stock" if "before" in unseen else ""
        yield Row(
            "sentences with words that training never saw are nearer to their synonym's than to the antonym's",
            _interval(unseen["after"]),
            beside,
        )


def _localization(content: dict[str, Any]) -> Iterator[Row]:
    seconds = content["metrics"]["seconds"]
    yield Row(
        "a cut lies from the true one, on average",
        f"{seconds['decomposed']['mean']:.2f} s",
        f"{seconds['uniform']['mean']:.2f} s, equal shares",
    )


def _obedience(content: dict[str, Any]) -> Iterator[Row]:
    for name, share in content["classes"].items():
        yield Row(
            f"bodies do what prompts of the class “{name}” say ({share['prompts']} prompts)", _interval(share)
        )


def _interval(share: dict[str, Any]) -> str:
    return f"{share['mean']:.1f} % ({share['low']:.1f} to {share['high']:.1f})"


READERS: dict[str, tuple[str, Callable[[dict[str, Any]], Iterator[Row]], Callable[[dict[str, Any]], str]]] = {
    RETRIEVAL: ("Finding motions by sentences, and sentences by motions", _retrieval, lambda content: ""),
    WORDS: ("What single words learned", _words, lambda content: left_alone(content["metrics"])),
    LOCALIZATION: ("Where captions were cut", _localization, lambda content: ""),
    OBEDIENCE: ("Whether generated bodies obey", _obedience, lambda content: ""),
}
"""Title, rows and sentences by the command that measured."""
