"""Format `openai-clip`: a `.pt` for `clip.load(path, jit=False)`, and its safetensors twin."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from mate_hf.errors import MateError
from mate_hf.exports.base_clip import open_base_clip
from mate_hf.exports.stock import PROBE, probe_tokens, require_equal
from mate_hf.exports.tokenizer_files import save_tokenizer
from mate_hf.openai_clip import read_archive, stand_in_visual, to_openai, write_archive
from mate_hf.openai_clip.tower import HEAD_WIDTH, clip_text
from mate_hf.runs.trained import Trained

VISUAL = ("base", "stand-in")
ARCHIVE, TWIN = "model.pt", "model.safetensors"


def require_visual(visual: str) -> None:
    """Refuse a visual tower that is none of `VISUAL`.

    Raises:
        MateError: one of another name.
    """
    if visual not in VISUAL:
        raise MateError(f"visual: {visual!r}; expected one of {', '.join(VISUAL)}.")


def write_openai(trained: Trained, folder: Path, visual: str = "base") -> None:
    """`model.pt`, which openai/CLIP, openai-clip and clip-anytorch open; `model.safetensors`; the tokenizer.

    No one file opens by `clip.load` and `torch.load` alike: without the record of constants by which `torch.load` knows an
    archive that it refuses, `torch.jit.load` opens none.

    Args:
        visual: `base`, the base CLIP's visual tower; `stand-in`, an empty one of 64 units that saves 350 MB, for code
            that never looks at images and whose checkpoints hold no `clip.*` weights.

    Raises:
        MateError: not CLIP, a tower of another shape than OpenAI's, or no base CLIP at hand.
    """
    trained.require_clip("openai-clip")
    require_visual(visual)
    _require_openai_shape(trained)
    state = to_openai(trained.model.text_encoder.state_dict())
    state |= _visual(trained, visual, state["text_projection"].shape[1])
    folder.mkdir()
    write_archive(state, folder / ARCHIVE)
    save_file(state, folder / TWIN)
    save_tokenizer(trained, folder)
    _verify(trained, folder)


def _visual(trained: Trained, visual: str, width: int) -> dict[str, Tensor]:
    if visual == "stand-in":
        return stand_in_visual(width)
    base = to_openai(open_base_clip(trained, "openai-clip").state_dict())
    return {
        name: value for name, value in base.items() if name.startswith("visual.") or name == "logit_scale"
    }


def _require_openai_shape(trained: Trained) -> None:
    config = trained.model.text_encoder.config
    if config.hidden_size != HEAD_WIDTH * config.num_attention_heads:
        raise MateError(
            f"format openai-clip: {config.num_attention_heads} heads of a width of {config.hidden_size}; OpenAI's code takes "
            f"the width / {HEAD_WIDTH}. Use hf or hf-clip."
        )
    if config.hidden_act != "quick_gelu":
        raise MateError(
            f"format openai-clip: activation {config.hidden_act}; OpenAI's code has quick_gelu built in. Use hf or hf-clip."
        )


@torch.no_grad()
def _verify(trained: Trained, folder: Path) -> None:
    tower = clip_text(read_archive(folder / ARCHIVE), tokenizer=trained.tokenizer)
    expected = trained.model.text_encoder(**probe_tokens(trained)).text_embeds
    require_equal(tower.encode_text(PROBE), expected, "clip.load's tower", tolerance=1e-5)
