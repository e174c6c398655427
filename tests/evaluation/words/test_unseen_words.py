"""Unseen words: what is asked, what is left out, and what is counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.evaluation.words.unseen_words import (
    HALVES,
    KINDS,
    UnseenWord,
    estimates,
    read_unseen_words,
    standing_of,
    unseen_word_metrics,
)
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.vocabulary import Vocabulary

KNOWN = Vocabulary.from_captions(["a person walks slowly quickly left right twice once"])
PROBES = [
    UnseenWord(
        "speed", half, word, f"a person walks {word}", "a person walks slowly", "a person walks quickly"
    )
    for half, word in (("tune", "lazily"), ("tune", "languidly"), ("held out", "sluggishly"))
]


def test_the_built_in_ones_are_halved_within_each_kind_and_ask_each_word_once() -> None:
    probes = read_unseen_words()
    assert len(probes) >= 60
    assert len({probe.word for probe in probes}) == len(probes)
    counts = Counter((probe.kind, probe.half) for probe in probes)
    assert set(counts) == {(kind, half) for kind in KINDS for half in HALVES}
    assert len(set(counts.values())) == 1
    for probe in probes:
        assert probe.alike != probe.opposite
        assert probe.word not in f"{probe.alike} {probe.opposite}".split()


def test_what_the_captions_hold_is_no_unseen_word() -> None:
    assert [standing_of(probe, KNOWN) for probe in PROBES] == ["", "", ""]
    trained = Vocabulary.from_captions(["a person walks slowly quickly lazily"])
    assert standing_of(PROBES[0], trained) == "word trained"
    assert standing_of(PROBES[1], trained) == ""
    assert standing_of(PROBES[1], Vocabulary.from_captions(["a person walks slowly"])) == "contrast untrained"


def encoder(seed: int, rows: Tensor) -> TextEncoder:
    """Features are random and those of one text always the same; a table of three rows, one for each letter count modulo 3."""

    def features(texts: list[str]) -> Tensor:
        return torch.stack(
            [torch.randn(6, generator=torch.Generator().manual_seed(seed + sum(map(ord, t)))) for t in texts]
        )

    tokenizer = lambda words, **_: {"input_ids": [[len(word) % 3] for word in words]}  # noqa: E731
    found = SimpleNamespace(sentence_features=features, embedding_rows=rows, tokenizer=tokenizer)
    return cast(TextEncoder, found)


def naive_margin(of: TextEncoder, probe: UnseenWord) -> float:
    text, alike, opposite = (
        of.sentence_features([text])[0].double().numpy() for text in (probe.text, probe.alike, probe.opposite)
    )

    def cosine(first: Any, second: Any) -> float:
        return float(sum(first * second) / (sum(first**2) * sum(second**2)) ** 0.5)

    return cosine(text, alike) - cosine(text, opposite)


def test_numbers_are_those_of_asking_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mate_hf.evaluation.words.unseen_words.tokenised", lambda tokenizer, words, **_: tokenizer(words)
    )
    table = torch.eye(3)
    moved = table.clone()
    moved[0] += 1  # "lazily" and "languidly" have 6 and 9 letters, "sluggishly" 10
    before, after = encoder(0, table), encoder(5, moved)
    trained = UnseenWord("speed", "tune", "slowly", "he walks slowly", "x", "y")
    strange = UnseenWord("limb", "tune", "palm", "a left palm", "a left hand", "a left foot")
    found = unseen_word_metrics(before, after, KNOWN, [*PROBES, trained, strange])
    assert found["dropped"] == {"word trained": 1, "contrast untrained": 1}
    assert found["moved pieces"] == 2
    margins = {
        name: [naive_margin(of, probe) for probe in [*PROBES, strange]]
        for name, of in (("before", before), ("after", after))
    }
    for name, values in margins.items():
        assert [row[name] for row in found["probes"]] == pytest.approx(values, abs=1e-5)
    for half, places in (("tune", [0, 1]), ("held out", [2])):
        right = {name: [values[p] > 0 for p in places] for name, values in margins.items()}
        whole = found["halves"][half]["all"]
        for name, hits in right.items():
            assert whole[name]["mean"] == pytest.approx(100 * sum(hits) / len(places))
            assert whole[name]["probes"] == len(places)
        assert whole["difference"]["mean"] == pytest.approx(
            100 * (sum(right["after"]) - sum(right["before"])) / len(places)
        )
        assert whole == found["halves"][half]["speed"]
        assert whole["margins"]["after"]["mean"] == pytest.approx(
            sum(margins["after"][p] for p in places) / len(places), abs=1e-5
        )
    assert found["both"]["all"]["after"]["probes"] == 3
    assert found["apart"]["tune"]["limb"]["after"]["probes"] == 1
    assert found["apart"]["tune"]["limb"]["after"]["mean"] == 100 * (margins["after"][3] > 0)
    assert found["apart"]["held out"] == {}


def test_without_a_stock_encoder_only_the_tuned_one_is_asked() -> None:
    found = unseen_word_metrics(None, encoder(1, torch.eye(3)), KNOWN, PROBES)
    assert set(found["both"]["all"]) == {"after", "margins"}
    assert "moved pieces" not in found


def test_words_of_a_real_tokenizer_move_with_their_pieces(text_encoders: dict[str, Path]) -> None:
    before, after = (open_text_encoder(str(text_encoders["bert"])) for _ in range(2))
    assert unseen_word_metrics(before, after, KNOWN, PROBES)["moved pieces"] == 0
    piece = after.tokenizer("languidly", add_special_tokens=False)["input_ids"][-1]
    others = {p for w in ("lazily", "sluggishly") for p in after.tokenizer(w)["input_ids"]}
    with torch.no_grad():
        after.model.get_input_embeddings().weight[piece] += 1
    assert unseen_word_metrics(before, after, KNOWN, PROBES)["moved pieces"] == (3 if piece in others else 1)


def test_equal_cosines_count_half() -> None:
    found = estimates([{"before": 0.0, "after": 1.0}, {"before": -1.0, "after": 1.0}])
    assert (found["before"]["mean"], found["after"]["mean"]) == (25.0, 100.0)
    assert found["difference"]["mean"] == 75.0


def test_the_interval_of_the_difference_is_paired() -> None:
    random = np.random.default_rng(3)
    before = random.normal(size=80)
    after = before + 0.3 * random.normal(size=80)
    found = estimates([{"before": b, "after": a} for b, a in zip(before, after, strict=True)])
    gains = [100.0 * (float(a > 0) - float(b > 0)) for b, a in zip(before, after, strict=True)]
    means = []
    for _ in range(3000):
        drawn = [gains[place] for place in random.integers(80, size=80)]
        means.append(sum(drawn) / len(drawn))
    low, high = np.percentile(means, [2.5, 97.5])
    assert found["difference"]["low"] == pytest.approx(low, abs=1.5)
    assert found["difference"]["high"] == pytest.approx(high, abs=1.5)
    apart = found["after"]["high"] - found["after"]["low"]
    assert found["difference"]["high"] - found["difference"]["low"] < apart


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "colour"}, r"line 1: field 'kind' is 'colour'; expected one of direction"),
        ({"half": "third"}, r"line 1: field 'half' is 'third'; expected one of tune, held out"),
        ({"word": "crimson"}, r"line 1: field 'word' is 'crimson'; expected a word of 'text'"),
        ({"alike": 3}, r"line 1: field 'alike' is 3"),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "probes.jsonl"
    path.write_text(json.dumps({**vars(PROBES[0]), **change}) + "\n")
    with pytest.raises(MateError, match=said):
        read_unseen_words(path)
    path.write_text("\n")
    with pytest.raises(MateError, match="no probe"):
        read_unseen_words(path)
