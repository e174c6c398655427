"""Push and pull over HTTP: one commit, or nothing that opens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from mate_hf.errors import MateError
from mate_hf.export import export
from mate_hf.hub import pull, push
from tests.export.conftest import Trained, trained, vocabulary, whole_clip
from tests.hub.hub_server import Hub, Repository, hub_server
from tests.tiny import CAPTIONS

__all__ = ["trained", "vocabulary", "whole_clip"]
NAME = "motion/mate-clip"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with hub_server() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.endpoint)
        template = server.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("HF_TOKEN", "hf_loopback")
        yield server
        huggingface_hub.close_session()


def run_as_another_user(script: str, hub: Hub, folder: Path) -> None:
    """A fresh interpreter that knows nothing of ours but the repository's name."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(folder / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "0",
    }
    hidden = 'import sys\nsys.modules["mate_hf"] = None\n'
    done = subprocess.run(
        [sys.executable, "-c", hidden + script], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_what_is_pushed_opens_everywhere_by_name_alone(hub: Hub, trained: Trained, tmp_path: Path) -> None:
    run = trained("clip")
    assert push(run, NAME, private=True) == f"{hub.endpoint}/{NAME}"
    assert hub.repositories[NAME].private
    assert hub.commits == 1
    push(run, NAME, format="full", revision="full")
    push(run, NAME, format="adapter", revision="adapter")
    export(run, tmp_path / "expected")
    run_as_another_user(
        f"""
import torch
from transformers import AutoModel, AutoTokenizer
stock = AutoModel.from_pretrained({str(tmp_path / "expected")!r}).eval()
tokenizer = AutoTokenizer.from_pretrained({NAME!r})
tokens = tokenizer({CAPTIONS[0]!r}, return_tensors="pt")
tokens["input_ids"][0, 1] = 1000
expected = stock(**tokens).last_hidden_state
for revision in ("main", "adapter"):
    model = AutoModel.from_pretrained({NAME!r}, revision=revision).eval()
    assert torch.allclose(model(**tokens).last_hidden_state, expected, atol=1e-6), revision
whole = AutoModel.from_pretrained({NAME!r}, revision="full", trust_remote_code=True).eval()
assert type(whole).__name__ == "MateModel"
assert torch.allclose(whole.text_encoder(**tokens).last_hidden_state, expected, atol=1e-6)
""",
        hub,
        tmp_path,
    )
    pulled = pull(NAME, tmp_path / "pulled")
    ours = {path.name: path.read_bytes() for path in (tmp_path / "expected").iterdir() if path.is_file()}
    found = {path.name: path.read_bytes() for path in pulled.iterdir() if path.is_file()}
    for name in ours.keys() - {"mate_export.json"}:
        assert found[name] == ours[name], name
    assert (pulled / "README.md").is_file()
    assert not (pulled / ".cache").exists()


def test_a_card_that_stands_is_kept_unless_told(hub: Hub, trained: Trained) -> None:
    run = trained("bert")
    push(run, NAME)
    tree = hub.repositories[NAME].branches["main"]
    assert b"# mate-clip" in tree["README.md"]
    tree["README.md"] = b"written by hand"
    push(run, NAME)
    assert hub.repositories[NAME].branches["main"]["README.md"] == b"written by hand"
    push(run, NAME, replace_card=True)
    assert b"# mate-clip" in hub.repositories[NAME].branches["main"]["README.md"]


def test_a_pull_request_leaves_the_branch_alone(hub: Hub, trained: Trained) -> None:
    hub.repositories[NAME] = Repository()
    url = push(trained("bert"), NAME, create_pr=True)
    assert url == f"{hub.endpoint}/{NAME}/discussions/1"
    assert hub.repositories[NAME].branches["main"] == {}
    assert {"model.safetensors", "README.md"} <= hub.repositories[NAME].pull_requests[0].keys()


@pytest.mark.parametrize("breaks_at", ["lfs", "commit"])
def test_a_push_that_breaks_leaves_nothing_that_opens(
    hub: Hub, trained: Trained, tmp_path: Path, breaks_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    run = trained("bert")
    push(run, NAME)
    before = dict(hub.repositories[NAME].branches["main"])
    weights = load_file(run / "best" / "model.safetensors")
    weights["text_encoder.embeddings.word_embeddings.weight"][7] += 1.0
    save_file(weights, run / "best" / "model.safetensors", {"format": "pt"})
    hub.breaks_at = breaks_at
    with pytest.raises(MateError, match=r"could not be reached.*Nothing was changed"):
        push(run, NAME)
    assert hub.repositories[NAME].branches["main"] == before
    with pytest.raises(MateError, match="could not be reached"):
        push(run, "motion/new")
    assert hub.repositories["motion/new"].branches["main"] == {}


def test_refusals_say_what_to_do(
    hub: Hub, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("bert")
    hub.denied = {"others/model", "others/new"}
    hub.repositories["others/model"] = Repository()
    for name in hub.denied:
        with pytest.raises(
            MateError, match=rf"{name}: HTTP 403: your token may not write there.*--create-pr"
        ):
            push(run, name)
    assert hub.repositories["others/model"].branches["main"] == {}
    with pytest.raises(MateError, match=r"Expected organisation/name"):
        push(run, "mate-clip")
    with pytest.raises(MateError, match=r"Expected organisation/name"):
        push(run, "motion/a b")
    with pytest.raises(MateError, match="no such repository"):
        pull("motion/nothing", tmp_path / "out")
    push(run, NAME)
    with pytest.raises(MateError, match="no such revision"):
        pull(NAME, tmp_path / "out", revision="v9")
    (tmp_path / "mine").mkdir()
    with pytest.raises(MateError, match="exists already"):
        pull(NAME, tmp_path / "mine")
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr("mate_hf.hub.get_token", lambda: None)
    with pytest.raises(MateError, match=r"no token.*hf auth login"):
        push(run, NAME)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(MateError, match="HF_HUB_OFFLINE is set"):
        push(run, NAME)


def test_a_cut_network_is_named(
    trained: Trained, hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = trained("bert")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    template = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    with pytest.raises(MateError, match=r"127\.0\.0\.1:9 could not be reached"):
        push(run, NAME)
    with pytest.raises(MateError, match=r"127\.0\.0\.1:9 could not be reached"):
        pull(NAME, tmp_path / "out")
    assert not (tmp_path / "out").exists()
