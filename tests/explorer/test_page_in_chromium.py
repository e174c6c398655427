"""The page as a browser shows it: every question asked, wide and narrow, in silence and without a word to anybody else.

Needs Playwright and Chromium.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mate_hf.explorer.opening import Explored
from tests.chromium import PHONE, WIDE, Watched, browser
from tests.data.walking_body import walking
from tests.explorer.test_answers import HOSTILE

__all__ = ["browser"]

pytestmark = pytest.mark.slow

CAPTION = "a person walks forward and turns left"


@pytest.fixture(scope="module")
def address(explored: Explored) -> Iterator[str]:
    pytest.importorskip("gradio", reason="no gradio: pip install 'mate-hf[explore]'")
    from mate_hf.explorer.serving import served

    before = set(Path(tempfile.gettempdir()).glob("mate-explore*"))
    with served(explored) as found:
        assert found.startswith("http://127.0.0.1:")
        yield found
    # Nothing that was uploaded or made stays.
    assert set(Path(tempfile.gettempdir()).glob("mate-explore*")) <= before


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Any]:
    """Opens the page at a size; at the end it must have been silent, and asked nobody but its own server."""
    watched = Watched(browser)

    def show(size: tuple[int, int] = WIDE, **settings: Any) -> Any:
        page = watched.open(address, size, **settings)
        page.set_default_timeout(30_000)
        page.get_by_role("button", name="Read", exact=True).wait_for()
        return page

    yield show
    assert watched.said == []
    assert [url for url in watched.asked if not url.startswith((address, "data:", "blob:", "about:"))] == []


def open_tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def players(page: Any) -> Any:
    return page.locator(".mate-answer iframe:visible")


def ask(page: Any, button: str, expected: int = 1) -> None:
    """Press a button, and wait for the answer's player."""
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function(
        f"[...document.querySelectorAll('.mate-answer iframe')].filter((e) => e.offsetParent).length >= {expected}"
    )


def fits(page: Any, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize(
    ("size", "settings"), [(WIDE, {}), (PHONE, {"has_touch": True, "device_scale_factor": 2})]
)
def test_every_question_is_answered(opened: Any, size: tuple[int, int], settings: dict[str, Any]) -> None:
    from playwright.sync_api import expect

    page = opened(size, **settings)
    page.get_by_label("Caption").first.fill(CAPTION)
    page.get_by_role("button", name="Read", exact=True).click()
    frame = page.frame_locator(".mate-answer iframe").first
    frame.get_by_role("heading", name=CAPTION).wait_for()
    clock = frame.locator("#clock").inner_text()
    expect(frame.locator("#clock")).not_to_have_text(clock)
    frame.locator("#play").click()
    assert frame.locator("#play").inner_text() == "Play"
    frame.get_by_role("button", name="left", exact=True).click()
    assert frame.locator("#lanes").is_visible()
    fits(page, size)

    open_tab(page, "Search")
    ask(page, "Find motions")
    ask(page, "Find sentences", 2)
    fits(page, size)

    open_tab(page, "Words")
    page.get_by_label("Caption").nth(1).fill(CAPTION)
    page.get_by_label("Word to swap").fill("left")
    ask(page, "Swap")
    page.get_by_text("“left” becomes “right”").wait_for()
    page.get_by_label("Word", exact=True).fill("right")
    page.get_by_role("button", name="Show neighbours").click()
    page.get_by_text("Opposites of “right”").wait_for()
    fits(page, size)

    open_tab(page, "Generate")
    page.get_by_role("button", name="Generate", exact=True).click()
    page.get_by_role("link", name="MATE: GLB").wait_for()
    made = page.frame_locator(".mate-answer iframe:visible")
    assert [made.locator("figcaption").nth(number).inner_text() for number in (0, 1)] == ["stock", "MATE"]
    for name, start in (("stock: BVH", b"HIERARCHY"), ("MATE: GLB", b"glTF")):
        with page.expect_download() as saved:
            page.get_by_role("link", name=name).click()
        assert Path(saved.value.path()).read_bytes().startswith(start)
    fits(page, size)


def test_it_is_used_by_keyboard_alone(opened: Any) -> None:
    page = opened()
    page.get_by_label("Caption").first.fill("a person turns right")
    page.keyboard.press("Enter")
    frame = page.frame_locator(".mate-answer iframe").first
    frame.get_by_role("heading", name="a person turns right").wait_for()
    page.get_by_role("tab", name="Caption", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Sentence").first.wait_for()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''")
        )
    assert {"Find motions", "Find sentences"} <= {text.strip() for text in reached}


def test_what_is_typed_is_text_and_what_cannot_be_answered_a_sentence(opened: Any, tmp_path: Path) -> None:
    page = opened()
    page.get_by_label("Caption").first.fill(HOSTILE)
    page.get_by_role("button", name="Read", exact=True).click()
    frame = page.frame_locator(".mate-answer iframe").first
    frame.get_by_role("heading", name=HOSTILE).wait_for()
    page.get_by_label("Caption").first.fill("")
    page.get_by_role("button", name="Read", exact=True).click()
    page.get_by_role("alert").get_by_text("The sentence is empty").wait_for()

    open_tab(page, "Search")
    np.save(tmp_path / "broken.npy", np.full((60, 22, 3), np.nan))
    np.save(tmp_path / "walk.npy", walking(60))
    (tmp_path / "text.npy").write_text("no array")
    for name, answer in (
        ("broken.npy", "broken.npy: NaN or infinite numbers"),
        ("text.npy", "text.npy"),
        ("walk.npy", "sentences to walk.npy"),
    ):
        page.locator("input[type=file]").set_input_files(tmp_path / name)
        page.get_by_text(answer).first.wait_for()


def test_two_pages_know_nothing_of_one_another(opened: Any) -> None:
    one, other = opened(), opened()
    for page in (one, other):
        open_tab(page, "Generate")
    one.get_by_label("Sentence").last.fill("a person jumps")
    other.get_by_label("Sentence").last.fill("a person bows")
    for page in (one, other):
        page.get_by_role("button", name="Generate", exact=True).click()
    # Who goes away in the middle leaves the other's alone.
    one.close()
    other.get_by_role("link", name="MATE: GLB").wait_for()
    assert "a_person_bows" in other.get_by_role("link", name="MATE: GLB").get_attribute("download")
