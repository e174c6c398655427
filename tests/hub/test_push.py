"""Push and pull over HTTP: one commit, or nothing that opens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import mate_hf
from mate_hf.errors import MateError
from mate_hf.exports import FORMATS, export
from mate_hf.hub.push import pull, push
from mate_hf.runs.trained import open_trained
from tests.hub.conftest import point_at, set_offline
from tests.hub.hub_server import Hub, Repository
from tests.tiny import CAPTIONS
from tests.trained_runs import Trained

NAME, STOCK = "motion/mate-clip", "stock/tiny-clip"


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take seconds; test_pictures.py draws them."""
    monkeypatch.setattr("mate_hf.hub.push.draw_pictures", lambda *_: [])


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


def stand_on(hub: Hub, name: str, folder: Path) -> None:
    """A model folder as a repository that somebody else pushed."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    hub.repositories[name] = Repository(branches={"main": files})


def test_what_is_pushed_opens_everywhere_by_name_alone(
    hub: Hub, trained: Trained, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    run = trained("clip")
    assert push(run, NAME, private=True) == f"{hub.endpoint}/{NAME}"
    assert hub.repositories[NAME].private
    assert hub.commits == 1
    push(run, NAME, format="full", revision="full")
    stand_on(hub, STOCK, text_encoders["clip"])
    push(run, f"{NAME}-adapter", format="adapter", base=STOCK)
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
for name in ({NAME!r}, {NAME + "-adapter"!r}):
    model = AutoModel.from_pretrained(name).eval()
    assert torch.allclose(model(**tokens).last_hidden_state, expected, atol=1e-6), name
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


@pytest.mark.parametrize("format", FORMATS)
def test_a_hub_id_opens_in_openai_shape_from_every_format(
    hub: Hub, trained: Trained, whole_clip: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("whole_clip")
    stand_on(hub, STOCK, whole_clip)
    push(run, NAME, format=format, base=STOCK)
    expected = open_trained(run).encoder.sentence_features(CAPTIONS)
    assert torch.allclose(mate_hf.load(NAME).encode_text(CAPTIONS), expected, atol=1e-5)
    set_offline(True, monkeypatch)
    point_at("http://127.0.0.1:9", monkeypatch)
    assert torch.allclose(mate_hf.load(NAME).encode_text(CAPTIONS), expected, atol=1e-5)
    with pytest.raises(MateError, match="others/model: no folder, no file, and not to be had from the Hub"):
        mate_hf.load("others/model")


def test_another_format_leaves_nothing_of_the_first_behind(hub: Hub, trained: Trained) -> None:
    """hf's config.json beside openai-clip's weights would open as AutoModel, with random words."""
    run = trained("whole_clip")
    push(run, NAME, format="hf")
    tree = hub.repositories[NAME].branches["main"]
    tree["notes.md"] = b"written by hand"
    assert "config.json" in tree
    push(run, NAME, format="openai-clip")
    after = hub.repositories[NAME].branches["main"]
    known = json.loads(after["mate_export.json"])["files"]
    assert after.keys() == {*known, "mate_export.json", "README.md", "notes.md"}
    assert "config.json" not in after


def test_an_adapter_of_a_base_on_this_machine_is_not_pushed(hub: Hub, trained: Trained) -> None:
    with pytest.raises(MateError, match=r"adapter: its base encoder .* lies on this machine alone.*--base"):
        push(trained("bert"), NAME, format="adapter")
    assert not hub.repositories


def test_what_was_pulled_once_is_pulled_offline(
    hub: Hub, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(trained("bert"), NAME)
    first = pull(NAME, tmp_path / "first")
    set_offline(True, monkeypatch)
    second = pull(NAME, tmp_path / "second")
    for path in first.rglob("*"):
        if path.is_file():
            assert (second / path.relative_to(first)).read_bytes() == path.read_bytes()
            assert not (second / path.relative_to(first)).is_symlink()
    with pytest.raises(MateError, match="HF_HUB_OFFLINE is set, and it is not cached"):
        pull("motion/other", tmp_path / "third")
    assert not (tmp_path / "third").exists()


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
    monkeypatch.setattr("mate_hf.hub.push.get_token", lambda: None)
    with pytest.raises(MateError, match=r"no token.*hf auth login"):
        push(run, NAME)
    set_offline(True, monkeypatch)
    with pytest.raises(MateError, match="HF_HUB_OFFLINE is set"):
        push(run, NAME)


def test_a_cut_network_is_named(
    trained: Trained, hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = trained("bert")
    point_at("http://127.0.0.1:9", monkeypatch)
    with pytest.raises(MateError, match=r"127\.0\.0\.1:9 could not be reached"):
        push(run, NAME)
    with pytest.raises(MateError, match=r"127\.0\.0\.1:9 could not be reached"):
        pull(NAME, tmp_path / "out")
    assert not (tmp_path / "out").exists()
