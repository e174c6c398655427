"""A page holds the motion it was made from, runs no script but its own, and asks nothing of the network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D
from mate_hf.plotting.player import page_of
from mate_hf.plotting.scene import Attention, scene_of
from tests.plotting.raising_body import motion, raising

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "{{script}} & {{data}}",
    "a\u2028b\u202ec\x00d\x1b[31m",
    "\ud800 half a pair",
    "'; fetch('https://example.org') //",
)


class Elements(HTMLParser):
    """What a browser would make of the page: every element with its attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open = False
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))
        self.open = True

    def handle_endtag(self, tag: str) -> None:
        self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.found[-1][2].append(data)

    def texts(self, tag: str) -> list[str]:
        return ["".join(text) for name, _, text in self.found if name == tag]


def content(page: str) -> dict[str, Any]:
    return json.loads(Elements(page).texts("script")[0])


def joints(held: dict[str, Any]) -> np.ndarray:
    """As the script reads them."""
    root = np.frombuffer(base64.b64decode(held["root"]), "<f4").reshape(-1, 1, 3)
    steps = np.frombuffer(base64.b64decode(held["body"]), "<i2").reshape(held["frames"], -1, 3)
    return root + held["step"] * steps


def test_the_page_holds_the_joints_to_a_tenth_of_a_millimetre() -> None:
    walked = raising(frames=196)
    walked[..., 2] += np.linspace(0, 200, 196)[:, None]
    held = content(page_of(scene_of([motion(walked)], ["goes far"])))
    np.testing.assert_allclose(joints(held["motions"][0]), walked, atol=1e-4)
    assert held["parents"] == list(HUMANML3D.parents)
    assert (held["fps"], held["frames"]) == (20.0, 196)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_hand_that_goes_up_is_on_its_side(side: str) -> None:
    held = content(page_of(scene_of([motion(raising(side))])))
    found = joints(held["motions"][0])[-1]
    wrist, head = found[HUMANML3D.joint(f"{side}_wrist")], found[held["head"]]
    assert wrist[1] > head[1] + 0.2
    assert (wrist[0] > 0.1) == (side == "left")
    assert (wrist[0] < -0.1) == (side == "right")
    assert held["sides"][HUMANML3D.joint(f"{side}_wrist")] == side


def test_attention_is_held_relative_to_each_words_peak() -> None:
    weights = np.random.default_rng(0).uniform(size=(40, 3)) * [0.2, 1.0, 0.0]
    looks = Attention(["he", "waves", "</script>"], weights)
    [held] = content(page_of(scene_of([motion(raising())], attention=[looks])))["motions"]
    assert held["words"] == ["he", "waves", "</script>"]
    assert held["peak"] == pytest.approx(weights.max(0))
    shares = np.frombuffer(base64.b64decode(held["weights"]), np.uint8).reshape(40, 3) / 255
    np.testing.assert_allclose(shares * held["peak"], weights, atol=0.003)


def test_four_motions_are_small_and_nothing_is_fetched() -> None:
    looks = Attention([f"word{n}" for n in range(20)], np.random.default_rng(0).uniform(size=(196, 20)))
    page = page_of(scene_of([motion(raising(frames=196))] * 4, attention=[looks] * 4))
    assert len(page.encode()) < 300_000
    assert not re.search(
        r"https?:|//[a-z]+\.|@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|import\(", page
    )
    for tag, attributes, _ in Elements(page).found:
        assert not {"src", "srcset", "action", "ping", "style"} & set(attributes), tag
        assert attributes.get("href", "data:,") == "data:,"


@pytest.mark.parametrize("title", HOSTILE)
def test_titles_and_words_are_text(title: str) -> None:
    plain = Elements(page_of(scene_of([motion(raising(frames=3))] * 2, ["a", "b"], title="c")))
    looks = Attention([title], np.ones((3, 1)))
    page = page_of(scene_of([motion(raising(frames=3))] * 2, [title, "b"], [looks, None], title))
    page.encode()
    made = Elements(page)
    assert [tag for tag, _, _ in made.found] == [tag for tag, _, _ in plain.found]
    [heading] = made.texts("h1")
    shown = content(page)["motions"][0]["title"]
    assert heading == shown
    if title.isascii() and title.isprintable():
        assert shown == title
    assert not re.search("[\x00\x1b\u2028\u202e\ud800]", page)


def test_its_policy_names_its_own_script_and_style_and_no_others() -> None:
    page = page_of(scene_of([motion(raising(frames=3))]))
    made = Elements(page)
    policy = next(
        attributes["content"] or "" for tag, attributes, _ in made.found if "http-equiv" in attributes
    )
    assert policy.startswith("default-src 'none'; ")
    for name, text in (("script-src", made.texts("script")[1]), ("style-src", made.texts("style")[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}';" in policy


def test_whoever_cannot_see_or_use_a_mouse_is_told() -> None:
    made = Elements(page_of(scene_of([motion(raising(frames=3))])))
    labelled = {"input", "select", "button"}
    inside_labels = re.findall(
        r"<label>.*?</label>", page_of(scene_of([motion(raising(frames=3))])), re.DOTALL
    )
    ids = {attributes.get("id") for tag, attributes, _ in made.found if tag in labelled}
    for tag, attributes, text in made.found:
        if tag in labelled:
            named = attributes.get("aria-label") or "".join(text).strip()
            assert named or any(f'id="{attributes["id"]}"' in label for label in inside_labels), attributes
    assert {"play", "scrub", "back", "on", "speed", "colours", "view", "follow", "loop"} == ids
    assert next(attributes for tag, attributes, _ in made.found if tag == "html")["lang"] == "en"
