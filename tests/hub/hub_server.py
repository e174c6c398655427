"""A stand-in for the Hub on loopback: repositories with branches, real uploads, real downloads, and failures on demand."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Tree = dict[str, bytes]

PREFIXES = {"models": "", "spaces": "spaces/"}
"""Of each kind's address, what stands before the names of its repositories."""


@dataclass
class Repository:
    """Branches, each a tree of files, and the pull requests that were opened."""

    private: bool = False
    branches: dict[str, Tree] = field(default_factory=lambda: {"main": {}})
    pull_requests: list[Tree] = field(default_factory=list)

    def sha(self, branch: str) -> str:
        digest = hashlib.sha1(branch.encode())
        for name, content in sorted(self.branches[branch].items()):
            digest.update(name.encode() + hashlib.sha256(content).digest())
        return digest.hexdigest()

    def branch_of(self, revision: str) -> str | None:
        """A branch by its name or by the commit at its head."""
        if revision in self.branches:
            return revision
        return next((name for name in self.branches if self.sha(name) == revision), None)


@dataclass
class Hub:
    """What stands on it, and what it does wrong.

    Attributes:
        denied: repositories whose writes are refused with 403.
        breaks_at: the kind of request that the server drops: "commit" or "lfs".
    """

    endpoint: str
    repositories: dict[str, Repository] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    breaks_at: str | None = None
    commits: int = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def reply(self, status: int, body: Any = b"", **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def absent(self, what: str) -> None:
        self.reply(404, {"error": f"{what} not found"}, X_Error_Code=f"{what}NotFound")

    def read(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def parts(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = self.parts()
        if parts[0] == "api" and parts[1] in PREFIXES:
            self.information(PREFIXES[parts[1]] + "/".join(parts[2:4]), parts[4:])
        elif len(parts) >= 5 and parts[2] == "resolve":
            self.file("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
        elif len(parts) >= 6 and parts[0] == "spaces" and parts[3] == "resolve":
            self.file("/".join(parts[:3]), parts[4], "/".join(parts[5:]))
        else:
            self.reply(404, {})

    def information(self, name: str, rest: list[str]) -> None:
        repository = self.hub.repositories.get(name)
        if repository is None:
            self.absent("Repo")
            return
        branch = repository.branch_of(rest[1] if len(rest) > 1 else "main")
        if branch is None:
            self.absent("Revision")
            return
        tree = repository.branches[branch]
        if rest[:1] == ["tree"]:
            entries = [
                {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                for path, content in tree.items()
            ]
            self.reply(200, entries)
            return
        siblings = [{"rfilename": path} for path in tree]
        self.reply(
            200,
            {"id": name, "sha": repository.sha(branch), "siblings": siblings, "private": repository.private},
        )

    def file(self, name: str, revision: str, path: str) -> None:
        repository = self.hub.repositories.get(name)
        if repository is None:
            self.absent("Repo")
            return
        branch = repository.branch_of(revision)
        if branch is None:
            self.absent("Revision")
        elif path not in repository.branches[branch]:
            self.absent("Entry")
        else:
            content = repository.branches[branch][path]
            tag = f'"{hashlib.sha256(content).hexdigest()}"'
            self.reply(200, content, ETag=tag, X_Repo_Commit=repository.sha(branch))

    def do_PUT(self) -> None:
        content = self.read()
        if self.hub.breaks_at == "lfs":
            self.close_connection = True
            self.connection.close()
            return
        self.hub.blobs[self.parts()[1]] = content
        self.reply(200)

    def do_POST(self) -> None:
        parts, body = self.parts(), self.read()
        if parts == ["api", "validate-yaml"]:
            self.reply(200, {"errors": [], "warnings": []})
        elif parts == ["api", "repos", "create"]:
            self.create(json.loads(body))
        elif parts[-4:] == ["info", "lfs", "objects", "batch"]:
            self.batch(json.loads(body))
        elif parts[0] == "api" and parts[1] in PREFIXES:
            self.write(PREFIXES[parts[1]] + "/".join(parts[2:4]), parts[4], parts[5], body)
        else:
            self.reply(404, {})

    def create(self, asked: dict[str, Any]) -> None:
        name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
        if name in self.hub.denied:
            self.reply(403, {"error": "You don't have the rights to create a model under this namespace"})
            return
        private = asked.get("private") or asked.get("visibility") == "private"
        if asked.get("type") == "space":
            assert asked["sdk"] == "gradio"
            name = f"spaces/{name}"
        self.hub.repositories[name] = made = Repository(bool(private))
        if asked.get("type") == "space":
            made.branches["main"]["README.md"] = b"---\nsdk: gradio\n---\nwritten by the Hub"
        self.reply(200, {"url": f"{self.hub.endpoint}/{name}", "name": name})

    def batch(self, asked: dict[str, Any]) -> None:
        objects = [
            {**entry, "actions": {"upload": {"href": f"{self.hub.endpoint}/lfs/{entry['oid']}"}}}
            for entry in asked["objects"]
        ]
        self.reply(200, {"transfer": "basic", "objects": objects})

    def write(self, name: str, action: str, revision: str, body: bytes) -> None:
        repository = self.hub.repositories[name]
        if name in self.hub.denied and action != "preupload":
            self.reply(403, {"error": "You have read access but not the required permissions"})
        elif action == "branch":
            repository.branches[revision] = dict(repository.branches["main"])
            self.reply(200, {})
        elif action == "preupload":
            files = [
                {
                    "path": entry["path"],
                    "uploadMode": "lfs" if entry["path"].endswith((".safetensors", ".pt")) else "regular",
                    "shouldIgnore": False,
                }
                for entry in json.loads(body)["files"]
            ]
            self.reply(200, {"files": files})
        elif action == "commit":
            self.commit(name, repository, revision, body)

    def commit(self, name: str, repository: Repository, revision: str, body: bytes) -> None:
        if self.hub.breaks_at == "commit":
            self.close_connection = True
            self.connection.close()
            return
        opens_request = "create_pr" in parse_qs(urlsplit(self.path).query)
        tree = dict(repository.branches["main" if opens_request else revision])
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                tree[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                tree[value["path"]] = self.hub.blobs[value["oid"]]
            elif entry["key"] == "deletedFile":
                del tree[value["path"]]
        self.hub.commits += 1
        if opens_request:
            repository.pull_requests.append(tree)
            number = len(repository.pull_requests)
            commit, url = (
                f"{self.hub.endpoint}/{name}/commit/{number:040}",
                f"{self.hub.endpoint}/{name}/discussions/{number}",
            )
            self.reply(200, {"commitUrl": commit, "commitOid": f"{number:040}", "pullRequestUrl": url})
            return
        repository.branches[revision] = tree
        oid = repository.sha(revision)
        self.reply(200, {"commitUrl": f"{self.hub.endpoint}/{name}/commit/{oid}", "commitOid": oid})


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of a request is no fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def hub_server() -> Iterator[Hub]:
    """Serve an empty Hub on loopback."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    handler.hub = hub = Hub(f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
