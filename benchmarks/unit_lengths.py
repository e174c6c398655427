"""Do segments depend on the unit they are made of (Table 10)? Boundaries of the same captions by four unit lengths.

python -m benchmarks.unit_lengths RUN --data DATA [--split test] [--out units.json]

RUN is a retrieval model; captions are cut by the rules, and only those count that fit their motion at every length.
"""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.timing import record, show
from mate_hf.data.corpus import Corpus, open_corpus
from mate_hf.evaluation.localization import Example, boundary_error, located_segments, uniform_segments
from mate_hf.localization.units import unit_frames
from mate_hf.retrieval.retriever import open_retriever
from mate_hf.text.decomposition import RuleDecomposer

SECONDS = (0.25, 0.5, 0.75, 1.0)


def main(
    run: Annotated[Path, typer.Argument(help="Run of train_retrieval.py, or a converted checkpoint.")],
    data: Annotated[str, typer.Option(help="Folder, prepared Dataset or Hub id.")],
    split: Annotated[str, typer.Option()] = "test",
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print how far the boundaries by two unit lengths lie apart, in seconds."""
    with TemporaryDirectory(prefix="mate-units-") as scratch:
        corpus = open_corpus(data, scratch)
        items = captions_of_several_actions(corpus, split)
        fps = corpus.kind.fps
    retriever = open_retriever(run)
    asked = [(item, item.sub_texts) for item in items]
    found = {seconds: located_segments(asked, retriever, unit_frames(seconds, fps)) for seconds in SECONDS}
    apart = {
        f"{a} / {b}": fmean(boundary_error(x, y, fps) for x, y in zip(found[a], found[b], strict=True))
        for a, b in combinations(SECONDS, 2)
    }
    uniform = [uniform_segments(len(item.motion), len(item.sub_texts)) for item in items]
    apart["0.5 / uniform"] = fmean(
        boundary_error(x, y, fps) for x, y in zip(found[0.5], uniform, strict=True)
    )
    show(
        f"Boundaries of {len(items)} captions, {split} split, mean distance in seconds",
        ["units", "apart"],
        [[name, value] for name, value in apart.items()],
    )
    record(out, {"captions": len(items), "split": split, "seconds_apart": apart}, sys.argv)


def captions_of_several_actions(corpus: Corpus, split: str) -> list[Example]:
    """Captions with more than one sub-text and a motion that holds them at the longest unit."""
    rows = corpus.splits[split]
    decomposed = list(RuleDecomposer().decompose(list(rows["caption"])))
    motions = rows.motions
    longest = unit_frames(max(SECONDS), corpus.kind.fps)
    return [
        Example(rows["clip"][row], rows["caption"][row], tuple(texts), (), False, motions[row])
        for row, texts in enumerate(decomposed)
        if 1 < len(texts) <= rows["length"][row] // longest
    ]


if __name__ == "__main__":
    typer.run(main)
