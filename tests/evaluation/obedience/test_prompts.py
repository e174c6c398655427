"""Built-in prompts are of the class they say, by the captions of the quickstart's corpus; a user's own are read in bounds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mate_hf.data.synthetic import Action, draw_timeline, is_held_out
from mate_hf.data.synthetic.captions import tell_differently
from mate_hf.data.synthetic.splits import MOTION_STREAM, assign, scenario_of
from mate_hf.data.synthetic.writing import CAPTIONS_PER_MOTION
from mate_hf.evaluation.obedience import CLASSES, PROBES, Prompt, built_in_prompts, read_prompts
from mate_hf.evaluation.obedience.prompts import NEW_COMBINATION, SEEN, UNSEEN_WORD
from mate_hf.quickstart.words import MOTIONS
from tests.evaluation.obedience.acted_prompts import actions_of
from tests.refusals import refusal

PROMPTS = built_in_prompts()

NOT_HELD_OUT = {"sideways", "rise", "leap"}
"""Probes of attributes that no held-out combination has."""


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


@pytest.fixture(scope="module")
def training() -> tuple[set[str], list[Action]]:
    """Words and actions of the quickstart's training split: its captions, without acting them out."""
    said: set[str] = set()
    actions: list[Action] = []
    for part in assign(MOTIONS, seed=0):
        if part.split == "train":
            rng = np.random.default_rng([0, MOTION_STREAM, part.index])
            scenario = scenario_of(part, seed=0)
            for caption in tell_differently(draw_timeline(scenario, rng), CAPTIONS_PER_MOTION, rng):
                said |= words(caption.text)
            actions += scenario.actions
    return said, actions


def shows(action: Action, told: dict[str, Any]) -> bool:
    return all(getattr(action, name) == value for name, value in told.items())


def test_the_captions_are_those_that_the_corpus_is_written_with(
    training: tuple[set[str], list[Action]], tmp_path: Path
) -> None:
    from mate_hf.data.synthetic import write_synthetic_corpus

    write_synthetic_corpus(tmp_path / "small", motions=20, seed=0, workers=1, progress=False)
    for part in assign(20, seed=0)[:3]:
        rng = np.random.default_rng([0, MOTION_STREAM, part.index])
        told = tell_differently(draw_timeline(scenario_of(part, 0), rng), CAPTIONS_PER_MOTION, rng)
        lines = (
            (tmp_path / "small" / "texts" / f"{part.index:06d}.txt").read_text(encoding="utf-8").splitlines()
        )
        assert [line.split("#")[0] for line in lines] == [caption.text for caption in told]


def unknown_words(prompt: Prompt, said: set[str]) -> set[str]:
    """Words that a prompt of its class must not have."""
    if prompt.of_class == UNSEEN_WORD:
        return words(prompt.word) & said
    told = words(prompt.text) | (words(prompt.counterpart) if prompt.of_class == NEW_COMBINATION else set())
    return told - said


def test_prompts_say_words_of_training_captions_but_for_those_of_the_class_unseen(
    training: tuple[set[str], list[Action]],
) -> None:
    said, _ = training
    assert {p.text: unknown_words(p, said) for p in PROMPTS if unknown_words(p, said)} == {}
    assert [p.text for p in PROMPTS if p.of_class == UNSEEN_WORD and not words(p.text) - said] == []


def test_training_shows_what_prompts_tell_but_for_new_combinations(
    training: tuple[set[str], list[Action]],
) -> None:
    _, actions = training
    for prompt in PROMPTS:
        shown = [any(shows(action, told) for action in actions) for told in prompt.actions]
        held_out = any(is_held_out(action) for action in actions_of(prompt))
        assert shown
        assert all(shown) == (prompt.of_class != NEW_COMBINATION), prompt.text
        assert held_out == (prompt.of_class == NEW_COMBINATION), prompt.text


def test_prompts_expect_what_their_words_say() -> None:
    """By lists of words that know nothing of actions."""
    sides = dict.fromkeys(
        ("turn", "sideways", "arm", "kick", "hop"),
        (r"\b(left|counterclockwise|anticlockwise|leftwards?)\b", r"\b(right|clockwise|rightwards?)\b"),
    )
    sides["forward"] = r"\b(forwards?|advanc\w+)\b", r"\b(backwards?|retreat\w+)\b"
    numbers = {1: "once|one|single", 2: "twice|two|pair", 3: "three|thrice|several"}
    for prompt in PROMPTS:
        if prompt.probe in sides:
            found = [bool(re.search(side, prompt.text)) for side in sides[prompt.probe]]
            assert found == [prompt.expected == 1, prompt.expected == -1], prompt.text
        if prompt.probe == "count":
            assert re.search(numbers[prompt.expected], prompt.text), prompt.text


def test_each_class_has_a_dozen_prompts_of_each_probe_where_the_corpus_holds_any_out() -> None:
    for of_class in CLASSES:
        for probe in PROBES:
            some = [p for p in PROMPTS if (p.of_class, p.probe) == (of_class, probe)]
            if of_class == NEW_COMBINATION and probe in NOT_HELD_OUT:
                assert not some
            else:
                assert len(some) >= 12


def test_left_and_right_are_told_equally_often_where_both_may_be() -> None:
    for of_class in (SEEN, UNSEEN_WORD):
        for probe in ("forward", "sideways", "arm", "order", "rise"):
            signs = [p.expected for p in PROMPTS if (p.of_class, p.probe) == (of_class, probe)]
            assert abs(sum(signs)) <= 2


GOOD: dict[str, Any] = {"prompt": "hops", "class": "seen", "probe": "turn", "expected": 1, "seconds": 2}


def test_a_users_own_prompts_are_read_from_lines_and_from_yaml(tmp_path: Path) -> None:
    pair = {
        **GOOD,
        "prompt": "b",
        "counterpart": "c",
        "probe": "order",
        "of": ["kick", "bow"],
        "word": "then",
    }
    lines = tmp_path / "own.jsonl"
    lines.write_text(json.dumps(GOOD) + "\n\n" + json.dumps(pair), encoding="utf-8")
    yaml = tmp_path / "own.yaml"
    yaml.write_text(
        "prompts:\n" + "".join(f"- {json.dumps(entry)}\n" for entry in (GOOD, pair)), encoding="utf-8"
    )
    expected = [
        Prompt("hops", "seen", "turn", 1, 2.0),
        Prompt("b", "seen", "order", 1, 2.0, "c", ("kick", "bow"), "then"),
    ]
    assert read_prompts(lines) == read_prompts(yaml) == expected


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"prompt": 3}, "field 'prompt' is 3; expected text"),
    ({"prompt": " "}, "field 'prompt' is ' '; expected up to 1000 characters"),
    ({"class": "old"}, "field 'class' is 'old'; expected one of seen, new combination, unseen word"),
    ({"probe": "dance"}, "field 'probe' is 'dance'; expected one of turn, "),
    ({"expected": 2}, "field 'expected' is 2; expected 1 or -1"),
    ({"expected": 1.0}, "field 'expected' is 1.0; expected integer"),
    (
        {"expected": 50, "probe": "count", "of": ["kick"]},
        "field 'expected' is 50; expected up to 20 repetitions",
    ),
    ({"seconds": "2"}, "field 'seconds' is '2'; expected a number"),
    ({"seconds": 0}, "field 'seconds' is 0; expected a number above 0, up to 60"),
    ({"seconds": -1.5}, "field 'seconds' is -1.5; expected a number above 0, up to 60"),
    ({"seconds": 60.5}, "field 'seconds' is 60.5; expected a number above 0, up to 60"),
    ({"seconds": 10**70}, "expected a number above 0, up to 60"),
    ({"seconds": True}, "field 'seconds' is True; expected a number"),
    ({"seconds": float("nan")}, "field 'seconds' is nan; expected a number above 0, up to 60"),
    ({"probe": "speed"}, "field 'counterpart' is None; expected the words that it is held against"),
    ({"counterpart": "hops"}, "field 'counterpart' is 'hops'; expected other words than the prompt's"),
    ({"probe": "count"}, "field 'of': 0 activities; the probe count asks about 1"),
    ({"of": [1]}, "field 'of' is [1]; expected a list of texts"),
    ({"probe": "count", "of": ["sleep"]}, "field 'of': 'sleep'; expected one of travel, "),
    ({"actions": ["jog"]}, "field 'actions' is ['jog']; expected a list of objects"),
    ({"secnds": 1}, "field 'secnds'; expected only prompt, class, "),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
@pytest.mark.parametrize("name", ["own.jsonl", "own.yaml"])
def test_a_wrong_field_is_named_with_file_and_line(
    change: dict[str, Any], said: str, name: str, tmp_path: Path
) -> None:
    entry = {**GOOD, **change}
    file = tmp_path / name
    if name.endswith(".yaml"):
        text = json.dumps(entry).replace("NaN", ".nan")
        file.write_text(f"prompts:\n- {json.dumps(GOOD)}\n- {text}\n", encoding="utf-8")
        where = f"{file}, prompt 2"
    else:
        file.write_text(f"{json.dumps(GOOD)}\n{json.dumps(entry)}\n", encoding="utf-8")
        where = f"{file}, line 2"
    refused = refusal(lambda: read_prompts(file))
    assert refused is not None
    assert refused.startswith(f"{where}")
    assert said in refused
    assert "\n" not in refused


def test_no_prompts_one_twice_and_a_missing_field_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    for content, said in (
        ("", "no prompts"),
        (f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}", "line 2: 'hops' is judged by turn already"),
        (
            json.dumps({name: value for name, value in GOOD.items() if name != "probe"}),
            "has no field 'probe'",
        ),
        ("[1]", "line 1: [1]; expected an object"),
        ("{", "line 1 could not be read"),
        (json.dumps(GOOD).replace(": 2}", ": 1e400}"), "line 1: field 'seconds' is inf; expected a number"),
        (json.dumps(GOOD).replace(": 2}", f": 1{'0' * 400}}}"), "line 1: field 'seconds' is 1000"),
    ):
        file.write_text(content, encoding="utf-8")
        assert said in (refusal(lambda: read_prompts(file)) or "")
    yaml = tmp_path / "own.yaml"
    for content, said in (
        ("prompts: 3", "field 'prompts' is 3; expected a list"),
        ("prompts: [3]", "prompt 1: 3"),
    ):
        yaml.write_text(content, encoding="utf-8")
        assert said in (refusal(lambda: read_prompts(yaml)) or "")
