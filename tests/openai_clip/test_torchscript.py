"""A TorchScript archive gives what `torch.jit.load` gives, and runs nothing."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import mate_hf
from mate_hf.errors import MateError
from mate_hf.openai_clip import read_archive, write_archive
from mate_hf.openai_clip.torchscript import is_torchscript
from tests.openai_clip.package import openai_package
from tests.refusals import refusal

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")


def by_torch(path: Path) -> dict[str, Tensor]:
    return dict(torch.jit.load(str(path), map_location="cpu").state_dict())


def require_same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value), name


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    state = {
        "text.0.weight": torch.randn(3, 4).T,
        "text.1.weight": torch.randn(5).half(),
        "scale": torch.tensor(1.5),
        "none": torch.empty(0, 2),
        "wide": torch.randn(2, 3, 4, 5).bfloat16(),
    }
    write_archive(state, tmp_path / "model.pt")
    return tmp_path / "model.pt"


def test_our_own_archive_gives_what_torch_gives(archive: Path) -> None:
    require_same(read_archive(archive), by_torch(archive))
    assert is_torchscript(archive)
    torch.save({"a": torch.zeros(2)}, archive)
    assert not is_torchscript(archive)
    archive.write_bytes(b"PK\x03\x04")
    assert not is_torchscript(archive)


class Several(nn.Module):
    """What counts as a weight and what does not, shared and absent weights, and other types than floats."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(3, 3)
        self.again = self.one
        self.bare = nn.Linear(3, 3, bias=False)
        self.register_buffer("steps", torch.arange(4))
        self.register_buffer("shown", torch.tensor([True, False]))
        self.register_buffer("passing", torch.ones(2), persistent=False)
        self.mask: Tensor = torch.ones(2)
        self.norm = nn.BatchNorm1d(3)
        self.names = ["a", "b"]

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.again(self.one(x))) + self.mask.sum()


def test_what_is_no_weight_is_left_out(tmp_path: Path) -> None:
    torch.jit.script(Several()).save(str(tmp_path / "model.pt"))
    found = read_archive(tmp_path / "model.pt")
    require_same(found, by_torch(tmp_path / "model.pt"))
    assert "mask" not in found
    assert {"again.weight", "steps", "norm.num_batches_tracked"} <= found.keys()


@pytest.mark.real
def test_openais_own_shape_gives_what_torch_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As OpenAI made its files: traced, in half precision, with three numbers beside the weights."""
    clip = openai_package(monkeypatch)
    model = clip.model.CLIP(24, 32, 2, 64, 16, 77, 49408, 64, 1, 2).eval()
    for name, value in (("input_resolution", 32), ("context_length", 77), ("vocab_size", 49408)):
        vars(model).pop(name, None)
        model.register_buffer(name, torch.tensor(value))
    clip.model.convert_weights(model)
    ids, image = torch.zeros(1, 77, dtype=torch.int), torch.zeros(1, 3, 32, 32)
    inputs = {"encode_text": ids, "encode_image": image, "forward": (image, ids)}
    torch.jit.trace_module(model, inputs, check_trace=False).save(str(tmp_path / "ViT.pt"))
    found = read_archive(tmp_path / "ViT.pt")
    require_same(found, by_torch(tmp_path / "ViT.pt"))
    assert found["text_projection"].dtype == torch.float16
    ours = mate_hf.load(tmp_path / "ViT.pt")
    assert ours.dtype == torch.float32
    ids[0, 3] = 49407
    expected = clip.load(str(tmp_path / "ViT.pt"), device="cpu")[0].encode_text(ids)
    torch.testing.assert_close(ours.encode_text(ids), expected, atol=1e-5, rtol=1e-5)


EVIL = """
import torch
class Evil(torch.nn.Module):
    y: torch.Tensor
    def __init__(self):
        super().__init__()
        self.y = torch.zeros(2)
    def forward(self, a):
        return a
    @torch.jit.export
    def __getstate__(self):
        return (torch.zeros(1), self.training)
    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool]):
        self.y = torch.from_file("{harmed}", True, 16, dtype=torch.uint8)
        self.y.copy_(torch.full([16], 65, dtype=torch.uint8))
        self.training = state[1]
"""


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An archive that writes a file when it is opened."""
    (tmp_path / "evil_module.py").write_text(EVIL.format(harmed=tmp_path / "harmed"))
    monkeypatch.syspath_prepend(str(tmp_path))
    import evil_module

    torch.jit.script(evil_module.Evil()).save(str(tmp_path / "model.pt"))
    yield tmp_path / "model.pt"
    sys.modules.pop("evil_module")


def test_an_archive_that_brings_code_of_its_own_runs_none(evil: Path) -> None:
    harmed = evil.parent / "harmed"
    for read in (read_archive, mate_hf.load):
        harmed.unlink(missing_ok=True)
        with pytest.raises(MateError, match=r"model\.pt: not a TorchScript archive .*no plain module"):
            read(evil)
        assert not harmed.exists()
    # It does what it says where it is run.
    torch.jit.load(str(evil))
    assert harmed.exists()


def rewritten(archive: Path, changes: dict[str, bytes], compressed: bool = False) -> Path:
    """A copy with other records in place of those whose names begin so; one that is empty is left out."""
    other = archive.with_name("other.pt")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(other, "w") as new:
        for info in old.infolist():
            name = info.filename.partition("/")[2]
            content = next(
                (value for begin, value in changes.items() if name.startswith(begin)), old.read(info)
            )
            if content:
                kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
                new.writestr(info.filename, content, kind)
    return other


def record(archive: Path, name: str) -> bytes:
    with zipfile.ZipFile(archive) as records:
        [found] = [known for known in records.namelist() if known.partition("/")[2] == name]
        return records.read(found)


def test_a_tensor_larger_than_what_is_stored_is_refused(tmp_path: Path) -> None:
    write_archive({"a": torch.randn(3, 4)}, tmp_path / "model.pt")
    pickled = record(tmp_path / "model.pt", "data.pkl")
    # Size 3 x 4 and stride 4, 1 -> size 200 x 200 and stride 0, 0: a view without end.
    view = pickled.replace(b"(K\x03K\x04t", b"(K\xc8K\xc8t").replace(b"(K\x04K\x01t", b"(K\x00K\x00t")
    # Offset 0 -> 200: beyond the storage.
    beyond = pickled.replace(b"K\x00(K\x03K\x04t", b"K\xc8(K\x03K\x04t")
    for content, said in (
        ({"data.pkl": view}, r"a is \[200, 200\] of 12 stored values"),
        ({"data.pkl": beyond}, "out of bounds"),
        ({"data/0": b"\0" * 8}, "holds 8 bytes; expected 12 values"),
        ({"data/0": b""}, "no item named"),
        ({"data.pkl": b""}, "no record data.pkl"),
        ({"code/": b"class Other(Module):\n"}, "does not say"),
    ):
        assert set(content.values()) != {pickled}
        with pytest.raises(MateError, match=f"not a TorchScript archive .*{said}"):
            read_archive(rewritten(tmp_path / "model.pt", content))
    with pytest.raises(MateError, match="data/0 is compressed"):
        read_archive(rewritten(tmp_path / "model.pt", {}, compressed=True))


@pytest.mark.parametrize("levels", [17, 60, 100])
def test_one_module_in_many_places_ends(tmp_path: Path, levels: int) -> None:
    """Each holds the one before it twice: a module for every byte, and 2 to the power of `levels` names."""
    new = b"c__torch__.m\nM\n)\x81"
    pickled = b"\x80\x02" + new + b"}bq\x00"
    for _ in range(levels):
        pickled += b"0" + new + b"}(X\x01\0\0\0ah\0X\x01\0\0\0bh\0ubq\x00"
    with zipfile.ZipFile(tmp_path / "model.pt", "w") as records:
        records.writestr("model/data.pkl", pickled + b".")
        records.writestr(
            "model/code/__torch__/m.py", "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n"
        )
    with pytest.raises(MateError, match="modules without end"):
        read_archive(tmp_path / "model.pt")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_archive_is_read_whole_or_refused_in_one_line(
    archive: Path, place: float, value: int, cut: bool
) -> None:
    content = bytearray(archive.read_bytes())
    position = int(place * len(content))
    damaged = archive.with_name("damaged.pt")
    damaged.write_bytes(
        content[:position] if cut else bytes([*content[:position], value, *content[position + 1 :]])
    )
    said = refusal(lambda: read_archive(damaged))
    if said is None:
        require_same(read_archive(damaged), read_archive(archive))
    else:
        assert said.startswith(f"{damaged}: not a TorchScript archive")
        assert "\n" not in said


def test_a_device_is_no_archive(tmp_path: Path) -> None:
    """It has no end, where a zip says what is in it."""
    (tmp_path / "model.pt").symlink_to("/dev/zero")
    assert not is_torchscript(tmp_path / "model.pt")
    with pytest.raises(MateError, match="no plain file"):
        read_archive(tmp_path / "model.pt")
