"""Whoever is offline is left in peace: no command looks for an address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from huggingface_hub import constants

from mate_hf.runs.folder import RunFolder
from mate_hf.training import train
from mate_hf.training.checkpoints import saved_checkpoints
from tests.cli.test_cli import Mate, mate
from tests.cli.test_writers import built, world
from tests.tiny import TINY_SIZES, flags
from tests.training.conftest import forget_accelerate
from tests.training.every_script import SCRIPTS, make_vq, tiny_settings

__all__ = ["built", "mate", "world"]


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Addresses that were looked for; none is found."""
    found: list[str] = []

    def refuse(what: str) -> Any:
        def look(*given: object, **_: object) -> NoReturn:
            found.append(f"{what} {given[-1] if what != 'getaddrinfo' else given[0]}")
            raise OSError("no network here")

        return look

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse(name), raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", refuse("getaddrinfo"))
    monkeypatch.setattr(socket, "create_connection", refuse("create_connection"))
    yield found
    assert not found


COMMANDS = (
    "prepare corpora/raw out --workers 1",
    "prepare --synthetic out --motions 20 --workers 1",
    "decompose captions.txt --out out.jsonl",
    "localize prepared --retrieval retrieval --out out",
    "export run out",
    "export run out --format adapter",
    "evaluate retrieval retrieval --data prepared --split train --out out.json",
    "compare encoder encoder --out out.json",
    "features features.npy out.npy --inverse",
    "report run --out out.html",
)


def test_the_test_itself_is_offline() -> None:
    assert constants.HF_HUB_OFFLINE


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.split()[:2]))
def test_a_command_asks_nobody(mate: Mate, world: Path, command: str) -> None:
    done = mate(*command.split())
    assert done.returncode == 0, done.stderr


def test_a_training_and_its_continuation_ask_nobody(world: Path) -> None:
    given = flags(
        data="prepared",
        text_encoder="encoder",
        output_dir="trained",
        epochs=1,
        cpu_threads=1,
        **{**TINY_SIZES, "batch_size": 4},
    )
    try:
        for more in ([], ["--resume", "last", "--epochs", "2"]):
            forget_accelerate()
            train.main([*given, *more])
    finally:
        forget_accelerate()
    assert saved_checkpoints(RunFolder(Path("trained")))


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_training_asks_anybody(world: Path, script: str) -> None:
    given = tiny_settings(script, Path("encoder"), make_vq(Path("vq")))
    sizes = {"data": "prepared", "output_dir": "trained", "max_steps": 1, "batch_size": 4, "cpu_threads": 1}
    forget_accelerate()
    try:
        SCRIPTS[script](flags(**given | sizes))
    finally:
        forget_accelerate()


@pytest.mark.parametrize(
    "command",
    [
        "prepare someone/motions out",
        "compare someone/encoder encoder",
        "export run out --base someone/encoder",
    ],
)
def test_what_is_on_the_hub_alone_is_not_looked_for(mate: Mate, world: Path, command: str) -> None:
    done = mate(*command.split())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "error: " in done.stderr
