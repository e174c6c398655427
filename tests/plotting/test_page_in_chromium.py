"""The page as a browser shows it: in silence, in step, by mouse, touch and keyboard, wide and narrow. Needs Playwright and Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mate_hf.data.kinds import HUMANML3D
from mate_hf.plotting.cameras import Camera
from mate_hf.plotting.player import write_page
from mate_hf.plotting.scene import Attention, Scene, scene_of
from mate_hf.utils.outputs import FILE, Output
from tests.chromium import PHONE, WIDE, Watched, browser, until
from tests.data.walking_body import walking
from tests.plotting.raising_body import motion, raising
from tests.plotting.test_player import HOSTILE

__all__ = ["browser"]

pytestmark = pytest.mark.slow


def scene() -> Scene:
    """Four motions of 196 frames, of which two raise an arm; their titles would like to be scripts."""
    looks = Attention(["raises", "left", HOSTILE[0]], np.random.default_rng(0).uniform(size=(196, 3)))
    bodies = [raising("left", 196), raising("right", 196), walking(196), walking(100, seed=1)]
    return scene_of(
        [motion(np.asarray(body, float)) for body in bodies], HOSTILE[:4], [looks, None, looks, None]
    )


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens the page at a size, without a network; at the end it must have been silent and asked for nothing."""
    write_page(scene(), Output(tmp_path / "page.html", FILE))
    watched, address = Watched(browser), (tmp_path / "page.html").as_uri()

    def show(size: tuple[int, int] = WIDE, **settings: Any) -> Any:
        page = watched.open(address, size, offline=True, **settings)
        until(page, "window.matePlayer && matePlayer.drawn() > 0")
        return page

    yield show
    assert watched.said == []
    assert {url for url in watched.asked if not url.startswith("data:")} == {address}


def test_it_plays_in_step_at_thirty_pictures_a_second(opened: Any) -> None:
    page = opened()
    until(page, "matePlayer.drawn() > 15")
    before = page.evaluate("[matePlayer.drawn(), performance.now(), matePlayer.state.time]")
    page.wait_for_timeout(3000)
    after = page.evaluate("[matePlayer.drawn(), performance.now(), matePlayer.state.time]")
    seconds = (after[1] - before[1]) / 1000
    assert (after[0] - before[0]) / seconds >= 30
    assert after[2] - before[2] == pytest.approx(seconds, abs=0.2)


def test_hands_are_where_the_camera_of_the_films_sees_them(opened: Any) -> None:
    page = opened()
    page.evaluate("matePlayer.play(false); matePlayer.seek(195)")
    shown = scene()
    wrists = [HUMANML3D.joint("left_wrist"), HUMANML3D.joint("right_wrist")]
    for number, body in enumerate(shown.motions[:2]):
        width, height = page.evaluate(
            f"[matePlayer.motions[{number}].canvas.clientWidth, matePlayer.motions[{number}].canvas.clientHeight]"
        )
        camera = Camera.around(shown.height, shown.reach, width / height)
        aim = shown.looked_at(body, shown.follows)[-1]
        expected, _ = camera.project(body.joints[-1, wrists] - aim)
        found = [page.evaluate(f"matePlayer.where({number}, {joint})")[:2] for joint in wrists]
        np.testing.assert_allclose(
            found, expected * [1, -1] * (height / 2) + np.array([width / 2, height / 2]), atol=0.2
        )
    # The left hand of the first is up at the right of the picture, the right one of the second at the left.
    left, right = page.evaluate(f"[matePlayer.where(0, {wrists[0]}), matePlayer.where(1, {wrists[1]})]")
    heads = page.evaluate(f"[0, 1].map((n) => matePlayer.where(n, {HUMANML3D.joint('head')}))")
    assert left[0] > heads[0][0] + 5
    assert right[0] < heads[1][0] - 5
    assert left[1] < heads[0][1]
    assert right[1] < heads[1][1]


def test_time_is_scrubbed_and_stepped_by_keyboard(opened: Any) -> None:
    page = opened()
    page.keyboard.press("Space")
    assert not page.evaluate("matePlayer.state.playing")
    page.keyboard.press("Home")
    for key, frame in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 195), ("Home", 0)):
        page.keyboard.press(key)
        assert page.evaluate("matePlayer.frame()") == frame
    page.locator("#scrub").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("matePlayer.frame()") == 1
    page.locator("#scrub").fill("100")
    until(page, "document.getElementById('clock').textContent === '5.00 s of 9.75 s'")
    assert page.locator("#scrub").get_attribute("aria-valuetext") == "5.00 s of 9.75 s"
    page.locator("#play").focus()
    page.keyboard.press("Space")
    assert page.evaluate("matePlayer.state.playing")


def test_it_is_turned_and_zoomed(opened: Any) -> None:
    page = opened()
    page.evaluate("matePlayer.play(false)")
    yaw, pitch, zoom = page.evaluate("[matePlayer.state.yaw, matePlayer.state.pitch, matePlayer.state.zoom]")
    box = page.locator("figure canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y + 20)
    page.mouse.up()
    # What is taken hold of goes along: to the right, and down.
    assert page.evaluate("matePlayer.state.yaw") < yaw
    assert page.evaluate("matePlayer.state.pitch") > pitch
    page.mouse.wheel(0, -200)
    until(page, f"matePlayer.state.zoom > {zoom}")
    page.keyboard.press("0")
    assert page.evaluate("[matePlayer.state.yaw, matePlayer.state.zoom]") == [yaw, zoom]
    page.keyboard.press("Shift+ArrowLeft")
    assert page.evaluate("matePlayer.state.yaw") > yaw
    page.keyboard.press("+")
    assert page.evaluate("matePlayer.state.zoom") > zoom
    for name in ("front", "left", "behind", "right", "above"):
        page.select_option("#view", name)


def test_a_word_colours_by_its_attention(opened: Any) -> None:
    page = opened()
    page.evaluate("matePlayer.play(false)")
    assert page.locator("#lanes").is_hidden()
    page.get_by_role("button", name="left", exact=True).first.click()
    assert page.evaluate("[matePlayer.state.colours, matePlayer.motions.map((m) => m.word)]") == [
        "word",
        [1, -1, 1, -1],
    ]
    page.locator("#lanes").wait_for()
    page.select_option("#colours", "time")
    page.locator("#lanes").wait_for(state="hidden")


@pytest.mark.parametrize(
    ("size", "settings"),
    [
        (WIDE, {}),
        (PHONE, {"has_touch": True, "device_scale_factor": 2}),
        # A watch, and a page zoomed to 400 %.
        ((300, 600), {}),
        ((240, 400), {}),
    ],
)
def test_everything_fits_in_the_width(opened: Any, size: tuple[int, int], settings: dict[str, Any]) -> None:
    page = opened(size, **settings)
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    for element in page.locator("button:visible, select:visible, input:visible, canvas:visible").all():
        box = element.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
    assert [page.locator("figcaption").nth(number).inner_text() for number in range(4)] == list(HOSTILE[:4])


def test_who_wants_no_motion_is_shown_none(opened: Any) -> None:
    page = opened(reduced_motion="reduce")
    page.wait_for_timeout(300)
    assert page.evaluate("[matePlayer.state.playing, matePlayer.frame()]") == [False, 0]
