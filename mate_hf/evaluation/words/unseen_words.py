"""Words that training never saw: does a sentence with one still lie nearer to its synonym's than to its antonym's?

The probes of `unseen_words.jsonl` are written by hand for the built-in corpus, whose captions hold none of the words asked about. They
come in two halves. Settings are chosen, if at all, on "tune"; "held out" is looked at when everything is chosen, and never to choose:
a number of it that steered a choice is worth nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from mate_hf.errors import MateError
from mate_hf.evaluation.obedience.intervals import Estimate, mean, share
from mate_hf.modeling.clip_captions import tokenised
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.encoders import TextEncoder
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.utils.json_files import brief, read_json_lines, require_fields

BUILT_IN = Path(__file__).parent / "unseen_words.jsonl"
KINDS = ("direction", "limb", "speed", "count", "height", "path", "order", "posture")
TUNE, HELD_OUT = "tune", "held out"
HALVES = (TUNE, HELD_OUT)
WORD_TRAINED, CONTRAST_UNTRAINED = "word trained", "contrast untrained"
REMEDY = "See mate_hf/evaluation/words/unseen_words.py."


@dataclass(frozen=True)
class UnseenWord:
    """A sentence with a word that training lacks, beside two in words that it has.

    Attributes:
        kind: of `KINDS`. half: of `HALVES`.
        word: the unseen one, a word of `text`.
        text, alike, opposite: the sentence; what means the same or nearly; what means the contrary.
    """

    kind: str
    half: str
    word: str
    text: str
    alike: str
    opposite: str


def read_unseen_words(path: str | Path = BUILT_IN) -> list[UnseenWord]:
    """Probes of a JSON lines file.

    Raises:
        MateError: no such file, damaged, no probe, or a field that is missing or wrong; file, line and field are named.
    """
    found = []
    for where, entry in read_json_lines(path, dict, REMEDY):
        require_fields(entry, where, dict.fromkeys((field.name for field in fields(UnseenWord)), str), REMEDY)
        probe = UnseenWord(**{field.name: entry[field.name] for field in fields(UnseenWord)})
        for name, known in (("kind", KINDS), ("half", HALVES)):
            if entry[name] not in known:
                raise MateError(
                    f"{where}: field {name!r} is {brief(entry[name])}; expected one of {', '.join(known)}."
                )
        if probe.word not in _words(probe.text):
            raise MateError(f"{where}: field 'word' is {brief(probe.word)}; expected a word of 'text'.")
        found.append(probe)
    if not found:
        raise MateError(f"{path}: no probe. {REMEDY}")
    return found


def unseen_word_metrics(
    before: TextEncoder | None,
    after: TextEncoder,
    vocabulary: Vocabulary,
    probes: Sequence[UnseenWord] | None = None,
) -> dict[str, Any]:
    """How often the right sentence is the nearer one, in the tuned encoder and, where it is at hand, in the stock one.

    Args:
        probes: by default the built-in ones.

    Returns:
        `halves`: for each of `HALVES`, `all` and each kind with `after`, and with `before` and `difference` where there is a stock encoder: percent right
        (equal cosines count half) as `mean`, `low`, `high` (95 %, a bootstrap over probes, paired for the difference in points) and `probes`; and
        `margins`, the same of the margins themselves, which still tell where all are right. `both`: that of both halves together, to report and not to choose by.
        `dropped`: how many probes the run's vocabulary leaves out: `word trained`, whose word the captions hold; and `contrast untrained`, where another word
        of the three sentences is none of theirs; those are kept apart, in `apart`, which is like `halves`. `moved pieces`: of the probes asked, how many words
        have a sub-token that moved. `probes`: each with its `margin`s, the cosine with `alike` minus that with `opposite`.
    """
    asked = read_unseen_words() if probes is None else list(probes)
    standing = {probe: standing_of(probe, vocabulary) for probe in asked}
    dropped = Counter(standing.values())
    asked = [probe for probe in asked if standing[probe] != WORD_TRAINED]
    encoders = {"before": before, "after": after}
    margins = {name: _margins(encoder, asked) for name, encoder in encoders.items() if encoder is not None}
    rows = [
        {
            **asdict(probe),
            "standing": standing[probe],
            **{name: found[place] for name, found in margins.items()},
        }
        for place, probe in enumerate(asked)
    ]
    main = [row for row in rows if not row["standing"]]
    apart = [row for row in rows if row["standing"]]
    found: dict[str, Any] = {
        "halves": {half: _by_kind([row for row in main if row["half"] == half]) for half in HALVES},
        "both": _by_kind(main),
        "dropped": {name: dropped[name] for name in (WORD_TRAINED, CONTRAST_UNTRAINED)},
        "probes": rows,
    }
    if apart:
        found["apart"] = {half: _by_kind([row for row in apart if row["half"] == half]) for half in HALVES}
    if before is not None:
        found["moved pieces"] = sum(_moved(before, after, row["word"]) for row in main)
    return found


def standing_of(probe: UnseenWord, vocabulary: Vocabulary) -> str:
    """`WORD_TRAINED`, `CONTRAST_UNTRAINED`, or "" where the word is unseen and all others are known."""
    known = {*vocabulary.word_to_lemma, *vocabulary.lemmas}
    if probe.word in known:
        return WORD_TRAINED
    others = {word for text in (probe.text, probe.alike, probe.opposite) for word in _words(text)} - {
        probe.word
    }
    return "" if others <= known else CONTRAST_UNTRAINED


def estimates(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`before`, `after` and `difference` of rows with margins, as `unseen_word_metrics` says."""
    margins: dict[str, list[float]] = {
        name: [row[name] for row in rows] for name in ("before", "after") if name in rows[0]
    }
    right = {name: [_right(margin) for margin in found] for name, found in margins.items()}
    return {
        **{name: _estimate(share([[score] for score in scores])) for name, scores in right.items()},
        **_difference(right, 100),
        "margins": {
            **{name: _estimate(mean([[margin] for margin in found])) for name, found in margins.items()},
            **_difference(margins),
        },
    }


def _difference(scores: Mapping[str, list[float]], scale: float = 1) -> dict[str, Any]:
    if "before" not in scores:
        return {}
    pairs = zip(scores["before"], scores["after"], strict=True)
    return {"difference": _estimate(mean([[scale * (after - before)] for before, after in pairs]))}


def _by_kind(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    groups = {"all": rows, **{kind: [row for row in rows if row["kind"] == kind] for kind in KINDS}}
    return {name: estimates(group) for name, group in groups.items() if group}


def _right(margin: float) -> float:
    return (margin > 0) + 0.5 * (margin == 0)


def _estimate(found: Estimate) -> dict[str, Any]:
    return {"mean": found.mean, "low": found.low, "high": found.high, "probes": found.prompts}


def _margins(encoder: TextEncoder, probes: Sequence[UnseenWord]) -> list[float]:
    if not probes:
        return []
    texts = sorted({text for probe in probes for text in (probe.text, probe.alike, probe.opposite)})
    features = F.normalize(encoder.sentence_features(texts).float().cpu(), dim=-1)
    of = dict(zip(texts, features, strict=True))
    return [float(of[probe.text] @ of[probe.alike] - of[probe.text] @ of[probe.opposite]) for probe in probes]


def _moved(before: TextEncoder, after: TextEncoder, word: str) -> bool:
    ids = torch.tensor(tokenised(after.tokenizer, [word], add_special_tokens=False)["input_ids"][0])
    rows = [encoder.embedding_rows.cpu()[ids] for encoder in (before, after)]
    return not torch.equal(*rows)


def _words(text: str) -> set[str]:
    return {surface_form(word) for word, _, _ in find_words(text)}
