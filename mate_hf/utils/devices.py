"""Where models are run."""

from __future__ import annotations

import torch

from mate_hf.errors import MateError
from mate_hf.utils.reasons import reason


def device_of(name: torch.device | str) -> torch.device:
    """A device by its name: `cpu`, `cuda`, `cuda:1`, ...

    Raises:
        MateError: no such kind of device, or this machine has none.
    """
    try:
        device = torch.device(name)
        if device.type == "meta":
            raise ValueError("holds no numbers")
        torch.zeros(1, device=device).cpu()
    # torch has an error of its own for each kind of device, and asserts some.
    except Exception as error:
        raise MateError(
            f"device {str(name)!r}: {reason(error)}. Expected {', '.join(['cpu', *_accelerators()])}."
        ) from error
    return device


def _accelerators() -> list[str]:
    if not torch.accelerator.is_available():
        return []
    kind = torch.accelerator.current_accelerator()
    return [f"{kind}:{number}" for number in range(torch.accelerator.device_count())]
