"""Paths of a plan that no file system takes are refused like any that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mate_hf.ablations.plan import read_plan
from tests.refusals import refusal


@pytest.mark.parametrize("name", ["config", "data", "text_encoder"])
def test_a_name_that_is_too_long_is_no_traceback(tmp_path: Path, name: str) -> None:
    long = "é" * 300
    values = {"config": "plan.yaml", "data": "x", "text_encoder": "bert", name: long}
    (tmp_path / "plan.yaml").write_text(
        f"config: {values['config']}\noptions: {{text_encoder: {values['text_encoder']}}}\n"
        f"corpora: {{a: {{data: {values['data']}}}}}\narms: {{a: {{}}}}\n"
    )
    refusal(lambda: read_plan(tmp_path / "plan.yaml"))


def test_links_in_a_circle_are_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to("a.yaml")
    (tmp_path / "plan.yaml").write_text("config: a.yaml\ncorpora: {a: {data: x}}\narms: {a: {}}\n")
    assert "a.yaml" in (refusal(lambda: read_plan(tmp_path / "plan.yaml")) or "")
