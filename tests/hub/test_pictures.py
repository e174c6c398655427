"""A card shows what tuning did, in pictures that lie beside it and that somebody who sees none can read."""

from __future__ import annotations

import builtins
import json
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from mate_hf.hub.pictures import PICTURES
from mate_hf.hub.push import push
from tests.hub.hub_server import Hub
from tests.trained_runs import Trained

NAME = "motion/mate-bert"
IMAGE = re.compile(r'<img src="([^"]+)" alt="([^"]+)"')


def page_of(tree: dict[str, bytes]) -> str:
    body = tree["README.md"].decode().split("---\n", 2)[2]
    return MarkdownIt("commonmark").enable("table").render(body)


def test_a_card_shows_three_pictures_that_lie_beside_it(hub: Hub, trained: Trained) -> None:
    pytest.importorskip("matplotlib", reason="no matplotlib: pip install 'mate-hf[plots]'")
    push(trained("bert"), NAME)
    tree = hub.repositories[NAME].branches["main"]
    shown = IMAGE.findall(page_of(tree))
    assert [file for file, _ in shown] == [picture.file for picture in PICTURES]
    for file, alt in shown:
        assert tree[file].startswith(b"\x89PNG")
        assert len(alt) > 40
    assert {name for name in tree if name.startswith("pictures")} == {file for file, _ in shown}
    # The next push takes them away where it makes none.
    assert {file for file, _ in shown} <= json.loads(tree["mate_export.json"])["files"].keys()


def test_words_of_a_run_are_no_markup_beside_a_picture(hub: Hub, trained: Trained) -> None:
    pytest.importorskip("matplotlib", reason="no matplotlib: pip install 'mate-hf[plots]'")
    run = trained("bert")
    file = run / "best" / "vocabulary.json"
    known = json.loads(file.read_text())
    hostile = "$\\frac{<img src=x onerror=1>](https://elsewhere)"
    content = next(entry for entry in known["lemmas"] if entry["content"])
    content["lemma"], content["forms"] = hostile, [hostile]
    file.write_text(json.dumps(known))
    push(run, NAME)
    page = page_of(hub.repositories[NAME].branches["main"])
    assert "elsewhere" not in "".join(re.findall("<[^>]+>", page))
    assert len(IMAGE.findall(page)) == page.count("<img") == len(PICTURES)


def test_without_matplotlib_the_card_has_none_and_a_line_says_so(
    hub: Hub, trained: Trained, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = builtins.__import__

    def refusing(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return opened(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    push(trained("bert"), NAME)
    tree = hub.repositories[NAME].branches["main"]
    assert "<img" not in page_of(tree)
    assert not [name for name in tree if name.startswith("pictures")]
    said = " ".join(capsys.readouterr().err.split())
    assert (
        "no picture map on the card: pictures need matplotlib. Install it: pip install 'mate-hf[plots]'"
        in said
    )


def test_a_run_whose_stock_encoder_is_not_known_has_none(
    hub: Hub, trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    push(trained("distilbert", base_known=False), NAME)
    assert "In pictures" not in hub.repositories[NAME].branches["main"]["README.md"].decode()
    assert "no pictures on the card" in " ".join(capsys.readouterr().err.split())
