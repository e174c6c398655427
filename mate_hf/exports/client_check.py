"""`mate verify-client`: does a text-to-motion checkpoint hold the stock embedding table, or ours?

No client records which encoder it was trained with, and some checkpoints (MotionDiffuse, ReMoDiffuse) carry CLIP inside:
loading one that was trained with the stock encoder silently puts the stock table back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mate_hf.errors import MateError
from mate_hf.exports.report import REPORT_FILE, recorded_base
from mate_hf.openai_clip.archive import read_archive
from mate_hf.openai_clip.torchscript import is_torchscript
from mate_hf.text.encoders import open_text_encoder
from mate_hf.utils.contents import contents
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.pickles import load_pickle
from mate_hf.utils.weights import read_safetensors

COMPARED = ("hf", "hf-clip")
"""Formats that hold the table under its own name, beside the base's."""

OURS, STOCK, OTHER, ABSENT = "ours", "stock", "another", "absent"

_MEANING = {
    OURS: "holds the table of the export",
    STOCK: "holds the stock table: it was trained with, or saved from, the stock encoder. Loading it puts the stock words "
    "back; leave its text-encoder weights out, and train again with the export",
    OTHER: "holds a table that is neither the export's nor the stock encoder's",
}


@dataclass(frozen=True)
class Found:
    """One embedding table in a client.

    Attributes:
        name: of the weight.
        verdict: `ours`, `stock` or `another`.
        to_ours, to_stock: largest distance of an entry of the rows in which export and stock differ.
    """

    name: str
    verdict: str
    to_ours: float
    to_stock: float

    def __str__(self) -> str:
        return f"{self.name} {_MEANING[self.verdict]} (distance to the export {self.to_ours:.2g}, to stock {self.to_stock:.2g})."


@dataclass(frozen=True)
class ClientReport:
    """Every table of the export's shape in a client; none where the encoder is loaded by name at run time."""

    tables: tuple[Found, ...]

    @property
    def verdict(self) -> str:
        """`ours` or `stock` where all tables are; `absent` where there is none; else `another`."""
        verdicts = {table.verdict for table in self.tables}
        return ABSENT if not verdicts else verdicts.pop() if len(verdicts) == 1 else OTHER

    def summary(self) -> str:
        """What to do about it."""
        if self.tables:
            return "\n".join(map(str, self.tables))
        return (
            "holds no embedding table of this shape: the client loads its encoder by name when it runs. Change that name in "
            "every script, training and evaluation alike."
        )


def verify_client(
    checkpoint: str | Path | nn.Module | Mapping[str, Tensor], against: str | Path, base: str | None = None
) -> ClientReport:
    """Look for word-embedding tables in a checkpoint, a loaded model or a state dict.

    Args:
        checkpoint: `.pt`, `.pth`, `.tar`, `.ckpt`, `.safetensors`, or what was loaded from it. A `.pt` may be a TorchScript
            archive, as `model.pt` of format openai-clip and OpenAI's own files are.
        against: a folder of `mate export` (format hf).
        base: the stock encoder; by default what the export's report names.

    Raises:
        MateError: a file that does not open, an export of another format, or a base that is not known or has another table.
    """
    _require_compared_format(Path(against))
    ours = open_text_encoder(str(against)).embedding_rows
    name = base or recorded_base(Path(against))
    if name is None:
        raise MateError(f"{Path(against) / REPORT_FILE}: names no base encoder. Name it: --base.")
    stock = open_text_encoder(name).embedding_rows
    if stock.shape != ours.shape:
        raise MateError(
            f"base {name}: its table is {tuple(stock.shape)}, the export's {tuple(ours.shape)}. Name the encoder that the "
            "export was trained from: --base."
        )
    rows = (ours != stock).any(1)
    if not rows.any():
        raise MateError(
            f"{against} and {name} have the same embedding table: there is nothing to tell apart."
        )
    return ClientReport(
        tuple(
            _judge(name, table, ours[rows], stock[rows], rows)
            for name, table in _tables(_weights(checkpoint), ours.shape)
        )
    )


def _require_compared_format(against: Path) -> None:
    if not (against / REPORT_FILE).is_file():
        return
    format = read_json(against / REPORT_FILE, dict, "Write the export again.").get("format")
    if format not in COMPARED:
        raise MateError(
            f"{against}: an export of format {brief(format)}; expected one of format {' or '.join(COMPARED)}, made of the same run."
        )


def _judge(name: str, table: Tensor, ours: Tensor, stock: Tensor, rows: Tensor) -> Found:
    # As the client stored it: a half-precision table is compared with the two in half precision.
    kind = table.dtype if table.is_floating_point() else torch.float32
    own = table[rows].float()
    to_ours, to_stock = ((own - known.to(kind).float()).abs().max().item() for known in (ours, stock))
    if not (to_ours <= 1e-6 or to_stock <= 1e-6):
        return Found(name, OTHER, to_ours, to_stock)
    return Found(name, OURS if to_ours <= to_stock else STOCK, to_ours, to_stock)


def _weights(client: str | Path | nn.Module | Mapping[str, Tensor]) -> Any:
    if isinstance(client, nn.Module):
        return client.state_dict()
    if isinstance(client, Mapping):
        return client
    path = Path(client)
    if path.is_dir():
        raise MateError(f"{path}: a folder; expected the file in it that holds the weights. {contents(path)}")
    if not path.is_file():
        raise MateError(
            f"{path}: no such file. Expected a checkpoint: .pt, .pth, .tar, .ckpt or .safetensors."
        )
    if path.suffix == ".safetensors":
        return read_safetensors(path)
    return read_archive(path) if is_torchscript(path) else load_pickle(path)


def _tables(value: Any, shape: torch.Size) -> Iterator[tuple[str, Tensor]]:
    """Every tensor of this shape, however deep in dictionaries and lists; what stands in several places, in its first."""
    waiting: list[tuple[str, Any]] = [("", value)]
    seen: set[int] = set()
    while waiting:
        name, part = waiting.pop()
        if isinstance(part, Tensor):
            if part.shape == shape:
                yield name, part
        elif isinstance(part, (Mapping, list, tuple)) and id(part) not in seen:
            # A checkpoint may hold a list that holds itself.
            seen.add(id(part))
            entries = part.items() if isinstance(part, Mapping) else enumerate(part)
            waiting += reversed([(f"{name}.{key}" if name else str(key), held) for key, held in entries])
