"""What an export is made from: the run's model with its tokenizer and words, and the base encoder it started as."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.modeling.text_families import family_of
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.model import open_model
from mate_hf.text.encoders import TextEncoder, open_text_encoder, open_tokenizer
from mate_hf.text.packages import source_of
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary
from mate_hf.utils.json_files import brief
from mate_hf.utils.weights import file_beside


@dataclass
class Trained:
    """A trained model and where it came from.

    Attributes:
        base_name, base_revision: the text encoder that training started from; None where nobody recorded it.
        folder: that the model was opened from.
    """

    model: MateModel
    tokenizer: PreTrainedTokenizerBase
    vocabulary: Vocabulary | None
    base_name: str | None
    base_revision: str | None
    folder: Path | None = None

    @property
    def token_limit(self) -> int:
        """Tokens the encoder takes, special tokens included."""
        return family_of(self.model.config.text_config).token_limit(self.model.config.text_config)

    @property
    def is_clip(self) -> bool:
        """Whether the text encoder is CLIP's."""
        return self.model.config.text_config.model_type == "clip_text_model"

    def require_clip(self, format: str) -> None:
        """Refuse the formats that only CLIP has.

        Raises:
            MateError: another text encoder.
        """
        if not self.is_clip:
            raise MateError(
                f"format {format}: this run's text encoder is {self.model.config.text_config.model_type}, not CLIP. Use hf, "
                "adapter or full."
            )

    def require_base(self, format: str) -> str:
        """The base encoder's name.

        Raises:
            MateError: it is not known.
        """
        if self.base_name is None:
            raise MateError(
                f"format {format} needs the base encoder, and this run does not say which it was. Name it: --base."
            )
        return self.base_name

    @cached_property
    def encoder(self) -> TextEncoder:
        """The trained text encoder, as any stock one is read."""
        return TextEncoder(
            "export", self.model.text_encoder.eval(), self.tokenizer, self.model.config.pooling
        )

    @cached_property
    def base(self) -> TextEncoder:
        """The stock encoder that training started from.

        Raises:
            MateError: it is not known or not at hand, or it has another vocabulary.
        """
        encoder = open_text_encoder(self.require_base("report"), self.base_revision)
        ours = self.model.embedding_rows.shape
        if encoder.embedding_rows.shape != ours:
            raise MateError(
                f"base encoder {self.base_name}: its embedding table is {tuple(encoder.embedding_rows.shape)}, that of the "
                f"run is {tuple(ours)}. Name the encoder that the run was trained from: --base."
            )
        return encoder

    @property
    def base_source(self) -> str:
        """The base encoder as `from_pretrained` takes it."""
        return source_of(self.require_base("this"))

    def base_file(self, name: str) -> Path | None:
        """A file beside the base encoder's weights; None where there is none, or no base is known."""
        if self.base_name is None:
            return None
        return file_beside(self.base_source, name, self.base_revision)


def open_trained(run: str | Path, which: str = "best", base: str | None = None) -> Trained:
    """Open a run folder or a model folder.

    Args:
        base: the text encoder it was trained from, where the run does not know or it lies elsewhere now.

    Raises:
        MateError: no model there, half of one, one whose tokenizer has other tokens than its embedding table, or `base`
            does not open.
    """
    folder = RunFolder(Path(run)).model(which)
    model = open_model(run, which)
    tokenizer = open_tokenizer(folder)
    rows = len(model.embedding_rows)
    if len(tokenizer) > rows:
        raise MateError(
            f"{folder}: the tokenizer knows {len(tokenizer)} tokens, the embedding table has {rows} rows. They belong to "
            "different encoders: take tokenizer and weights from one run."
        )
    words = folder / VOCABULARY_FILE
    vocabulary = Vocabulary.load(words) if words.is_file() else None
    known: dict[str, Any] = {"text_encoder": base} if base is not None else RunFolder.around(run).settings()
    name, revision = known.get("text_encoder"), known.get("text_encoder_revision")
    for setting in (name, revision):
        if setting is not None and not isinstance(setting, str):
            raise MateError(f"{run}: its text encoder is {brief(setting)}; expected a name. Name it: --base.")
    trained = Trained(model, tokenizer, vocabulary, name, revision, folder)
    if base is not None:
        # What a user names must be there; what a run remembers may be gone.
        _ = trained.base
    return trained
