"""Generators of which it is known what they understand: everything, nothing, or the gait alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from mate_hf.cli import shown
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import (
    PROBES,
    Obedience,
    Prompt,
    built_in_prompts,
    compare,
    evaluate_obedience,
)
from mate_hf.evaluation.obedience.prompts import NEW_COMBINATION, SEEN
from mate_hf.evaluation.obedience.side_by_side import SideBySide
from tests.evaluation.obedience.acted_prompts import Performer

PROMPTS = built_in_prompts()
CHOSEN = {p.text for p in PROMPTS[::5]} | {p.counterpart for p in PROMPTS[::5]}
SOME = [p for p in PROMPTS if p.text in CHOSEN]


class ByGait(Performer):
    """Turns as training showed it: joggers to the left, runners to the right, whatever the words are."""

    def __call__(self, prompts: list[str], seconds: list[float], seed: int) -> list[np.ndarray]:
        ways = {"jog": "counterclockwise", "run": "clockwise"}
        actions = {
            text: [
                replace(action, direction=ways.get(action.kind, action.direction))
                if action.circles
                else action
                for action in told
            ]
            for text, told in self.actions.items()
        }
        performer = Performer([])
        performer.actions = actions
        return performer(prompts, seconds, seed)


@pytest.fixture(scope="module")
def understood() -> Obedience:
    return evaluate_obedience(Performer(SOME), SOME, per_prompt=1)


def test_who_understands_every_word_obeys_every_prompt(understood: Obedience) -> None:
    missed = [outcome.prompt.text for outcome in understood.outcomes if not all(outcome.obeyed)]
    assert not missed
    assert {name: found.mean for name, found in understood.classes.items()} == dict.fromkeys(
        ("seen", "new combination", "unseen word"), 100.0
    )
    assert all(found.mean == 100.0 for found in understood.told_apart.values())


@pytest.mark.slow
def test_every_built_in_prompt_is_obeyed_by_ninety_nine_of_a_hundred() -> None:
    found = evaluate_obedience(Performer(PROMPTS), PROMPTS, per_prompt=12, seed=1)
    for of_class in found.probes.values():
        for estimate in of_class.values():
            assert estimate.mean >= 99.0


def test_who_reads_the_gait_alone_obeys_what_training_showed_and_nothing_new() -> None:
    circles = [
        p for p in PROMPTS if p.probe == "turn" and " circle" in p.text and p.of_class != "unseen word"
    ]
    circles = [p for p in circles if p.actions[0]["kind"] in ("jog", "run")]
    found = evaluate_obedience(ByGait(circles), circles, per_prompt=2)
    assert found.classes[SEEN].mean == 100.0
    assert found.classes[NEW_COMBINATION].mean == 0.0
    assert found.told_apart[NEW_COMBINATION].mean == 0.0
    assert SEEN not in found.told_apart


class Deaf:
    """The same body for all words, from noise; remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], list[float], int]] = []

    def __call__(self, prompts: list[str], seconds: list[float], seed: int) -> list[np.ndarray]:
        self.calls.append((prompts, seconds, seed))
        rng = np.random.default_rng(seed)
        return [rng.normal(size=(30, 22, 3)).cumsum(0) for _ in prompts]


def test_opposite_prompts_are_generated_at_the_same_place_from_the_same_seed() -> None:
    deaf = Deaf()
    evaluate_obedience(deaf, SOME, per_prompt=2, seed=3)
    assert [call[2] for call in deaf.calls] == [3000, 3000, 3000, 3001, 3001, 3001]
    firsts, seconds, alone = (deaf.calls[n] for n in range(3))
    opposites = {frozenset(pair) for pair in zip(firsts[0], seconds[0], strict=True)}
    assert opposites == {frozenset((p.text, p.counterpart)) for p in SOME if p.counterpart}
    assert firsts[1] == seconds[1]
    asked = [*firsts[0], *seconds[0], *alone[0]]
    assert {p.text for p in SOME} <= set(asked)
    assert len(set(alone[0])) == len(alone[0])
    assert not set(alone[0]) & {*firsts[0], *seconds[0]}


def test_who_hears_nothing_obeys_at_most_half_and_tells_nothing_apart() -> None:
    turns = [p for p in PROMPTS if p.probe in ("turn", "speed") and p.of_class == SEEN]
    found = evaluate_obedience(Deaf(), turns, per_prompt=4)
    assert found.classes[SEEN].mean <= 60.0
    assert found.probes[SEEN]["speed"].mean == 0.0
    assert found.told_apart[SEEN].mean == 0.0


def walks(metres: float) -> np.ndarray:
    """A stiff body that goes `metres` ahead."""
    frame = np.zeros((22, 3))
    frame[[1, 16], 0], frame[[2, 17], 0] = 0.1, -0.1
    joints = np.repeat(frame[None], 21, axis=0)
    joints[:, :, 2] += np.linspace(0, metres, 21)[:, None]
    return joints


def test_shares_are_those_of_counting_by_hand() -> None:
    prompts = [
        Prompt("a", "seen", "forward", 1, 2.0, word="on"),
        Prompt("b", "seen", "forward", -1, 2.0, "a", word="back"),
        Prompt("c", "unseen word", "forward", 1, 2.0, word="on"),
        Prompt("d", "seen", "speed", 1, 2.0, "e"),
    ]
    metres: dict[tuple[str, int], float] = {
        **{("a", n): 1.0 for n in range(4)},
        **{("b", n): value for n, value in enumerate((-1.0, -1.0, 0.1, 0.9))},
        **{("c", n): value for n, value in enumerate((1.0, 0.1, -1.0, 1.0))},
        **{("d", n): value for n, value in enumerate((2.0, 1.0, 0.5, 3.0))},
        **{("e", n): value for n, value in enumerate((1.0, 1.5, 0.4, 1.0))},
    }

    def generate(texts: list[str], seconds: list[float], seed: int) -> list[Any]:
        return [walks(metres[text, seed]) for text in texts]

    found = evaluate_obedience(generate, prompts, per_prompt=4)
    assert [outcome.obeyed for outcome in found.outcomes] == [
        [True] * 4,
        [True, True, False, False],
        [True, False, False, True],
        [True, False, True, True],
    ]
    assert found.outcomes[1].values == pytest.approx((-1.0, -1.0, 0.1, 0.9))
    assert found.outcomes[1].others == pytest.approx((1.0,) * 4)
    assert found.classes[SEEN].mean == pytest.approx(100 * 9 / 12)
    assert (found.classes[SEEN].prompts, found.classes[SEEN].motions) == (3, 12)
    assert found.probes[SEEN]["forward"].mean == 75.0
    assert found.words["on"].mean == 75.0
    assert list(found.words) == ["on", "back"]
    # b and a: apart by 2, 2, 0.9 and 0.1 m, of which 0.2 is the least; d and e: three of four.
    assert found.told_apart[SEEN].mean == pytest.approx(100 * (3 + 3) / 8)


def test_a_pair_that_is_judged_from_both_sides_is_one_pair() -> None:
    fast = Prompt("fast", "seen", "speed", 1, 2.0, "slow")
    slow = Prompt("slow", "seen", "speed", -1, 2.0, "fast")

    def generate(texts: list[str], seconds: list[float], seed: int) -> list[Any]:
        return [walks(2.0 if text == "fast" else 1.0) for text in texts]

    found = evaluate_obedience(generate, [fast, slow], per_prompt=3)
    assert (found.classes[SEEN].mean, found.classes[SEEN].prompts, found.classes[SEEN].motions) == (
        100.0,
        1,
        6,
    )


def test_results_are_plain_and_are_shown(understood: Obedience) -> None:
    results = json.loads(json.dumps(understood.to_json()))
    assert results["classes"]["seen"]["mean"] == 100.0
    assert len(results["prompts"]) == len(SOME)
    assert results["prompts"][0]["prompt"] == SOME[0].text
    console = Console(width=120, record=True)
    shown.obedience(results, console)
    both = SideBySide(("one", "other"), (understood, understood), compare(understood, understood))
    shown.side_by_side(both, console)
    text = console.export_text()
    for name in (*PROBES, "unseen word", "100.0", "skate", "m/s^3", "+0.0"):
        assert name in text


def test_real_motions_stand_beside(understood: Obedience) -> None:
    performer = Performer(SOME)
    real = performer([p.text for p in SOME[:5]], [2.0] * 5, 0)
    found = evaluate_obedience(performer, SOME[:5], per_prompt=1, real=real)
    assert found.quality["real"].keys() == found.quality["generated"].keys() == {"skating", "sliding", "jerk"}
    assert found.quality["real"]["jerk"].motions == 5


def test_two_generators_are_compared_prompt_by_prompt() -> None:
    circles = [p for p in PROMPTS if p.probe == "turn" and p.of_class != "unseen word"]
    by_gait = evaluate_obedience(ByGait(circles), circles, per_prompt=1)
    all_words = evaluate_obedience(Performer(circles), circles, per_prompt=1)
    found = compare(by_gait, all_words)
    for name in (SEEN, NEW_COMBINATION):
        assert found.classes[name].mean == pytest.approx(
            all_words.classes[name].mean - by_gait.classes[name].mean
        )
    assert found.classes[SEEN].mean == 0.0
    assert found.classes[SEEN].low is None
    new = found.classes[NEW_COMBINATION]
    assert new.low is not None
    assert new.high is not None
    assert 0 < new.low < new.mean < new.high <= 100.0
    back = compare(all_words, by_gait).classes[NEW_COMBINATION]
    assert back.mean == pytest.approx(-new.mean)
    for other in (replace(all_words, seed=1), replace(all_words, per_prompt=2)):
        with pytest.raises(MateError, match="expected the same"):
            compare(by_gait, other)
    with pytest.raises(MateError, match="other prompts"):
        compare(by_gait, replace(all_words, outcomes=all_words.outcomes[1:]))


def test_what_does_not_fit_is_refused_in_a_line() -> None:
    one = [Prompt("hops", "seen", "turn", 1, 2.0)]
    for refused, said in (
        (lambda: evaluate_obedience(Deaf(), []), "no prompts"),
        (lambda: evaluate_obedience(Deaf(), one, per_prompt=0), "per_prompt: 0; expected 1 to 1000"),
        (lambda: evaluate_obedience(Deaf(), one, seed=-1), "seed: -1"),
        (lambda: evaluate_obedience(lambda *_: [], one), "made 0 motions of 1 prompts"),
        (
            lambda: evaluate_obedience(lambda *_: [np.zeros((30, 9, 3))], one),
            "generated for 'hops': 9 joints; expected 22",
        ),
    ):
        with pytest.raises(MateError, match=said) as found:
            refused()
        assert "\n" not in str(found.value)
