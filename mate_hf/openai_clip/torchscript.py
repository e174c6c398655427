"""The parameters of a TorchScript archive, read as what it is, a zip: its code is not run and its objects are not made.

`torch.jit.load` runs code that the archive brings (`__setstate__` of a module) before anybody has looked at it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mate_hf.utils.plain_pickles import Kept, Made, Named, unpickled

MOST_MODULES = 100_000
DEEPEST = 64
"""Modules of an archive, and levels of them; the largest CLIP has some four hundred, eight deep."""

_TENSOR = Named("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = Named("torch._utils", "_rebuild_parameter")
_TYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
_CLASS = re.compile(
    r"^class (\w+)\(Module\):\n  __parameters__ = \[(.*)\]\n(?:  __buffers__ = \[(.*)\]\n)?", re.MULTILINE
)


def is_torchscript(path: Path) -> bool:
    """Whether a file is such an archive, as PyTorch tells it from a checkpoint: it has a record of constants."""
    # A device has no end, in which a zip's list of records would stand.
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as records:
            return any(
                name.count("/") == 1 and name.endswith("/constants.pkl") for name in records.namelist()
            )
    # A file that is no zip, or half of one.
    except Exception:
        return False


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Parameters and buffers by dotted name, on the CPU: what `torch.jit.load(path).state_dict()` gives.

    Raises:
        Exception: any that a damaged zip or pickle meets; ValueError where a record is not what it should be.
    """
    if not path.is_file():
        raise ValueError("no plain file")
    with zipfile.ZipFile(path) as records:
        return _Archive(records, path.stat().st_size).tensors()


@dataclass
class _Archive:
    """An open archive.

    Attributes:
        stored_left, other_left: bytes that storages, and all other records, may still fill.
    """

    records: zipfile.ZipFile
    stored_left: int
    other_left: int = 2**26
    root: str = ""
    modules: int = 0
    declared: dict[Named, frozenset[str]] = field(default_factory=dict)
    stored: dict[str, Tensor] = field(default_factory=dict)

    def tensors(self) -> dict[str, Tensor]:
        found = [
            name for name in self.records.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")
        ]
        if len(found) != 1:
            raise ValueError("no record data.pkl")
        self.root = found[0].partition("/")[0]
        return dict(self._walk(unpickled(self._read("data.pkl"), "data.pkl"), "", DEEPEST))

    def _walk(self, module: Any, prefix: str, levels: int) -> Iterator[tuple[str, Tensor]]:
        """The tensors of a module and of those inside it."""
        if not _is_module(module) or not isinstance(module.state, dict):
            raise ValueError(f"{prefix or 'its root'} is no plain module")
        self.modules += 1
        if levels == 0 or self.modules > MOST_MODULES:
            raise ValueError("modules without end")
        declared = self._declared(module.maker)
        for name, value in module.state.items():
            if name in declared and value is not None:
                yield f"{prefix}{name}", self._tensor(value, f"{prefix}{name}")
        for name, value in module.state.items():
            if _is_module(value):
                yield from self._walk(value, f"{prefix}{name}.", levels - 1)

    def _declared(self, named: Named) -> frozenset[str]:
        """Which attributes are parameters or buffers, as the class's code says in its first lines."""
        if named not in self.declared:
            code = self._read(f"code/{named.module.replace('.', '/')}.py").decode()
            for name, *lists in _CLASS.findall(code):
                names = frozenset(part for text in lists for part in re.findall(r'"([^"]*)"', text))
                self.declared[Named(named.module, name)] = names
            if named not in self.declared:
                raise ValueError(f"its code does not say what a {named} holds")
        return self.declared[named]

    def _tensor(self, value: Any, name: str) -> Tensor:
        if isinstance(value, Made) and value.maker == _PARAMETER:
            value = value.arguments[0]
        if not isinstance(value, Made) or value.maker != _TENSOR:
            raise ValueError(f"{name} is no plain tensor")
        storage, offset, size, stride, *_ = value.arguments
        numbers = [offset, *size, *stride]
        if len(size) != len(stride) or not all(type(number) is int and number >= 0 for number in numbers):
            raise ValueError(f"{name} has no shape")
        values = self._storage(storage)
        # A view may repeat what is stored, without end; a weight does not.
        if torch.Size(size).numel() > len(values):
            raise ValueError(f"{name} is {list(size)} of {len(values)} stored values")
        return values.as_strided(size, stride, offset)

    def _storage(self, storage: Any) -> Tensor:
        if not isinstance(storage, Kept) or len(storage.name) != 5:
            raise ValueError("a tensor without storage")
        _, kind, key, _, count = storage.name
        if key not in self.stored:
            dtype = _TYPES[kind.name]
            content = bytearray(self._read(f"data/{key}", stored=True))
            if len(content) != count * dtype.itemsize:
                raise ValueError(f"record data/{key} holds {len(content)} bytes; expected {count} values")
            self.stored[key] = (
                torch.frombuffer(content, dtype=dtype) if content else torch.empty(0, dtype=dtype)
            )
        return self.stored[key]

    def _read(self, name: str, stored: bool = False) -> bytes:
        info = self.records.getinfo(f"{self.root}/{name}")
        # Compressed, or counted twice, a small file could fill all memory.
        if stored and info.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"record {name} is compressed")
        if stored:
            self.stored_left -= info.file_size
        else:
            self.other_left -= info.file_size
        if min(self.stored_left, self.other_left) < 0:
            raise ValueError("its records are larger than itself")
        return self.records.read(info)


def _is_module(value: Any) -> bool:
    return (
        isinstance(value, Made)
        and isinstance(value.maker, Named)
        and value.maker.module.startswith("__torch__")
    )
