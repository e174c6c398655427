"""Any chat endpoint that speaks OpenAI's protocol: retries, concurrency, and answers cut off before they fill memory."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from mate_hf.errors import MateError
from mate_hf.text.decomposition.answers import LONGEST_ANSWER
from mate_hf.text.decomposition.prompt import messages
from mate_hf.utils.json_files import parse_json
from mate_hf.utils.masked import masked

KEY_VARIABLE = "OPENAI_API_KEY"
OPENAI_URL = "https://api.openai.com/v1"

GIVES_UP_AFTER = 3
"""Captions in a row without an answer, after all their retries: then the server is down, not the caption odd."""


class NoAnswerError(Exception):
    """One caption's question failed for good; the message is the reason."""


MOST_AT_ONCE = 1000
"""Captions that an endpoint is asked at a time."""


def require_concurrency(count: int) -> None:
    """Whether so many captions can be asked at a time.

    Raises:
        MateError: none, or too many.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise MateError(f"concurrency: {count}; expected 1 to {MOST_AT_ONCE} captions at a time.")


@dataclass
class OpenAIChat:
    """Asks `POST base_url/chat/completions`, `concurrency` captions at a time.

    Attributes:
        model: its name at the endpoint.
        base_url: up to and including `/v1`.
        timeout: seconds without a byte before a try counts as failed.
        retries: tries after the first; waits double from `first_wait` seconds, with jitter, up to a minute, unless the
            server names its own with Retry-After.
        wait: sleeps; tests put in their own.

    The key is read from the environment variable OPENAI_API_KEY; servers of one's own mostly need none.
    """

    model: str
    base_url: str = field(default=OPENAI_URL, repr=False)
    concurrency: int = 8
    timeout: float = 60.0
    retries: int = 5
    first_wait: float = 1.0
    wait: Callable[[float], None] = time.sleep
    _client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        require_concurrency(self.concurrency)
        if not self.base_url.startswith(("http://", "https://")):
            raise MateError(
                f"base_url {masked(self.base_url)!r}; expected an address such as http://127.0.0.1:8000/v1 or {OPENAI_URL}."
            )
        key = os.environ.get(KEY_VARIABLE)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=self.timeout)
        self._stopped = threading.Event()

    def answers(self, captions: Sequence[str]) -> Iterator[tuple[str, str | NoAnswerError]]:
        """(caption, answer or why there is none), as they come.

        Raises:
            MateError: the endpoint refuses key, address or model, or answers nobody any more.
        """
        silent, waiting = 0, iter(captions)
        with ThreadPoolExecutor(self.concurrency) as pool:
            asked: dict[Future[str], str] = {}
            try:
                while True:
                    for caption in waiting:
                        asked[pool.submit(self._ask, caption)] = caption
                        if len(asked) >= 2 * self.concurrency:
                            break
                    if not asked:
                        return
                    for done in wait(asked, return_when=FIRST_COMPLETED).done:
                        caption = asked.pop(done)
                        try:
                            answer: str | NoAnswerError = done.result()
                            silent = 0
                        except NoAnswerError as reason:
                            answer, silent = reason, silent + 1
                            if silent >= GIVES_UP_AFTER:
                                yield from self._answers_under_way(asked)
                                raise self._gone(reason) from reason
                        yield caption, answer
            finally:
                self._stopped.set()
                for future in asked:
                    future.cancel()

    def _answers_under_way(self, asked: dict[Future[str], str]) -> Iterator[tuple[str, str]]:
        """What still comes back of the questions that are out; no new one is sent."""
        self._stopped.set()
        for future, caption in asked.items():
            if future.cancel():
                continue
            with suppress(NoAnswerError):
                yield caption, future.result()

    def _gone(self, reason: NoAnswerError) -> MateError:
        return MateError(
            f"base_url {masked(self.base_url)}: no answer to {GIVES_UP_AFTER} captions in a row ({reason}). Is the server up? "
            "Answers so far are cached: the same command goes on from there."
        )

    def _ask(self, caption: str) -> str:
        reason = ""
        for attempt in range(self.retries + 1):
            if self._stopped.is_set():
                raise NoAnswerError("stopped")
            try:
                return self._try(caption)
            except _BusyError as busy:
                reason = busy.reason
                if attempt < self.retries:
                    backoff = min(self.first_wait * 2**attempt, 60.0) * random.uniform(0.5, 1.0)
                    self.wait(backoff if busy.seconds is None else min(busy.seconds, 60.0))
        raise NoAnswerError(reason)

    def _try(self, caption: str) -> str:
        body = {"model": self.model, "messages": messages(caption), "temperature": 0}
        url = f"{self.base_url.rstrip('/')}/chat/completions"
        try:
            with self._client.stream("POST", url, json=body) as response:
                if response.status_code == 429 or response.status_code >= 500:
                    raise _BusyError(f"HTTP {response.status_code}", _seconds(response))
                content = _read(response)
                if response.status_code >= 400:
                    raise self._refused(response.status_code, content)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise _BusyError(type(error).__name__, None) from error
        return _message(content)

    def _refused(self, status: int, content: bytes) -> MateError:
        blame = {
            401: f"the key in {KEY_VARIABLE} is missing or wrong",
            403: f"the key in {KEY_VARIABLE} may not use model {self.model}",
            404: f"base_url {masked(self.base_url)} or model {self.model} does not exist there",
        }.get(status, f"model {self.model} refuses the request")
        said = content[:300].decode("utf-8", "replace").strip()
        return MateError(masked(f"{self.base_url}: HTTP {status}: {blame}. The server says: {said}"))


class _BusyError(Exception):
    """A try that is worth another."""

    def __init__(self, reason: str, seconds: float | None) -> None:
        super().__init__(reason)
        self.reason, self.seconds = reason, seconds


def _seconds(response: httpx.Response) -> float | None:
    try:
        return float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None


def _read(response: httpx.Response) -> bytes:
    """The body, refused as soon as it is longer than any answer can be."""
    content = b""
    # JSON escapes may take six bytes a character.
    for part in response.iter_bytes(16_384):
        content += part
        if len(content) > 6 * LONGEST_ANSWER:
            raise NoAnswerError("answer too long")
    return content


def _message(content: bytes) -> str:
    try:
        completion = parse_json(content, "answer", dict, "Expected a chat completion.")
        answer = completion["choices"][0]["message"]["content"]
    except (MateError, KeyError, IndexError, TypeError) as error:
        raise NoAnswerError("not a chat completion") from error
    if not isinstance(answer, str):
        raise NoAnswerError("empty answer")
    if len(answer) > LONGEST_ANSWER:
        raise NoAnswerError("answer too long")
    return answer
