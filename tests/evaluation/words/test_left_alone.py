"""The sentence that cards quote says what the results say, and nothing of results that lack it."""

from __future__ import annotations

from mate_hf.evaluation.words.left_alone import left_alone

METRICS = {
    "retention": {"cosine": {"mean": 0.9876}, "rank_correlation": {"mean": 0.9654}},
    "unseen_words": {
        "halves": {
            "tune": {"all": {"after": {"mean": 1.0, "probes": 9}, "before": {"mean": 2.0}}},
            "held out": {"all": {"after": {"mean": 81.25, "probes": 48}, "before": {"mean": 87.5}}},
        }
    },
    "displacement": {"function over direction": 1.189},
}


def test_it_is_of_the_held_out_half() -> None:
    assert left_alone(METRICS) == (
        "Words left alone: general English keeps cosine 0.988 with its stock self and its order of likeness by rank "
        "correlation 0.965; 81.2 % of 48 held-out unseen words are read right (stock 87.5 %); function words move 1.19 times "
        "as far as direction words."
    )


def test_what_was_not_measured_is_not_said() -> None:
    assert left_alone({"cosines": {}, "swaps": {}}) == ""
    tuned_only = {"halves": {"held out": {"all": {"after": {"mean": 81.25, "probes": 48}}}}}
    assert left_alone({"unseen_words": tuned_only}) == ""
    assert left_alone({"displacement": {"function over direction": None}}) == ""
    assert left_alone({"displacement": METRICS["displacement"]}) == (
        "Words left alone: function words move 1.19 times as far as direction words."
    )
