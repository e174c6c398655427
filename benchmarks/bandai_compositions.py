"""The clips of ../shared/data/bandai, split by combinations: content and style of every test clip never meet in training.

    python -m benchmarks.bandai_compositions ../shared/data/bandai OUT

OUT links to the source's motions and captions and has its own split lists: all clips of the pairs that `bandai_sequences` holds
out are the test split; the source's training and validation clips of other pairs are those splits; the rest is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.bandai_sequences import read_labels
from mate_hf.utils.files import written_whole


def main(
    source: Annotated[Path, typer.Argument(help="Folder in the layout of ../shared/data/bandai.")],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
) -> None:
    """Write the folder and say how many clips each split holds."""
    typer.echo(write_compositions(source, out))


def write_compositions(source: Path, out: Path) -> dict[str, int]:
    """Write the folder, whole or not at all; how many clips each split holds."""
    names: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for row, held_out in read_labels(source):
        if held_out:
            names["test"].append(row["id"])
        elif row["split"] != "test":
            names[row["split"]].append(row["id"])
    with written_whole(out, overwrite=False) as folder:
        folder.mkdir(parents=True)
        for part in ("new_joints", "texts"):
            (folder / part).symlink_to((source / part).resolve(), target_is_directory=True)
        for split, listed in names.items():
            (folder / f"{split}.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")
    return {split: len(listed) for split, listed in names.items()}


if __name__ == "__main__":
    typer.run(main)
