"""Which words a diffusion generator hears: how much worse it clears a motion of noise where a word of its caption is turned.

python -m benchmarks.heard_words GENERATOR_RUN --data CORPUS [--split test] [--clips 60] [--which last] [--out heard_words.json]

Of captions with a left or right, a count, an order or a speed, one such word is turned into its contrary. The motion is noised the same three
times, at times from nearly pure noise to little; the error of the clean motion that the model says of it (mean square of normalised features) with
the right caption stands beside what the wrong one adds. A word that adds nothing is not heard: no sampler can make up for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import torch
import typer

from benchmarks.timing import record, show
from mate_hf.data.batching import evaluation_batch
from mate_hf.data.corpus import open_corpus
from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.generation import MotionPipeline
from mate_hf.generation.reading import hear
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.text.opposites import cased_like, contraries

WORDS = {
    "side": ("left", "right"),
    "count": ("once", "twice", "two", "three"),
    "order": ("before", "after"),
    "speed": ("slowly", "quickly", "rapidly", "fast"),
}
"""Kind -> words that are turned."""

TIMES = (0.999, 0.99, 0.97, 0.9, 0.8, 0.6)
"""Shares of all noise levels."""

REPEATS = 3

Turned = tuple[int, str, str]
"""Row, caption, and the caption with one word turned."""


def main(
    model: Annotated[str, typer.Argument(help="Run of `mate train-generator`.")],
    data: Annotated[str, typer.Option(help="Corpus that it was trained on.")],
    split: Annotated[str, typer.Option(help="Of the corpus.")] = "test",
    clips: Annotated[int, typer.Option(help="At most so many of each kind of word.")] = 60,
    which: Annotated[str, typer.Option(help="best or last.")] = "best",
    text_encoder: Annotated[str | None, typer.Option(help="Where the encoder lies now.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print, of each kind of word and time, the error and what the turned word adds."""
    pipe = MotionPipeline.from_pretrained(model, which, text_encoder=text_encoder)
    if not isinstance(pipe.model, MDMModel):
        raise MateError(f"{model}: says codes of motions. This asks generators that clear noise.")
    chosen = open_corpus(data).split(split, data)
    found: list[dict[str, object]] = []
    table: list[list[object]] = []
    for kind, words in WORDS.items():
        turned = list(turned_captions(chosen, words))
        turned = turned[:: max(1, len(turned) // clips)][:clips]
        for share, right, added, better in heard(pipe, chosen, turned) if turned else ():
            found.append(
                {"words": kind, "noise": share, "error": right, "added": added, "right is better": better}
            )
            table.append(
                [f"{kind} ({len(turned)})", f"{share:g}", f"{right:.3f}", f"{added:+.1%}", f"{better:.0%}"]
            )
    show(
        f"{split}: what a turned word adds to the error",
        ["words (captions)", "noise", "error", "added", "right one better"],
        table,
    )
    if out is not None:
        record(out, {"heard": found}, sys.argv)


def turned_captions(split: Split, words: tuple[str, ...]) -> Iterator[Turned]:
    """Row, caption, and the caption with its first word of these turned."""
    for row, caption in enumerate(split["caption"]):
        for text, start, end in find_words(caption):
            if surface_form(text) in words:
                other = cased_like(text, contraries(text)[0])
                yield row, caption, caption[:start] + other + caption[end:]
                break


@torch.no_grad()
def heard(
    pipe: MotionPipeline, split: Split, turned: list[Turned]
) -> Iterator[tuple[float, float, float, float]]:
    """Of each time: its share of all, the mean error, what the wrong captions add to it, and how often the right one has less."""
    model = pipe.model
    batch = evaluation_batch(split.motions, [row for row, _, _ in turned])
    mask = batch["mask"]
    clean = model.normalise(batch["motion"], mask)
    said = [
        hear(pipe.encoder, [right for _, right, _ in turned]),
        hear(pipe.encoder, [wrong for _, _, wrong in turned]),
    ]
    for share in TIMES:
        time = torch.full((len(turned),), float(int(share * model.process.timesteps)))
        errors = torch.zeros(2, len(turned))
        for repeat in range(REPEATS):
            noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(repeat))
            noisy = model.process.noisy(clean, noise, time)
            for place, text in enumerate(said):
                guessed = model.process.clean(
                    model(noisy, time, mask, text.text, text.mask, text.sentence), noisy, time
                )
                off = (guessed - clean).square().mean(-1) * mask
                errors[place] += off.sum(1) / mask.sum(1) / REPEATS
        right, wrong = errors
        added = (wrong - right).mean() / right.mean()
        yield share, float(right.mean()), float(added), float((wrong > right).float().mean())


if __name__ == "__main__":
    typer.run(main)
