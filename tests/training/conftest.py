"""A tiny corpus, prepared once, and runs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from accelerate.state import AcceleratorState, PartialState

from mate_hf.data.preparation import load_prepared, prepare
from mate_hf.localization.stage import localize_prepared
from mate_hf.text.decomposition.decompose import DecompositionReport
from mate_hf.training.arguments import parse_arguments
from mate_hf.training.loop import Training
from mate_hf.training.mate_task import MateTask
from tests.localization.tiny_retriever import make_retrieval_model, make_retriever
from tests.tiny import TINY_SIZES, flags, make_corpus

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared corpus of 24 clips."""
    root = tmp_path_factory.mktemp("corpus")
    prepare(str(make_corpus(root / "folder")), root / "prepared")
    return root / "prepared"


@pytest.fixture(scope="session")
def train(corpus: Path, text_encoders: dict[str, Path]) -> Run:
    """`train(output_dir, family="bert", **options)` trains a tiny model and gives its results."""

    def tiny(output_dir: Path, family: str = "bert", **options: object) -> dict[str, Any]:
        forget_accelerate()
        settings = {
            "data": corpus,
            "text_encoder": text_encoders[family],
            "output_dir": output_dir,
            "epochs": 2,
            **TINY_SIZES,
            **options,
        }
        arguments = parse_arguments(flags(**settings))
        return Training(partial(MateTask, arguments), arguments.run, arguments.flat()).run()

    return tiny


@pytest.fixture
def run(train: Run) -> Iterator[Run]:
    """The same, and no accelerator is left."""
    yield train
    forget_accelerate()


@pytest.fixture(scope="session")
def localized(corpus: Path, text_encoders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny corpus, to be read and no more, each motion cut in halves that its caption's halves speak of."""

    def halves(captions: Sequence[str]) -> tuple[list[list[str]], DecompositionReport]:
        words = [caption.split() for caption in captions]
        return [[" ".join(w[:3]), " ".join(w[3:])] for w in words], DecompositionReport("halves")

    forget_accelerate()
    retriever = make_retriever(text_encoders["distilbert"])
    folder = tmp_path_factory.mktemp("halves") / "localized"
    localize_prepared(load_prepared(corpus), retriever, halves, folder)
    return folder


@pytest.fixture
def alignment_module(text_encoders: dict[str, Path], tmp_path: Path) -> Path:
    """One at random weights, as a run of train_retrieval.py lies on disk."""
    folder = make_retrieval_model(text_encoders["distilbert"], tmp_path / "module")
    (folder / "config.yaml").write_text(f"sentence_encoder: {text_encoders['bert']}\n")
    return folder


def forget_accelerate() -> None:
    """Each run of a test makes its own accelerator."""
    AcceleratorState._reset_state()
    PartialState._reset_state()
