"""Tables on disk are memory-mapped and believed: a damaged one is refused here, before reading it ends the process."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from datasets import Array2D, Dataset

from mate_hf.data.columns import Column, MotionColumn
from mate_hf.data.split import FIRST_FRAME, MOTION_ROW
from mate_hf.errors import MateError
from mate_hf.utils.json_files import brief


def require_whole(table: Dataset, where: str) -> None:
    """Every offset of every column points into its file, in order, and every text is UTF-8; what is told of it is text. Numbers
    themselves are not read.

    Raises:
        MateError: naming the column.
    """
    for field in ("description", "citation", "homepage", "license"):
        if not isinstance(told := getattr(table.info, field), str):
            raise MateError(
                f"{where}, dataset_info.json: {field} is {brief(told)}; expected text. Copy or prepare it again."
            )
    for name in table.data.column_names:
        try:
            for chunk in table.data.column(name).chunks:
                stored = chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk
                stored.validate(full=True)
        except pa.ArrowException as error:
            raise MateError(
                f"{where}, column {name}: the file is damaged ({str(error).splitlines()[0]}). Copy or prepare it again."
            ) from error
    motion = table.features.get("motion")
    if isinstance(motion, Array2D):
        width = int(motion.shape[1])
        if MotionColumn(table).has_nulls():
            raise MateError(f"{where}, column motion: some numbers are null. Leave such motions out.")
        if (MotionColumn(table).widths() != width).any():
            raise MateError(
                f"{where}, column motion: the file is damaged (frames that are not {width} numbers). Copy it again."
            )


def require_places(captions: Dataset, table: Dataset, where: str) -> None:
    """Every caption speaks of frames that its motion has.

    Raises:
        MateError: naming the first that does not.
    """
    rows, first, lengths = (
        Column(captions, name).to_numpy().astype(np.int64) for name in (MOTION_ROW, FIRST_FRAME, "length")
    )
    frames = MotionColumn(table).lengths()
    there = (rows >= 0) & (rows < len(frames)) & (first >= 0) & (lengths >= 0)
    there[there] &= first[there] + lengths[there] <= frames[rows[there]]
    if not there.all():
        row = int(np.argmin(there))
        raise MateError(
            f"{where}: caption {row} speaks of frames {first[row]} to {first[row] + lengths[row]} of motion {rows[row]}, which is not "
            f"there ({len(frames)} motions). Captions and motions are damaged, or not of one corpus: prepare it again."
        )
