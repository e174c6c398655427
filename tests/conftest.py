"""What every test may use: markers that skip with a reason, the outside corpora, tiny text encoders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

# Read by the libraries when they are imported.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and hasattr(os, "sched_setaffinity"):
    # A core for each worker: as many threads as there are cores, in every worker, wait for one another.
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})

from tests.deprecations import Deprecations
from tests.trained_runs import exported, trained, trained_once, vocabulary, whole_clip

__all__ = ["exported", "trained", "trained_once", "vocabulary", "whole_clip"]

HEARD = Deprecations()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run tests that take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with --slow"))


@pytest.fixture(autouse=True, scope="session")
def deprecations() -> Iterator[Deprecations]:
    with HEARD.logs():
        yield HEARD


@pytest.fixture(autouse=True)
def nothing_deprecated(deprecations: Deprecations) -> Iterator[None]:
    """A call of ours that a library will drop fails the test that made it, or that first asked for a fixture that did."""
    yield
    said = deprecations.taken()
    assert not said, "\n".join(said)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    # Within pytest's own hook, which would take the place of a listener that was there before.
    with HEARD.warnings():
        yield


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What trainings share is kept where the tests are, in processes that they start too."""
    os.environ["MATE_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def quick_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers begin with the libraries imported; that they begin without is `utils/test_workers.py`'s."""
    from tests.together import forks

    monkeypatch.setattr(
        "mate_hf.utils.workers.multiprocessing", SimpleNamespace(get_context=lambda _: forks())
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of third-party corpora (cmu_humanml3d, bandai, humanml3d_samples, captions)."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MATE_REAL_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real corpora not found at {folder}; set MATE_REAL_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def text_encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of tiny random encoders, one a family."""
    # Here for what tests/trained_runs.py says of imports.
    from tests.tiny import FAMILIES, make_text_encoder

    root = tmp_path_factory.mktemp("encoders")
    return {family: make_text_encoder(family, root / f"tiny_{family}") for family in FAMILIES}
