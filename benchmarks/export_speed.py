"""An export costs what the stock encoder costs: captions a second of both, taking turns.

python -m benchmarks.export_speed STOCK EXPORT [--captions 256] [--repeats 9] [--out speed.json]
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer

from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.text.encoders import open_text_encoder

CAPTIONS = (
    "a person walks forward and turns left",
    "someone slowly raises both arms, then sits down",
    "the man jogs in a counterclockwise circle",
    "she kicks twice with the right leg",
)


def main(
    stock: Annotated[str, typer.Argument(help="Hub id, folder, or package:NAME.")],
    export: Annotated[str, typer.Argument(help="Folder of mate export, format hf.")],
    captions: Annotated[int, typer.Option(help="Captions a turn.")] = 256,
    repeats: Annotated[int, typer.Option(help="Counted turns; medians are reported.")] = 9,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print both speeds and their ratio."""
    torch.set_num_threads(threads)
    texts = [CAPTIONS[number % len(CAPTIONS)] for number in range(captions)]
    cases = {
        name: partial(open_text_encoder(path).sentence_features, texts)
        for name, path in (("stock", stock), ("export", export))
    }
    seconds = take_turns(cases, repeats)
    found = ratio(seconds, "export", "stock")
    show(
        f"Sentence features of {captions} captions: the export takes {found:.2f} x the time of the stock encoder",
        ["encoder", "captions / s"],
        [[name, captions / median(times)] for name, times in seconds.items()],
    )
    record(
        out,
        {"ratio": found, "captions_per_second": {n: captions / median(t) for n, t in seconds.items()}},
        sys.argv,
    )


if __name__ == "__main__":
    typer.run(main)
