"""What aligning adds to a step of its hosts at their published sizes: ATM's Table 8.

python -m benchmarks.alignment_step [--host mdm] [--repeats 5] [--threads 2] [--device cpu] [--out alignment_step.json]

Hosts are MDM (a transformer of 8 layers, 512 wide, that reads each of 196 frames and says the clean motion; 64 motions a step) and MoMask's
RVQ-VAE (`vq_base.yaml`: windows of 64 frames, 256 a step). *Host* is forward, loss, backward and AdamW; *aligned* adds both losses of ATM by
a module of TMR's size, in which every motion has a term, as is dearest. One step of eight aligned costs an eighth of what that adds.
Random weights and motions; captions are read beforehand. Medians of turns.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.timing import ratio, record, show, take_turns
from mate_hf.alignment import AlignmentSettings, align
from mate_hf.data.kinds import HUMANML3D
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.configuration_vq import VQConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.objectives.reconstruction import ReconstructionObjective
from mate_hf.training import configs
from mate_hf.training.vq_arguments import parse_arguments

VQ_BASE = Path(configs.__file__).parent / "vq_base.yaml"
EVERY = 8
Loss = Callable[[], tuple[Tensor, Tensor]]
"""A host's loss, and the motions (B,T,F) that it makes of its batch."""


def main(
    host: Annotated[str, typer.Option(help="mdm or momask.")] = "mdm",
    repeats: Annotated[int, typer.Option(help="Counted turns; medians are reported.")] = 5,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print seconds and ratios."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    build, batch, frames = HOSTS[host]
    motion = torch.randn(batch, frames, HUMANML3D.width, device=device)
    network, loss = build(motion)
    seconds = take_turns(step_cases(network, loss, motion), repeats)
    aligned = ratio(seconds, "aligned", "host")
    ratios = {"every step": aligned, f"one step of {EVERY}": 1 + (aligned - 1) / EVERY}
    show(
        f"A step of {host}, {batch} motions of {frames} frames",
        ["case", "seconds"],
        [[name, median(times)] for name, times in seconds.items()],
    )
    show("Aligned", ["", "x host"], [[name, value] for name, value in ratios.items()])
    record(out, {"host": host, "device": device, "seconds": seconds, "ratios": ratios}, sys.argv)


def step_cases(network: nn.Module, loss: Loss, motion: Tensor) -> dict[str, Callable[[], object]]:
    """`host` and `aligned` on one network and one batch of real motions (B,T,F)."""
    module = TMRModel(TMRConfig()).eval().requires_grad_(False)
    nn.Module.to(module, motion.device)
    lengths = torch.full((len(motion),), motion.shape[1], device=motion.device)
    texts = torch.randn(len(motion), module.config.latent_size, device=motion.device)
    alike = torch.eye(len(motion), device=motion.device)
    # No motion is close enough to its real one to be left alone.
    settings = AlignmentSettings(aligned_motion=1.0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)

    def embed(frames: Tensor, there: Tensor) -> Tensor:
        return module.encode_motion(frames, there).mean

    def step(aligned: bool) -> None:
        value, made = loss()
        if aligned:
            value = value + align(made, motion, lengths, texts, alike, embed, HUMANML3D.fps, settings).total
        value.backward()
        optimizer.step()
        optimizer.zero_grad()

    return {"host": lambda: step(False), "aligned": lambda: step(True)}


class MDM(nn.Module):
    """The denoiser of Tevet et al. 2023 in what it costs by: a token for time and text, and one for every frame."""

    def __init__(self, width: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(512, 4, 1024, 0.1, "gelu", batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 8, enable_nested_tensor=False)
        self.enter, self.leave = nn.Linear(width, 512), nn.Linear(512, width)

    def forward(self, motion: Tensor, condition: Tensor) -> Tensor:
        return self.leave(self.layers(torch.cat([condition, self.enter(motion)], 1))[:, 1:])


def mdm(motion: Tensor) -> tuple[nn.Module, Loss]:
    """MDM, and its loss on `motion`."""
    network = MDM(motion.shape[-1]).to(motion.device).train()
    condition = torch.randn(len(motion), 1, 512, device=motion.device)
    noisy = motion + torch.randn_like(motion)

    def loss() -> tuple[Tensor, Tensor]:
        made = network(noisy, condition)
        return F.mse_loss(made, motion), made

    return network, loss


def momask(motion: Tensor) -> tuple[nn.Module, Loss]:
    """MoMask's RVQ-VAE, and its loss on `motion`."""
    sizes = parse_arguments(["--config", str(VQ_BASE), "--data", "none", "--output_dir", "none"])
    model = VQModel(VQConfig(**vars(sizes.model)))
    made: list[Tensor] = []

    def keep(reconstruction: Tensor, *_: Tensor) -> dict[str, Tensor]:
        made.append(reconstruction)
        return {"total": reconstruction.new_zeros(())}

    objective = ReconstructionObjective(model, sizes.objective, HUMANML3D, keep).to(motion.device).train()
    mask = motion.new_ones(motion.shape[:2], dtype=torch.bool)
    numbers = torch.arange(len(motion), device=motion.device)

    def loss() -> tuple[Tensor, Tensor]:
        return objective(motion, mask, numbers)["loss"], made.pop()

    return objective, loss


HOSTS: dict[str, tuple[Callable[[Tensor], tuple[nn.Module, Loss]], int, int]] = {
    "mdm": (mdm, 64, 196),
    "momask": (momask, 256, 64),
}
"""Name -> what builds it, motions a step, frames a motion."""


if __name__ == "__main__":
    typer.run(main)
