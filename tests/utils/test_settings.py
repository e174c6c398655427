"""Options hold to their limits, and say them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mate_hf.errors import MateError
from mate_hf.training.arguments import parse_arguments
from mate_hf.training.retrieval_arguments import parse_arguments as parse_retrieval
from mate_hf.utils.settings import option, require_in_range

BASE = ["--data", "d", "--output_dir", "o"]


@dataclass
class Options:
    share: float = option(0.5, "A share.", above=0, most=1)
    count: int | None = option(None, "A count.", least=2, below=9)
    name: str = option("a", "A name.")
    on: bool = option(False, "A switch.")


@given(st.floats(), st.one_of(st.none(), st.integers()))
def test_a_number_passes_exactly_where_its_limits_allow_it(share: float, count: int | None) -> None:
    legal = math.isfinite(share) and 0 < share <= 1 and (count is None or 2 <= count < 9)
    if legal:
        require_in_range(Options(share, count))
    else:
        with pytest.raises(MateError, match=r"(share|count): .*; expected"):
            require_in_range(Options(share, count))


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        (["--log_steps", "0"], "log_steps: 0; expected at least 1"),
        (["--seed", "-1"], "seed: -1; expected at least 0"),
        (["--tau", "-1"], "tau: -1; expected more than 0"),
        (["--tau", "nan"], "tau: nan; expected more than 0"),
        (["--lr", "inf"], "lr: inf; expected at least 0"),
        (["--weight_decay", "nan"], "weight_decay: nan"),
        (["--motion_heads", "3"], "hidden_size: 512; expected a multiple of motion_heads, 3"),
        (["--attention_heads", "0"], "attention_heads: 0; expected at least 1"),
        (["--gradient_accumulation_steps", "0"], "expected at least 1"),
        (["--words_per_caption", "0"], "expected at least 1"),
        (["--keep_checkpoints", "-1"], "keep_checkpoints: -1; expected at least 0"),
        (["--cpu_threads", "100000"], "cpu_threads: 100000; expected at least 1 and at most"),
        (["--train_share", "0"], "train_share: 0; expected more than 0 and at most 1"),
        (["--motion_layers", "501"], "motion_layers: 501; expected at least 1 and at most 500"),
        (["--rec_weight", "1e308"], r"rec_weight: 1e\+308; expected at most 1e\+30"),
        (
            ["--max_steps", "1" + "0" * 400],
            "max_steps: a whole number of hundreds of digits; expected at most 4",
        ),
        (["--batch_size", "4294967296"], r"batch_size: .*; expected at most 4\.29497e\+09"),
        (["--motion_dropout", "1"], "motion_dropout: 1; expected at least 0 and less than 1"),
    ],
)
def test_flags_out_of_range_are_named_with_their_range(flag: list[str], said: str) -> None:
    with pytest.raises(MateError, match=said):
        parse_arguments([*BASE, *flag])


def test_heads_of_the_retrieval_model_share_its_width() -> None:
    with pytest.raises(MateError, match="latent_size: 256; expected a multiple of heads, 3"):
        parse_retrieval([*BASE, "--heads", "3"])


def test_a_schedule_that_needs_numbers_of_its_own_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments([*BASE, "--scheduler", "x"])
    assert ended.value.code == 2
