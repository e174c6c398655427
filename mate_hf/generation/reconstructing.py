"""`mate reconstruct`: the motions of a split through a VQ-VAE's codes and back, beside the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from mate_hf.data.corpus import open_corpus
from mate_hf.errors import MateError
from mate_hf.generation.sample_folder import GENERATED, SampledClips, save_motion
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.objectives.code_use import code_use
from mate_hf.objectives.reconstruction import errors_in_cm
from mate_hf.runs.folder import model_folder
from mate_hf.utils.devices import device_of
from mate_hf.utils.files import write_json
from mate_hf.utils.outputs import SAMPLES, Output
from mate_hf.utils.versions import versions
from mate_hf.utils.weights import open_whole

RESULTS = "reconstruction.json"

TOGETHER = 64
"""Clips that are coded at a time."""

NONE = -1
"""The code of a level that adds nothing."""


@torch.no_grad()
def reconstruct(
    model: str | Path,
    data: str | Path,
    out: str | Path,
    split: str = "test",
    levels: int | None = None,
    which: str = "best",
    device: str = "cpu",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Code and decode each clip of a split.

    Args:
        model: run of `mate train-vq`, or a model folder.
        data: corpus.
        out: folder for `real/`, `generated/0/`, `captions.jsonl`, as `generate_split` writes them, and `reconstruction.json`.
        split: of the corpus.
        levels: first so many of the codes alone; by default all.
        which: `best` or `last`. device: where the model is run.
        overwrite: replace an earlier output.

    Returns:
        What `reconstruction.json` holds: `joint_error_cm` and `body_error_cm`, means over frames and then over clips, in the world and
        seen from the root; `used_1`, `perplexity_1`, ... of each level; and what was asked.

    Raises:
        MateError: no VQ-VAE, no such split, another kind of motion, no such levels, or `out` exists.
    """
    place = Output(Path(out), SAMPLES, overwrite, reads=[model, data])
    with place.held() as held:
        vq = open_whole(VQModel, model_folder(model, which)).eval()
        torch.nn.Module.to(vq, device_of(device))
        most = vq.config.levels
        if levels is not None and not 1 <= levels <= most:
            raise MateError(f"levels: {levels}; {model} has {most}, so expected 1 to {most}.")
        corpus = open_corpus(data)
        corpus.require_width(vq.config.motion_width, f"the VQ-VAE {model}")
        clips = SampledClips(corpus.split(split, str(data)))
        codes, sums = [], {"joint_error_cm": 0.0, "body_error_cm": 0.0}
        with held.written() as fresh:
            clips.save(fresh)
            for rows, motion, mask in _batches(clips, vq.device):
                said = vq.encode(vq.normalise(motion, mask), mask)
                said[..., most if levels is None else levels :] = NONE
                codes.append(said.flatten(0, 1).cpu())
                made = vq.denormalise(vq.decode(said, mask)) * mask.unsqueeze(-1)
                for name, error in errors_in_cm(made, motion, mask, corpus.kind).items():
                    sums[name] += float(error) * len(rows)
                for row, frames in zip(rows, made.cpu().numpy(), strict=True):
                    save_motion(
                        fresh / GENERATED / "0" / f"{clips.names[row]}.npy", frames[: clips.frames[row]]
                    )
            found = {
                "model": str(model),
                "which": which,
                "data": str(data),
                "split": split,
                "clips": len(clips.names),
                "levels": levels or most,
                **{name: total / len(clips.names) for name, total in sums.items()},
                **code_use(torch.cat(codes)[:, :levels], vq.config.codes),
                "versions": versions(),
            }
            write_json(fresh / RESULTS, found)
        return found


def _batches(clips: SampledClips, device: torch.device) -> Iterator[tuple[range, Tensor, Tensor]]:
    """Rows, their features (B,T,F), and which frames are there (B,T)."""
    for start in range(0, len(clips.names), TOGETHER):
        rows = range(start, min(start + TOGETHER, len(clips.names)))
        motions = [torch.tensor(clips.clips.motions[row], dtype=torch.float32, device=device) for row in rows]
        lengths = torch.tensor([len(motion) for motion in motions], device=device)
        motion = pad_sequence(motions, batch_first=True)
        yield rows, motion, torch.arange(motion.shape[1], device=device) < lengths[:, None]
