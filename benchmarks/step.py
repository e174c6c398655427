"""What MATE adds to the three transformers that must run anyway: a training step against their bare forward and backward.

python -m benchmarks.step [--batch 64] [--frames 196] [--words 1] [--repeats 5] [--device cpu] [--precision no]
                          [--compiled [--mode reduce-overhead]] [--peak TFLOPS] [--out step.json]

CLIP ViT-B/32's text tower, D = 512, 6 layers, random weights, rows of 3,000 tokens learning; medians of turns. *Bare* is the text
encoder, motion encoder and decoder on the same tensors, forward and backward, frozen weights frozen; *losses* adds the words and the
losses of Eq. 8; *step* adds AdamW's update. The paper trains for 36,000 steps. TFLOP are counted by torch, from matrix products alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.paper_size import Size, bare_features, paper_batch, paper_objective
from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.training.freezing import parameter_groups

PAPER_STEPS = 36_000


def main(
    batch: Annotated[int, typer.Option(help="Captioned motions a step.")] = 64,
    frames: Annotated[int, typer.Option(help="Frames of each motion.")] = 196,
    words: Annotated[int, typer.Option(help="Words drawn from each caption.")] = 1,
    repeats: Annotated[int, typer.Option(help="Counted turns; medians are reported.")] = 5,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    precision: Annotated[str, typer.Option(help="no or bf16.")] = "no",
    compiled: Annotated[
        bool,
        typer.Option(
            help="torch.compile: on a GPU of the whole, on a CPU, where lengths are looked at, of the model's parts."
        ),
    ] = False,
    mode: Annotated[
        str, typer.Option(help="Of torch.compile: default, reduce-overhead (CUDA graphs) or max-autotune.")
    ] = "default",
    peak: Annotated[
        float | None, typer.Option(help="TFLOP/s that the device can do, for the share of it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print seconds, ratios, and what they come to."""
    torch.set_num_threads(threads)
    size = Size(batch=batch, frames=frames, words=words)
    cases = step_cases(size, device, precision, mode if compiled else None)
    seconds = take_turns(cases, repeats)
    ratios = {name: ratio(seconds, name, "bare") for name in seconds}
    show(
        f"One step: {batch} motions of {frames} frames on {device}, precision {precision}"
        + (f", compiled ({mode})" if compiled else ""),
        ["case", "seconds", "over bare"],
        [[name, median(times), ratios[name]] for name, times in seconds.items()],
    )
    with FlopCounterMode(display=False) as counter:
        cases["step"]()
    each = median(seconds["step"])
    speed = counter.get_total_flops() / each / 1e12
    share = "" if peak is None else f", {100 * speed / peak:.1f} % of {peak:g}"
    print(
        f"{1 / each:.3g} steps/s, {speed:.3g} TFLOP/s{share}; {PAPER_STEPS} steps in {PAPER_STEPS * each / 3600:.3g} hours"
    )
    record(
        out,
        {
            "device": device,
            "precision": precision,
            "compiled": mode if compiled else None,
            "ratios": ratios,
            "tflops": speed,
            "seconds": seconds,
        },
        sys.argv,
    )


def step_cases(
    size: Size, device: str = "cpu", precision: str = "no", mode: str | None = None
) -> dict[str, Callable[[], object]]:
    """`bare`, `losses` and `step` on the same model and tensors; `mode`: of torch.compile, None to leave it."""
    objective = paper_objective(size, device)
    model, features = objective.model, bare_features
    if mode is not None and device == "cpu":
        for part in (model.motion_encoder, model.motion_decoder, model.text_encoder):
            part.compile(dynamic=True, mode=mode)
    elif mode is not None:
        objective.compile(mode=mode, fullgraph=True)
        features = torch.compile(bare_features, mode=mode, fullgraph=True)
    tensors = paper_batch(size, device)
    on_gpu = device == "cuda"
    optimizer = torch.optim.AdamW(parameter_groups(model, 1e-4, 1e-5, 0.01), fused=on_gpu)

    def autocast() -> AbstractContextManager[object]:
        return torch.autocast(device, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()

    def backward(loss: Callable[[], Tensor]) -> None:
        with autocast():
            value = loss()
        value.backward()

    def bare() -> None:
        backward(lambda: features(objective, tensors))
        optimizer.zero_grad()

    def losses() -> None:
        backward(lambda: objective(**tensors)["loss"])
        optimizer.zero_grad()

    def step() -> None:
        backward(lambda: objective(**tensors)["loss"])
        optimizer.step()
        optimizer.zero_grad()

    return {"bare": bare, "losses": losses, "step": step}


if __name__ == "__main__":
    typer.run(main)
