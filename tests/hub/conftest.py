"""A Hub on loopback, which the libraries take for the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
import transformers
from huggingface_hub import constants, file_download

from tests.hub.hub_server import Hub, hub_server


def close_sessions() -> None:
    """Of huggingface_hub 1 one client, of those before a session a thread, which remembers whether it was made offline."""
    close = getattr(huggingface_hub, "close_session", None) or huggingface_hub.utils.reset_sessions
    close()


def point_at(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the libraries ask there."""
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    # A copy of huggingface_hub before 1.
    monkeypatch.setattr(file_download, "HUGGINGFACE_CO_URL_TEMPLATE", template, raising=False)


def set_offline(offline: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As HF_HUB_OFFLINE would, which is read once."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    # A copy of transformers 4.
    monkeypatch.setattr(transformers.utils.hub, "_is_offline_mode", offline, raising=False)
    close_sessions()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with hub_server() as server:
        point_at(server.endpoint, monkeypatch)
        set_offline(False, monkeypatch)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        # A copy of transformers 4.
        monkeypatch.setattr(
            transformers.utils.hub, "TRANSFORMERS_CACHE", str(tmp_path / "cache"), raising=False
        )
        monkeypatch.setenv("HF_TOKEN", "hf_loopback")
        # transformers 5 keeps a client, with the address that it found when it was first asked.
        monkeypatch.setattr(transformers.utils.hub, "_hf_api", None, raising=False)
        yield server
        close_sessions()
