"""What a page of a run needs, opened once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from mate_hf.data.corpus import open_corpus
from mate_hf.errors import MateError
from mate_hf.explorer.acting import Generator, open_generators
from mate_hf.explorer.gallery import Gallery
from mate_hf.explorer.localizing import Localizer
from mate_hf.explorer.word_neighbours import WordTables
from mate_hf.retrieval.retriever import Retriever, open_retriever
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.trained import Trained, open_trained
from mate_hf.text.encoders import TextEncoder
from mate_hf.utils.devices import device_of

QUICKSTART_RUN, QUICKSTART_RETRIEVAL = "mate", "retrieval"
"""In the folder that `make quickstart` leaves."""


@dataclass(frozen=True)
class Explored:
    """A run with all that its page asks.

    Attributes:
        name: the run's.
        base: the encoder as it came; None where it is not at hand.
        localizer: None where no retrieval model is at hand.
        generators: none, one, or two.
        missing: what could not be opened, a sentence each.
    """

    name: str
    trained: Trained
    base: TextEncoder | None
    gallery: Gallery
    localizer: Localizer | None
    words: WordTables
    generators: tuple[Generator, ...]
    missing: tuple[str, ...]


def open_explored(
    run: str | Path,
    data: str | Path | None = None,
    retrieval: str | Path | None = None,
    generator: Sequence[str] = (),
    split: str = "test",
    base: str | None = None,
    which: str = "best",
    device: str = "cpu",
) -> Explored:
    """Open a run, its corpus and what else its page can show; see `explore`.

    Raises:
        MateError: no run, no corpus, or what was named does not open.
    """
    folder = run_folder(Path(run))
    trained = open_trained(folder.path, which, base)
    if trained.vocabulary is None:
        raise MateError(
            f"{folder.path}: no vocabulary.json beside the weights; the page needs to know which words were trained."
        )
    source = data or folder.settings().get("data")
    if not isinstance(source, (str, Path)):
        raise MateError(f"{folder.path}: it does not say what corpus it was trained on. Name it: --data.")
    corpus = open_corpus(source)
    generators = open_generators(generator, which, device)
    missing: list[str] = []
    stock = _stock(trained, missing)
    retriever = _retriever(folder.path, retrieval, which, device, missing)
    if retriever is not None:
        corpus.require_width(retriever.model.config.motion_width, "the retrieval model")
    # transformers' own `to` says that it takes no device.
    torch.nn.Module.to(trained.model, device_of(device))
    gallery = Gallery(trained.model, corpus, split, str(source))
    return Explored(
        name=folder.path.resolve().name,
        trained=trained,
        base=stock,
        gallery=gallery,
        localizer=None if retriever is None else Localizer(retriever, gallery.features, corpus.kind.fps),
        words=WordTables(stock, trained.encoder, trained.vocabulary),
        generators=generators,
        missing=tuple(missing),
    )


def run_folder(path: Path) -> RunFolder:
    """The run at a path, or the one in the folder of a quickstart.

    Raises:
        MateError: nothing is there.
    """
    if not path.is_dir():
        raise MateError(f"{path}: no such folder. Expected the run of mate train.")
    inner = path / QUICKSTART_RUN
    if not (path / "config.json").is_file() and not RunFolder.around(path).settings() and inner.is_dir():
        return RunFolder.around(inner)
    return RunFolder.around(path)


def _stock(trained: Trained, missing: list[str]) -> TextEncoder | None:
    try:
        return trained.base
    except MateError as error:
        missing.append(f"The stock encoder is not shown: {error}")
        return None


def _retriever(
    run: Path, named: str | Path | None, which: str, device: str, missing: list[str]
) -> Retriever | None:
    """The one that was named, or that of the quickstart beside the run."""
    if named is not None:
        return open_retriever(named, which, device)
    beside = run.resolve().parent / QUICKSTART_RETRIEVAL
    try:
        return open_retriever(beside, which, device)
    except MateError:
        missing.append(
            f"Segments are not shown: no retrieval model lies in {beside}. Name the run of mate train-retrieval: --retrieval."
        )
        return None
