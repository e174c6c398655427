"""OpenAI's own code, from its PyPI package: what ours is compared with."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any

import pytest


def openai_package(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module `clip` of openai-clip or clip-anytorch, its two imports that new environments lack stood in for."""
    if importlib.util.find_spec("clip") is None:
        pytest.skip("neither openai-clip nor clip-anytorch is installed")
    transforms = types.ModuleType("torchvision.transforms")
    for part in ("Compose", "Resize", "CenterCrop", "ToTensor", "Normalize", "InterpolationMode"):
        setattr(transforms, part, lambda *_, **__: None)
    vision = types.ModuleType("torchvision")
    vision.transforms = transforms  # type: ignore[attr-defined]
    packaging = types.ModuleType("pkg_resources")
    packaging.packaging = importlib.import_module("packaging")  # type: ignore[attr-defined]
    importlib.import_module("packaging.version")
    transforms.InterpolationMode = types.SimpleNamespace(BICUBIC=3)  # type: ignore[attr-defined]
    for module in (vision, transforms, packaging):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in [name for name in sys.modules if name.split(".")[0] == "clip"]:
        monkeypatch.delitem(sys.modules, name)
    return importlib.import_module("clip")
