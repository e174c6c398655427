"""The file that `clip.load(path, jit=False)` opens.

OpenAI's code tries `torch.jit.load` first and then reads the same handle at its end, so that a plain state dict fails
there (openai/CLIP#396). A TorchScript archive of bare parameters under its key names opens everywhere: `.state_dict()`
is all that is taken from it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from mate_hf.errors import MateError
from mate_hf.openai_clip.torchscript import read_tensors
from mate_hf.utils.first_bytes import mistaken
from mate_hf.utils.reasons import reason


class _Bare(nn.Module):
    """Holds parameters and modules by name, and does nothing."""


def write_archive(state: Mapping[str, Tensor], path: Path) -> None:
    """Write parameters (dotted names) as a TorchScript archive without code."""
    root = _Bare()
    for name, value in state.items():
        *folders, last = name.split(".")
        module: nn.Module = root
        for folder in folders:
            if not hasattr(module, folder):
                module.add_module(folder, _Bare())
            module = module.get_submodule(folder)
        module.register_parameter(last, nn.Parameter(value.detach().cpu(), requires_grad=False))
    with warnings.catch_warnings():
        # TorchScript is no longer developed; it stays what OpenAI's loader reads.
        warnings.simplefilter("ignore")
        # By way of a file of Python's: PyTorch's own writer ends the process where the disk is full.
        with path.open("wb") as file:
            torch.jit.save(torch.jit.script(root.eval()), file)


def read_archive(path: Path) -> dict[str, Tensor]:
    """The parameters of such an archive, or of OpenAI's own files; nothing in it is executed.

    Raises:
        MateError: no TorchScript archive.
    """
    try:
        return read_tensors(path)
    # Whatever a damaged zip or pickle meets first.
    except Exception as error:
        if what := mistaken(path, archives=False):
            raise MateError(f"{path}: not a TorchScript archive of CLIP's parameters: it {what}") from None
        raise MateError(
            f"{path}: not a TorchScript archive of CLIP's parameters ({reason(error)}). Expected the model.pt of `mate export "
            "--format openai-clip`, or one of OpenAI's files."
        ) from error
