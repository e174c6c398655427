"""What bodies are told: prompts with the probe that judges them, those of the built-in corpus or a user's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.probes import NUMBER, PAIR, PROBES, require_activities
from mate_hf.evaluation.obedience.seen_body import FEWEST_FRAMES
from mate_hf.utils.json_files import brief, read_json_lines, require_fields
from mate_hf.utils.yaml_files import read_yaml

SEEN, NEW_COMBINATION, UNSEEN_WORD = "seen", "new combination", "unseen word"
CLASSES = (SEEN, NEW_COMBINATION, UNSEEN_WORD)
"""Whether training showed what a prompt asks for: it did; each word, but never together; not in this word."""

BUILT_IN = Path(__file__).parent / "prompts.jsonl"

LONGEST_PROMPT = 1000
MOST_SECONDS = 60.0
MOST_REPETITIONS = 20

REMEDY = "docs/generation_metrics.md says what a prompt has."


@dataclass(frozen=True)
class Prompt:
    """One thing that a body is told.

    Attributes:
        text: the words.
        of_class: of `CLASSES`; in files the field `class`.
        probe: of `PROBES`.
        expected: the sign that the probe shall have, 1 or -1, or the number of repetitions.
        seconds: how long a motion is generated.
        counterpart: words for the opposite, generated from the same noise; a probe of pairs needs them.
        of: the activities that `count` and `order` ask about.
        word: the word that the prompt is about, to tell results by word; may be empty.
        actions: what the built-in corpus calls it, fields of `mate_hf.data.synthetic.Action`; empty in prompts for others.
        where: it stands, the first words of errors.
    """

    text: str
    of_class: str
    probe: str
    expected: int
    seconds: float
    counterpart: str = ""
    of: tuple[str, ...] = ()
    word: str = ""
    actions: tuple[dict[str, Any], ...] = field(default=(), compare=False)
    where: str = field(default="prompt", compare=False)

    def require_frames(self, fps: float) -> None:
        """Make sure that its motion is long enough to be judged.

        Raises:
            MateError: it is not.
        """
        if round(self.seconds * fps) < FEWEST_FRAMES:
            raise MateError(
                f"{self.where}: {brief(self.text)}, field 'seconds' is {self.seconds:g}; expected {FEWEST_FRAMES / fps:g} or more: what a "
                f"body does shows in {FEWEST_FRAMES} frames, at {fps:g} a second."
            )


def built_in_prompts() -> list[Prompt]:
    """Those for the built-in corpus; "seen" and the other classes are true of every corpus that `mate prepare --synthetic` writes."""
    return read_prompts(BUILT_IN)


def read_prompts(path: str | Path) -> list[Prompt]:
    """Prompts of a file: JSON lines, or YAML (`.yaml`, `.yml`) with one list, `prompts`.

    Each has `prompt`, `class`, `probe`, `expected`, `seconds`, and may have `counterpart`, `of`, `word`, `actions`: see `Prompt`.

    Raises:
        MateError: no such file, damaged, no prompt, one twice, or a field that is missing, unknown or wrong; file, line and field
            are named.
    """
    path = Path(path)
    entries = _from_yaml(path) if path.suffix in (".yaml", ".yml") else read_json_lines(path, dict, REMEDY)
    found: dict[tuple[str, str, tuple[str, ...]], Prompt] = {}
    for where, entry in entries:
        prompt = prompt_of(entry, where)
        key = (prompt.text, prompt.probe, prompt.of)
        if key in found:
            raise MateError(
                f"{where}: {brief(prompt.text)} is judged by {prompt.probe} already. Leave one out."
            )
        found[key] = prompt
    if not found:
        raise MateError(f"{path}: no prompts. {REMEDY}")
    return list(found.values())


def _from_yaml(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    entries = read_yaml(path, REMEDY).get("prompts")
    if not isinstance(entries, list):
        raise MateError(f"{path}: field 'prompts' is {brief(entries)}; expected a list. {REMEDY}")
    for number, entry in enumerate(entries, start=1):
        where = f"{path}, prompt {number}"
        if not isinstance(entry, dict):
            raise MateError(f"{where}: {brief(entry)}; expected an object. {REMEDY}")
        yield where, entry


def prompt_of(entry: dict[str, Any], where: str) -> Prompt:
    """One prompt of a file.

    Args:
        where: it stands, the first words of every error.

    Raises:
        MateError: see `read_prompts`.
    """
    require_fields(
        entry, where, {"prompt": str, "class": str, "probe": str, "expected": int, **_optional(entry)}, REMEDY
    )
    for name in entry:
        if name not in FIELDS:
            raise MateError(f"{where}: field {brief(name)}; expected only {', '.join(FIELDS)}. {REMEDY}")
    made = Prompt(
        text=entry["prompt"],
        of_class=entry["class"],
        probe=entry["probe"],
        expected=entry["expected"],
        seconds=_number(entry.get("seconds"), f"{where}: field 'seconds'"),
        counterpart=entry.get("counterpart", ""),
        of=_texts(entry.get("of", []), f"{where}: field 'of'"),
        word=entry.get("word", ""),
        actions=tuple(entry.get("actions", ())),
        where=where,
    )
    for name, right, expected in _rules(made):
        if not right(made):
            raise MateError(
                f"{where}: field {name!r} is {brief(entry.get(name))}; expected {expected}. {REMEDY}"
            )
    require_activities(made.probe, made.of, f"{where}: field 'of'")
    return made


FIELDS = ("prompt", "class", "probe", "expected", "seconds", "counterpart", "of", "word", "actions")


def _optional(entry: dict[str, Any]) -> dict[str, type]:
    kinds = {"counterpart": str, "of": list, "word": str, "actions": list}
    return {name: kind for name, kind in kinds.items() if name in entry}


Rule = tuple[str, Callable[[Prompt], bool], str]


def _rules(made: Prompt) -> Iterator[Rule]:
    """What fields have to be, in an order in which each may rely on those before."""
    yield "prompt", lambda p: 0 < len(p.text.strip()) <= LONGEST_PROMPT, f"up to {LONGEST_PROMPT} characters"
    yield "class", lambda p: p.of_class in CLASSES, f"one of {', '.join(CLASSES)}"
    yield "probe", lambda p: p.probe in PROBES, f"one of {', '.join(PROBES)}"
    yield "seconds", lambda p: 0 < p.seconds <= MOST_SECONDS, f"a number above 0, up to {MOST_SECONDS:g}"
    judged = PROBES[made.probe].judged
    if judged == NUMBER:
        yield (
            "expected",
            lambda p: 0 <= p.expected <= MOST_REPETITIONS,
            f"up to {MOST_REPETITIONS} repetitions",
        )
    else:
        yield "expected", lambda p: p.expected in (1, -1), "1 or -1"
    if judged == PAIR:
        yield "counterpart", lambda p: bool(p.counterpart.strip()), "the words that it is held against"
    yield "counterpart", lambda p: p.counterpart != p.text, "other words than the prompt's"
    yield "counterpart", lambda p: len(p.counterpart) <= LONGEST_PROMPT, f"up to {LONGEST_PROMPT} characters"
    yield "actions", lambda p: all(isinstance(action, dict) for action in p.actions), "a list of objects"


def _number(value: Any, where: str) -> float:
    if type(value) not in (int, float):
        raise MateError(f"{where} is {brief(value)}; expected a number. {REMEDY}")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _texts(values: list[Any], where: str) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise MateError(f"{where} is {brief(values)}; expected a list of texts. {REMEDY}")
    return tuple(values)
