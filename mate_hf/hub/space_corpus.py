"""The corpus of a Space: one of the Hub by its id, one that may be passed on and was asked for, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mate_hf.data.corpus import Corpus, open_corpus, save_corpus
from mate_hf.data.corpus_licence import LICENCE_FILE, licence_text
from mate_hf.errors import MateError
from mate_hf.runs.fetched import names_folder
from mate_hf.runs.folder import RunFolder


@dataclass(frozen=True)
class SpaceCorpus:
    """Where a Space has its motions from.

    Attributes:
        hub_id: of a dataset; None where it travels with the Space.
        carried: a corpus that does, with its licence.
    """

    hub_id: str | None = None
    carried: tuple[Corpus, str] | None = None

    def write(self, folder: Path) -> None:
        """Write what travels."""
        if self.carried is not None:
            corpus, licence = self.carried
            # What was refused, and where the corpus lay, are of this machine.
            report = replace(corpus.report, source=folder.name, refused=[], warnings=[])
            save_corpus(replace(corpus, report=report), folder)
            (folder / LICENCE_FILE).write_text(licence, encoding="utf-8")


def choose_corpus(run: RunFolder, data: str | None, with_data: bool) -> SpaceCorpus | None:
    """The corpus that is shown; None where none was named.

    Args:
        data: Hub id of a dataset, or a folder.
        with_data: upload the folder, or that of the run where none is named.

    Raises:
        MateError: a folder that was not to be uploaded, or one that does not say that it may be; nothing to upload.
    """
    if not with_data:
        if data is None:
            return None
        if names_folder(data):
            raise MateError(
                f"data {data}: a folder of this machine; corpora are mostly other people's, and none is uploaded unasked. Name one by its Hub "
                "id, pass --with-data where its licence lets you pass it on, or leave out --data: the page then has what needs no motion."
            )
        return SpaceCorpus(hub_id=data)
    source = data or run.settings().get("data")
    if not isinstance(source, str) or not Path(source).is_dir():
        named = "none is named, and the run knows none here" if data is None else f"{data} is no folder"
        raise MateError(f"--with-data uploads the folder of a corpus; {named}. Name one: --data.")
    corpus = open_corpus(source)
    licence = licence_text(Path(source), corpus.report)
    if licence is None:
        raise MateError(
            f"data {source}: nothing in it says that it may be passed on. Where its makers allow that, put their licence in it as {LICENCE_FILE}; "
            "otherwise name a dataset of the Hub, or leave out --with-data."
        )
    return SpaceCorpus(carried=(corpus, licence))
