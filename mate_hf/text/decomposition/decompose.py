"""Many captions through one backend, each worked once, under the contract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from rich.progress import track

from mate_hf.errors import MateError
from mate_hf.text.caption_lines import LONGEST_CAPTION, caption_and_tags, is_annotation
from mate_hf.text.decomposition.answers import read_answer
from mate_hf.text.decomposition.cache import AnswerCache
from mate_hf.text.decomposition.openai_api import (
    OPENAI_URL,
    NoAnswerError,
    OpenAIChat,
    require_concurrency,
)
from mate_hf.text.decomposition.rules import RuleDecomposer
from mate_hf.utils.cache import cache_folder
from mate_hf.utils.outputs import FILE, Output
from mate_hf.utils.terminal import terminal_of_bars
from mate_hf.utils.text_files import read_lines
from mate_hf.utils.workers import fair_workers

Item = TypeVar("Item")

BACKENDS = ("rules", "openai", "local")

FEW = 2000
"""Captions below which a second parser process costs more than it gives."""


class Chat(Protocol):
    """A language model: captions to (caption, answer or why there is none), in any order."""

    def answers(self, captions: Sequence[str]) -> Iterator[tuple[str, str | NoAnswerError]]: ...


@dataclass
class DecompositionReport:
    """What happened.

    Attributes:
        captions, unique: how many, and how many different ones.
        several: unique captions of more than one sub-text.
        from_cache: unique captions whose answer was there already.
        fallbacks: unique captions that a language model did not decompose well, by reason; the rules did.
        tagged: lines of HumanML3D's form, of which the caption was taken.
    """

    backend: str
    captions: int = 0
    unique: int = 0
    several: int = 0
    from_cache: int = 0
    fallbacks: dict[str, int] = field(default_factory=dict)
    tagged: int = 0

    def summary(self) -> str:
        """In a line or two."""
        lines = [
            f"{self.captions} captions, {self.unique} different, {self.several} of several sub-texts ({self.backend})"
        ]
        if self.tagged:
            lines.append(
                f"{self.tagged} lines hold tags and times after a '#', as HumanML3D's do: their captions were taken"
            )
        if self.from_cache:
            lines.append(f"{self.from_cache} answers were in the cache")
        for reason, count in sorted(self.fallbacks.items()):
            lines.append(f"{count} fell back to the rules: {reason}")
        return "\n".join(lines)


def decompose_captions(
    captions: Sequence[str],
    backend: str = "rules",
    model: str | None = None,
    base_url: str | None = None,
    concurrency: int = 8,
    cache: Path | None = None,
    workers: int | None = None,
    chat: Chat | None = None,
) -> tuple[list[list[str]], DecompositionReport]:
    """The sub-texts of each caption, in order (Sec. 3.2), and what happened.

    Args:
        captions: any; equal ones are worked once.
        backend: `rules`; `openai`, any endpoint of that protocol (key from OPENAI_API_KEY); `local`, a chat model of
            transformers. What these answer against the contract is worked by the rules, and counted.
        model: of `openai` and `local`.
        base_url: of `openai`, up to and including /v1.
        concurrency: captions asked at a time.
        cache: file of answers; by default decompositions/answers.sqlite in mate's cache folder.
        workers: processes of the rules; by default one a core where there are many captions.
        chat: a model to ask in place of the backend's.

    Raises:
        MateError: wrong usage, or a language model that cannot be asked at all.
    """
    if isinstance(captions, str) or not all(isinstance(caption, str) for caption in captions):
        raise MateError("captions: expected a list of texts.")
    for place, caption in enumerate(captions):
        if len(caption) > LONGEST_CAPTION:
            raise MateError(
                f"captions: number {place} has {len(caption)} characters; expected at most {LONGEST_CAPTION}."
            )
    if backend not in BACKENDS:
        raise MateError(f"backend: {backend!r}; expected one of {', '.join(BACKENDS)}.")
    if backend != "rules" and model is None:
        raise MateError(f"backend {backend} needs --model.")
    unused = [
        name
        for name, value in (("model", model), ("base-url", base_url), ("cache", cache))
        if value is not None
    ]
    if backend == "rules" and unused:
        raise MateError(
            f"{', '.join(unused)}: the rules need none. Leave out --{unused[0]}, or name a --backend."
        )
    require_concurrency(concurrency)
    unique = list(dict.fromkeys(captions))
    report = DecompositionReport(backend, len(captions), len(unique))
    if workers is None:
        workers = fair_workers(len(unique), FEW)
    rules = RuleDecomposer(workers)
    found: dict[str, list[str]] = {}
    if backend != "rules":
        assert model is not None
        chat = chat or _open(backend, model, base_url, concurrency)
        name = f"{backend}:{model}"
        with closing(
            AnswerCache(cache or cache_folder("decompositions") / "answers.sqlite", name)
        ) as answers:
            found = _ask(unique, chat, answers, rules, report)
    rest = [caption for caption in unique if caption not in found]
    found |= zip(rest, _shown(rules.decompose(rest), len(rest), "decomposing"), strict=True)
    report.several = sum(len(sub_texts) > 1 for sub_texts in found.values())
    return [found[caption] for caption in captions], report


def decompose_file(
    captions: str | Path,
    out: str | Path,
    backend: str = "rules",
    model: str | None = None,
    base_url: str | None = None,
    concurrency: int = 8,
    cache: str | Path | None = None,
    overwrite: bool = False,
) -> DecompositionReport:
    """A text file, a caption a line, to JSON lines `{"caption", "sub_texts"}` in the same order.

    An empty line has no sub-texts. Of HumanML3D's lines, `caption#word/POS ...#start#end`, the caption is taken.

    Args:
        captions: UTF-8 text file.
        out: JSON lines to write.
        backend, model, base_url, cache: see `decompose_captions`.
        concurrency: captions asked at a time.
        overwrite: replace the file that stands at `out`.

    Raises:
        MateError: a file that is missing or not UTF-8, a line of HumanML3D's form without a caption, or `out` that
            exists or is `captions`; nothing is written then.
    """
    place = Output(Path(out), FILE, overwrite, reads=[captions, cache])
    place.require_free()
    given, tagged = _read_captions(Path(captions))
    spoken = [caption for caption in given if caption]
    with place.written() as fresh:
        sub_texts, report = decompose_captions(
            spoken, backend, model, base_url, concurrency, None if cache is None else Path(cache)
        )
        known = dict(zip(spoken, sub_texts, strict=True))
        rows = ({"caption": caption, "sub_texts": known.get(caption, [])} for caption in given)
        fresh.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
        )
    report.tagged = tagged
    return report


def _read_captions(file: Path) -> tuple[list[str], int]:
    """The caption of each line, empty where it is, and how many lines were HumanML3D's."""
    try:
        lines = [line.strip() for line in read_lines(file)]
    except FileNotFoundError:
        raise MateError(f"captions {file}: not found; expected a text file, a caption a line.") from None
    tagged = [is_annotation(line) for line in lines]
    captions = []
    for number, line in enumerate(lines, start=1):
        try:
            captions.append(caption_and_tags(line)[0] if line else "")
        except MateError as error:
            raise MateError(f"captions {file}, line {number}: {error}") from error
    return captions, sum(tagged)


def _open(backend: str, model: str, base_url: str | None, concurrency: int) -> Chat:
    if backend == "openai":
        return OpenAIChat(model, base_url or OPENAI_URL, concurrency)
    from mate_hf.text.decomposition.local_chat import LocalChat

    return LocalChat(model)


def _ask(
    captions: list[str], chat: Chat, cache: AnswerCache, rules: RuleDecomposer, report: DecompositionReport
) -> dict[str, list[str]]:
    """What the language model decomposed well; the rest is counted."""
    found: dict[str, list[str]] = {}
    fallbacks: Counter[str] = Counter()

    def judge(caption: str, answer: str) -> None:
        sub_texts = read_answer(answer)
        if not sub_texts:
            fallbacks["empty answer"] += 1
        elif rules.breach(caption, sub_texts) is not None:
            fallbacks["against the contract"] += 1
        else:
            found[caption] = sub_texts

    new = []
    for caption in captions:
        answer = cache.get(caption)
        if answer is None:
            new.append(caption)
        else:
            judge(caption, answer)
    report.from_cache = len(captions) - len(new)
    for caption, answer_or_reason in _shown(chat.answers(new), len(new), "asking"):
        if isinstance(answer_or_reason, NoAnswerError):
            fallbacks[str(answer_or_reason)] += 1
        else:
            cache.put(caption, answer_or_reason)
            judge(caption, answer_or_reason)
    report.fallbacks = dict(fallbacks)
    return found


def _shown(items: Iterator[Item], total: int, what: str) -> Iterator[Item]:
    console = terminal_of_bars()
    return iter(track(items, what, total, console=console, disable=not console.is_terminal))
