"""The clips of a shard of a corpus folder, a line each, in the order in which they were met."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from mate_hf.data.columns import MotionColumn
from mate_hf.data.kinds import MotionKind
from mate_hf.data.opened_clips import OpenedClip
from mate_hf.data.prepared import DAMAGE
from mate_hf.data.stored_motions import MOTIONS_FOLDER, load_motions
from mate_hf.data.whole_tables import require_whole
from mate_hf.errors import MateError
from mate_hf.text.caption_lines import Annotation
from mate_hf.utils.json_files import brief, read_json_lines, require_fields
from mate_hf.utils.reasons import reason
from mate_hf.utils.shards import REMEDY

CLIPS_FILE = "clips.jsonl"


def clip_record(split: str, name: str, opened: OpenedClip, place: int | None) -> dict[str, Any]:
    """A clip without its motion.

    Args:
        place: of its motion in the shard's table; None where no caption speaks of it.
    """
    return {
        "split": split,
        "id": name,
        "frames": len(opened.motion),
        "motion": -1 if place is None else place,
        "captions": [[told.caption, told.start, told.end] for told in opened.annotations],
        "problems": opened.problems,
        "odd": list(opened.odd),
    }


class ShardClips:
    """The clips of a shard, to be taken one after another.

    Raises:
        MateError: the table of motions is damaged or of another kind.
    """

    def __init__(self, folder: Path, kind: MotionKind) -> None:
        self.folder, self.kind = folder, kind
        self._records = read_json_lines(folder / CLIPS_FILE, dict, REMEDY)
        self._motions = self._opened() if (folder / MOTIONS_FOLDER).is_dir() else None

    def take(self, split: str, name: str) -> tuple[OpenedClip, bool]:
        """The next clip, and whether the shard holds its motion: else only its length is right.

        Raises:
            MateError: it is another one than asked for, there is none, or its line is damaged.
        """
        where, record = next(self._records, (f"{self.folder / CLIPS_FILE}", {}))
        fields = {"split": str, "id": str, "frames": int, "motion": int}
        require_fields(record, where, {**fields, "captions": list, "problems": list, "odd": list}, REMEDY)
        if (record["split"], record["id"]) != (split, name):
            raise MateError(
                f"{where}: clip {brief(record['id'])} of {record['split']}; expected {brief(name)} of {split}. {REMEDY}"
            )
        frames, place = record["frames"], record["motion"]
        held = place >= 0
        if held and (self._motions is None or place >= len(self._motions) or frames < 1):
            raise MateError(f"{where}: motion {place} is not in {self.folder / MOTIONS_FOLDER}. {REMEDY}")
        if held:
            assert self._motions is not None
            motion = self._motions[place]
            if len(motion) != frames:
                raise MateError(f"{where}: {frames} frames; its motion has {len(motion)}. {REMEDY}")
        else:
            motion = np.broadcast_to(np.zeros(self.kind.width, np.float32), (max(frames, 0), self.kind.width))
        told = [_annotation(value, where) for value in record["captions"]]
        problems, odd = _texts(record["problems"], where), _texts(record["odd"], where)
        return OpenedClip(motion, told, problems, tuple(odd)), held

    def require_end(self) -> None:
        """Make sure that all clips were taken.

        Raises:
            MateError: some were not.
        """
        for where, _ in self._records:
            raise MateError(f"{where}: a clip that no split list names. {REMEDY}")

    def _opened(self) -> MotionColumn:
        folder = self.folder / MOTIONS_FOLDER
        try:
            table = load_motions(folder)
            require_whole(table, f"{folder}")
            motions = MotionColumn(table)
            widths = motions.widths()
        except DAMAGE as error:
            raise MateError(f"{folder}: a damaged table of motions ({reason(error)}). {REMEDY}") from error
        if (widths != self.kind.width).any():
            raise MateError(
                f"{folder}: motions of {widths[0]} features a frame; expected {self.kind.width} ({self.kind.name}). {REMEDY}"
            )
        return motions


def _annotation(value: Any, where: str) -> Annotation:
    kinds = [type(part) for part in value] if isinstance(value, list) else []
    if kinds != [str, float, float] or not (math.isfinite(value[1]) and math.isfinite(value[2])):
        raise MateError(
            f"{where}: caption {brief(value)}; expected a text and two times in seconds. {REMEDY}"
        )
    return Annotation(*value)


def _texts(values: list[Any], where: str) -> list[str]:
    for value in values:
        if not isinstance(value, str):
            raise MateError(f"{where}: {brief(value)}; expected text. {REMEDY}")
    return values
