"""A text encoder as a folder that `open_text_encoder` opens as the same one."""

from __future__ import annotations

from pathlib import Path

from mate_hf.text.encoders import TextEncoder
from mate_hf.utils.files import as_json

TEXT_ENCODER = "text_encoder"
"""Beside a model that reads text: the folder of its encoder, which is opened in place of the one it names."""


def write_encoder(encoder: TextEncoder, folder: Path) -> None:
    """Write weights, tokenizer and how sentences are pooled to a folder that is not there yet."""
    encoder.model.save_pretrained(folder)
    encoder.tokenizer.save_pretrained(folder)
    (folder / "1_Pooling").mkdir()
    pooling = {"pooling_mode_cls_token": encoder.pooling == "first"}
    (folder / "1_Pooling" / "config.json").write_text(as_json(pooling), encoding="utf-8")
