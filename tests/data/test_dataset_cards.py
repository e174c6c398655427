"""A dataset's card says what is where in the dataset, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mate_hf.data.dataset_cards import require_plain_card
from mate_hf.errors import MateError
from tests.refusals import refusal

HEAD = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: {path}\n---\n# Motions\n"


def card(folder: Path, content: str) -> Path:
    (folder / "README.md").write_text(content)
    return folder


@pytest.mark.parametrize(
    "content",
    [
        HEAD.format(path="data/train-*.parquet"),
        HEAD.format(path="[data/a.parquet, b.parquet]"),
        "# Motions\n\n---\n",
        "---\nlicense: mit\n---\n",
        "---\n---\n",
        "",
    ],
)
def test_its_own_files_are_no_matter(tmp_path: Path, content: str) -> None:
    assert refusal(lambda: require_plain_card(card(tmp_path, content))) is None


@pytest.mark.parametrize(
    "path",
    [
        "../secret.parquet",
        "/etc/a.parquet",
        "https://x.example/a.parquet",
        "s3://b/a",
        "zip://a::https://x.example/z",
        "C:\\a",
    ],
)
def test_files_elsewhere_are_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(
        MateError, match=r"its README.md names files at .*, which is no place in it\. Download"
    ):
        require_plain_card(card(tmp_path, HEAD.format(path=f"'{path}'")))


def test_without_a_card_nothing_is_asked(tmp_path: Path) -> None:
    assert refusal(lambda: require_plain_card(tmp_path)) is None
    assert refusal(lambda: require_plain_card("someone/of-whom-nobody-knows")) is None
