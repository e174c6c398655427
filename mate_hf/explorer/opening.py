"""What a page of a run needs, opened once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from mate_hf.data.corpus import Corpus, open_corpus
from mate_hf.errors import MateError
from mate_hf.explorer.acting import Generator, open_generators
from mate_hf.explorer.gallery import Gallery
from mate_hf.explorer.localizing import Localizer
from mate_hf.explorer.word_neighbours import WordTables
from mate_hf.exports.report import recorded_base
from mate_hf.retrieval.retriever import Retriever, open_retriever
from mate_hf.runs.fetched import fetched, names_folder
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.trained import Trained, open_trained
from mate_hf.text.encoders import TextEncoder
from mate_hf.utils.devices import device_of
from mate_hf.utils.model_kinds import KINDS, model_type_in

_RETRIEVAL = "Train one: mate train-retrieval."

QUICKSTART_RUN, QUICKSTART_RETRIEVAL = "mate", "retrieval"
"""In the folder that `make quickstart` leaves."""


@dataclass(frozen=True)
class Explored:
    """A run with all that its page asks.

    Attributes:
        name: the run's.
        base: the encoder as it came; None where it is not at hand.
        gallery: None where no corpus is at hand; then the page has what needs no motion.
        localizer: None where no retrieval model is at hand, or no corpus.
        generators: none, one, or two.
        missing: what could not be opened, a sentence each.
    """

    name: str
    trained: Trained
    base: TextEncoder | None
    gallery: Gallery | None
    localizer: Localizer | None
    words: WordTables
    generators: tuple[Generator, ...]
    missing: tuple[str, ...]

    @property
    def motions(self) -> Gallery:
        """The gallery, for a question that needs one.

        Raises:
            MateError: no corpus is at hand.
        """
        if self.gallery is None:
            raise MateError("No corpus is at hand, so there are no motions. Name one: --data.")
        return self.gallery


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
        MateError: no run, or what was named does not open.
    """
    folder, name = _run(run)
    trained = open_trained(folder.path, which, base)
    if trained.base_name is None:
        trained.base_name = recorded_base(folder.path)
    if trained.vocabulary is None:
        raise MateError(
            f"{folder.path}: no vocabulary.json beside the weights; the page needs to know which words were trained."
        )
    missing: list[str] = []
    source = data or folder.settings().get("data")
    corpus = _corpus(source, data is not None, missing)
    generators = open_generators(generator, which, device)
    stock = _stock(trained, missing)
    # transformers' own `to` says that it takes no device.
    torch.nn.Module.to(trained.model, device_of(device))
    gallery = retriever = None
    if corpus is not None:
        retriever = _retriever(folder.path, retrieval, which, device, missing)
        if retriever is not None:
            corpus.require_width(retriever.model.config.motion_width, "the retrieval model")
        gallery = Gallery(trained.model, corpus, split, str(source))
    return Explored(
        name=name,
        trained=trained,
        base=stock,
        gallery=gallery,
        localizer=_localizer(retriever, gallery),
        words=WordTables(stock, trained.encoder, trained.vocabulary),
        generators=generators,
        missing=tuple(missing),
    )


def _run(named: str | Path) -> tuple[RunFolder, str]:
    """The run, here or on the Hub, and what the page calls it."""
    if isinstance(named, Path) or names_folder(named):
        folder = run_folder(Path(named))
        return folder, folder.path.resolve().name
    remedy = "Expected the run of mate train, or what `mate push --format full` left on the Hub."
    snapshot = fetched(named, remedy)
    if model_type_in(snapshot) not in KINDS:
        raise MateError(
            f"{named}: no MATE model on the Hub, for an export of another format has the text encoder alone; the page asks the motion "
            "encoder too. Push the run with --format full, or give its folder."
        )
    return RunFolder(snapshot), named.rpartition("/")[2]


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


def _corpus(source: object, named: bool, missing: list[str]) -> Corpus | None:
    """The one that was named, or that of the run, which may be gone."""
    if not isinstance(source, (str, Path)):
        missing.append("Motions are not shown: no corpus is known. Name one: --data.")
        return None
    try:
        return open_corpus(source)
    except MateError as error:
        if named:
            raise
        why = str(error).splitlines()[0].removesuffix(" Tried").rstrip(".")
        missing.append(f"Motions are not shown: the run's corpus {why}. Name another: --data.")
        return None


def _localizer(retriever: Retriever | None, gallery: Gallery | None) -> Localizer | None:
    if retriever is None or gallery is None:
        return None
    return Localizer(retriever, gallery.features, gallery.kind.fps)


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
        here = named if isinstance(named, Path) or names_folder(named) else fetched(named, _RETRIEVAL)
        return open_retriever(here, which, device)
    beside = run.resolve().parent / QUICKSTART_RETRIEVAL
    try:
        return open_retriever(beside, which, device)
    except MateError:
        missing.append(
            f"Segments are not shown: no retrieval model lies in {beside}. Name the run of mate train-retrieval: --retrieval."
        )
        return None
