"""What is told of a table is text, as those who join tables take it to be."""

from __future__ import annotations

import pytest
from datasets import Dataset

from mate_hf.data.whole_tables import require_whole
from mate_hf.errors import MateError


@pytest.mark.parametrize("told", [0.5, None, ["MIT"]])
def test_a_citation_that_is_no_text_is_named(told: object) -> None:
    table = Dataset.from_dict({"id": ["a"]})
    require_whole(table, "data/val")
    table.info.citation = told  # type: ignore[assignment]
    with pytest.raises(MateError, match=r"data/val, dataset_info\.json: citation is .*; expected text"):
        require_whole(table, "data/val")
