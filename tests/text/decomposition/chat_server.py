"""A chat endpoint on loopback that behaves as told: well, badly, slowly, too busily, or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What the server does with one request: a status, headers, a body, after a while."""

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 0.0

    def payload(self) -> bytes:
        if self.body is not None:
            return self.body
        return json.dumps({"choices": [{"message": {"content": self.content}}]}).encode()


@dataclass
class Server:
    """What was asked of a running server, and where it is."""

    base_url: str
    captions: list[str] = field(default_factory=list)
    requests: list[dict[str, object]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    most_at_once: int = 0


@contextmanager
def chat_server(behaviour: Callable[[str, int], Reply]) -> Iterator[Server]:
    """Serve `behaviour(caption, how often it was asked before)`."""
    lock, now = threading.Lock(), [0]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            caption = request["messages"][-1]["content"]
            with lock:
                before = server.captions.count(caption)
                server.captions.append(caption)
                server.requests.append({"path": self.path, **request})
                server.keys.append(self.headers.get("Authorization"))
                now[0] += 1
                server.most_at_once = max(server.most_at_once, now[0])
            reply = behaviour(caption, before)
            time.sleep(reply.seconds)
            with lock:
                now[0] -= 1
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                payload = reply.payload()
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)
            except OSError:
                pass  # the client had enough

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_address[1]}/v1")
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
