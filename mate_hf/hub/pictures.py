"""Pictures of a model card: what tuning did to the words of the run, drawn while it is pushed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.reports.word_figures import FIGURES, Words
from mate_hf.runs.trained import Trained
from mate_hf.utils.outputs import FILE, Output
from mate_hf.utils.terminal import note

FOLDER = "pictures"


@dataclass(frozen=True)
class CardPicture:
    """A picture in the repository.

    Attributes:
        figure: of `mate plot words`.
        alt: what is seen, for who does not see it.
        said: what it shows.
    """

    figure: str
    alt: str
    said: str

    @property
    def file(self) -> str:
        """Where it lies in the repository."""
        return f"{FOLDER}/{self.figure}.png"

    @property
    def command(self) -> str:
        """What draws it again."""
        return f"mate plot words RUN --figure {self.figure} --out {self.figure}.png"


PICTURES = (
    CardPicture(
        "map",
        "Two maps of the words of the training captions, by the stock encoder and after tuning; points are coloured by class of word, and "
        "lines join contraries",
        "Words before and after tuning: what lies together is alike. The mean cosine of contraries stands above each map.",
    ),
    CardPicture(
        "contraries",
        "Two tables of colours with the cosines of contrary words with one another, by the stock encoder and after tuning; each contrary "
        "pair is framed",
        "Cosines of contrary words with one another: the redder, the more alike. Contraries are framed.",
    ),
    CardPicture(
        "displacement",
        "Bars of how far rows of the embedding table moved from the stock encoder, one for each class of word",
        "How far rows of the embedding table moved, by class of word.",
    ),
)


def draw_pictures(trained: Trained, name: str, folder: Path) -> list[CardPicture]:
    """Draw what can be drawn to `folder/pictures/`; what cannot is named in a line.

    Args:
        name: what the pictures call the run.

    Returns:
        Those that are there.
    """
    try:
        # All of them set the run beside its stock encoder.
        _ = trained.base
        if trained.vocabulary is None:
            raise MateError("no vocabulary.json beside the weights says which words were trained.")
    except MateError as error:
        note(f"no pictures on the card: {error}")
        return []
    (folder / FOLDER).mkdir()
    words = Words(name, trained, trained.vocabulary)
    drawn = [picture for picture in PICTURES if _drawn(picture, words, folder)]
    if not drawn:
        (folder / FOLDER).rmdir()
    return drawn


def _drawn(picture: CardPicture, words: Words, folder: Path) -> bool:
    try:
        FIGURES[picture.figure](words, Output(folder / picture.file, FILE))
    except MateError as error:
        note(f"no picture {picture.figure} on the card: {error}")
        return False
    return True
