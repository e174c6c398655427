"""The page on this machine alone, by default: it asks nothing of any other, and its browser may not either."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from inspect import signature
from typing import Any

from mate_hf.errors import MateError
from mate_hf.explorer.gradio_extra import open_gradio
from mate_hf.explorer.opening import Explored
from mate_hf.explorer.page import build_page
from mate_hf.explorer.style import FONTS, MONO, STYLE
from mate_hf.utils.scratch import scratch_folder

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 7860, 100
"""Where no port is named, the first free one of so many is taken."""

LAST_ANSWERS = 1
"""Seconds that open connections are given at the end."""

MOST_WAITING = 64
"""Questions in the queue; who asks another is told that it is full."""

LARGEST_FILE = "20mb"

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
"""Frames obey it as well: nothing is loaded from anywhere else, whatever a library of the page would like."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class WithPolicy:
    """An ASGI application whose pages come with `POLICY`."""

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(b"content-security-policy", POLICY.encode()), (b"referrer-policy", b"no-referrer")]
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        await self.app(scope, receive, with_policy if scope["type"] == "http" else send)


@contextmanager
def served(
    explored: Explored, host: str = HOST, port: int | None = None, browser: bool = False
) -> Iterator[str]:
    """The page's address, while a `with` block lasts.

    Args:
        host: address to listen at.
        port: None: the first free one from 7860 on.
        browser: open it there.

    Raises:
        MateError: no such address, or the port is taken.
    """
    # gradio's own `launch` asks itself over the network whether it is there, and gives up where that takes three seconds.
    with scratch_folder("explore") as files, _listening(host, port) as listener:
        gr = open_gradio(files)
        page = build_page(explored).queue(max_size=MOST_WAITING)
        _keep_no_questions(page)
        import fastapi
        import uvicorn

        app = gr.mount_gradio_app(
            fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
            page,
            path="/",
            show_error=False,
            max_file_size=LARGEST_FILE,
            ssr_mode=False,
            enable_monitoring=False,
            pwa=False,
            mcp_server=False,
            footer_links=[],
            **_kept_history(gr),
            theme=_theme(gr),
            css=STYLE,
        )
        server = uvicorn.Server(
            uvicorn.Config(
                WithPolicy(app), log_level="error", timeout_graceful_shutdown=LAST_ANSWERS, lifespan="on"
            )
        )
        with _running(server, listener):
            shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host
            address = f"http://{shown}:{listener.getsockname()[1]}/"
            if browser:
                webbrowser.open(address)
            yield address


@contextmanager
def _listening(host: str, port: int | None) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ports = [port] if port is not None else [*range(FIRST_PORT, FIRST_PORT + PORTS)]
    for number in ports:
        try:
            listener = socket.create_server((host, number), family=family)
        except OSError as error:
            if number == ports[-1]:
                # Python's own words for it end with what it tried.
                why = (error.strerror or str(error)).partition(" (while")[0]
                raise MateError(
                    f"host {host}, port {number}: {why}. Choose another --port or --host."
                ) from error
            continue
        with listener:
            yield listener
        return


@contextmanager
def _running(server: Any, listener: socket.socket) -> Iterator[None]:
    worker = threading.Thread(target=server.run, args=([listener],), name="server", daemon=True)
    worker.start()
    while not server.started and worker.is_alive():
        worker.join(0.05)
    if not server.started:
        raise MateError(
            f"the page did not start at {listener.getsockname()}. Choose another --port or --host."
        )
    try:
        yield
    finally:
        server.should_exit = True
        worker.join()


class Unanswered(dict[str, dict[str, Any]]):
    """gradio's records of questions: who asks another ends those that were answered."""

    def __setitem__(self, asked: str, record: dict[str, Any]) -> None:
        for other in [
            name for name, known in self.items() if known["status"] not in ("queued", "processing")
        ]:
            del self[other]
        super().__setitem__(asked, record)


def _keep_no_questions(page: Any) -> None:
    """Newer versions of gradio read from the environment how many they keep (see `gradio_extra.QUIET`), others keep all."""
    if not hasattr(page._queue, "ANALYTICS_MAX_EVENTS"):
        page._queue.event_analytics = Unanswered()


def _kept_history(gr: Any) -> dict[str, bool]:
    """None; older versions of gradio have no such setting."""
    return {"run_history": False} if "run_history" in signature(gr.mount_gradio_app).parameters else {}


def _theme(gr: Any) -> Any:
    """Of the system's fonts, and of colours that can be read: gradio's own are paler."""
    return gr.themes.Default(primary_hue="blue", font=FONTS, font_mono=MONO).set(
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )
