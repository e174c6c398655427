"""Whoever names another Hub is asked nowhere else."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mate_hf.data.corpus import open_corpus
from mate_hf.errors import MateError
from mate_hf.hub.push import pull
from mate_hf.text.encoders import open_text_encoder
from tests.hub.hub_server import Hub


def test_only_the_named_hub_is_asked(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[Any] = set()
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        asked.add(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    for ask in (
        lambda: pull("someone/nothing", tmp_path / "out"),
        lambda: open_text_encoder("someone/nothing"),
    ):
        with pytest.raises(MateError):
            ask()
    with pytest.raises(MateError):
        open_corpus("someone/nothing", cache_dir=tmp_path / "cache")
    place = urlsplit(hub.endpoint)
    assert asked == {(place.hostname, place.port)}
