"""The page is served to this machine alone, allows itself nothing from elsewhere, and answers whoever asks it by its names."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator

import httpx
import pytest

from mate_hf.errors import MateError
from mate_hf.explorer import gradio_extra
from mate_hf.explorer.opening import Explored

pytest.importorskip("gradio", reason="no gradio: pip install 'mate-hf[explore]'")

from mate_hf.explorer.page import build_page
from mate_hf.explorer.serving import POLICY, served


@pytest.fixture(scope="module")
def address(explored: Explored) -> Iterator[str]:
    with served(explored) as found:
        yield found


def test_it_listens_on_this_machine_alone_and_allows_nothing_from_elsewhere(address: str) -> None:
    assert address.startswith("http://127.0.0.1:")
    page = httpx.get(address, timeout=60)
    assert page.headers["content-security-policy"] == POLICY
    assert not re.search(r"https?:|\*", POLICY)
    # What the browser would fetch by itself, of fonts and scripts and styles.
    fetched = re.findall(r"<(?:script|link|img|iframe)[^>]*?(?:src|href)=[\"']?([^\"' >]+)", page.text)
    assert fetched
    assert not [
        url for url in fetched if url.startswith(("http:", "https:", "//")) and not url.startswith(address)
    ]
    assert not re.search(r"fonts\.googleapis|gstatic|cdnjs|jsdelivr|unpkg", page.text)
    config = httpx.get(f"{address}config", timeout=60).json()
    assert config["analytics_enabled"] is False
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"


def test_in_a_space_it_has_no_header_that_asks_others(
    explored: Explored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "motion/ask-mate")
    assert build_page(explored).get_config_file()["space_id"] is None


def ask_neighbours(address: str, word: str) -> str:
    asked = httpx.post(f"{address}gradio_api/call/neighbours", json={"data": [word]}, timeout=60)
    told = httpx.get(f"{address}gradio_api/call/neighbours/{asked.json()['event_id']}", timeout=60).text
    [answer] = json.loads(told.split("data: ", 1)[1].splitlines()[0])
    return str(answer)


def test_questions_have_names_and_answers(address: str) -> None:
    assert "Opposites of “left”" in ask_neighbours(address, "left")


def test_what_the_first_answer_would_wait_for_is_opened_before(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(gradio_extra, "import_module", opened.append)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    gradio_extra.open_gradio()
    assert opened == ["matplotlib", "gradio"]
    assert os.environ["MPLBACKEND"] == "agg"


def test_no_question_is_counted(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """gradio's own sums of all questions take longer than most answers, and remember who asked."""
    from gradio import queueing

    counted: list[object] = []
    summed = queueing.Queue.compute_analytics_summary

    def compute(queue: queueing.Queue, records: list[object]) -> object:
        counted.append(len(records))
        return summed(queue, records)

    def never(records: list[object]) -> object:
        raise AssertionError("questions are summed up")

    monkeypatch.setattr(queueing.Queue, "compute_analytics_summary", compute)
    monkeypatch.setattr(queueing.Queue, "_get_df", staticmethod(never))
    for word in ("left", "up"):
        assert "Opposites of" in ask_neighbours(address, word)
    assert counted
    assert set(counted) == {1}


def test_a_port_that_is_taken_is_named_and_none_is_passed_over(explored: Explored, address: str) -> None:
    port = int(address.rstrip("/").rpartition(":")[2])
    with (
        pytest.raises(MateError, match=f"port {port}: Address already in use. Choose another --port"),
        served(explored, port=port),
    ):
        pass
    with pytest.raises(MateError, match=r"host 203\.0\.113\.1"), served(explored, host="203.0.113.1"):
        pass
    with served(explored) as other:
        assert other != address
    with (
        pytest.raises(OSError, match="refused"),
        socket.create_connection(("127.0.0.1", int(other.rstrip("/").rpartition(":")[2]))),
    ):
        pass
