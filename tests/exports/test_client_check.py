"""A checkpoint that carries a text encoder is recognised, whatever it is wrapped in and rounded to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import CLIPModel

from mate_hf.errors import MateError
from mate_hf.exports.client_check import verify_client
from mate_hf.openai_clip import to_openai, write_archive
from mate_hf.text.encoders import open_text_encoder
from tests.trained_runs import Exported


@pytest.fixture
def ours(exported: Exported) -> Path:
    return exported("whole_clip")


def table_of(folder: Path) -> torch.Tensor:
    return load_file(folder / "model.safetensors")["text_model.embeddings.token_embedding.weight"]


@pytest.mark.parametrize("precision", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("whose", ["ours", "stock", "another"])
def test_the_table_is_told_apart(
    ours: Path, whole_clip: Path, tmp_path: Path, whose: str, precision: torch.dtype
) -> None:
    table = table_of(ours if whose == "ours" else whole_clip)
    if whose == "another":
        table[1000] += 1.0
    state = {"clip.token_embedding.weight": table.to(precision), "head.weight": torch.zeros(3, 3)}
    torch.save({"epoch": 3, "models": [{"state_dict": state}]}, tmp_path / "net_best.tar")
    report = verify_client(tmp_path / "net_best.tar", ours)
    assert report.verdict == whose
    assert [found.name for found in report.tables] == ["models.0.state_dict.clip.token_embedding.weight"]
    save_file(state, tmp_path / "model.safetensors")
    assert verify_client(tmp_path / "model.safetensors", ours).verdict == whose


@pytest.mark.parametrize("whose", ["ours", "stock"])
def test_a_file_of_clip_load_is_looked_into(
    exported: Exported, ours: Path, whole_clip: Path, tmp_path: Path, whose: str
) -> None:
    """model.pt, and what OpenAI publishes, are TorchScript archives."""
    if whose == "ours":
        archive = exported("whole_clip", "openai-clip") / "model.pt"
    else:
        stock = to_openai(CLIPModel.from_pretrained(whole_clip).half().state_dict())
        write_archive(stock, archive := tmp_path / "model.pt")
    report = verify_client(archive, ours)
    assert report.verdict == whose
    assert [found.name for found in report.tables] == ["token_embedding.weight"]


@pytest.mark.parametrize("format", ["openai-clip", "adapter", "full"])
def test_an_export_of_another_format_is_said_to_be_that(
    exported: Exported, tmp_path: Path, format: str
) -> None:
    with pytest.raises(
        MateError, match=rf"export of format '{format}'; expected one of format hf or hf-clip"
    ):
        verify_client(tmp_path / "client.pt", exported("whole_clip", format))


def test_a_folder_in_place_of_a_checkpoint_is_listed(ours: Path) -> None:
    with pytest.raises(MateError, match=r"a folder; expected the file in it.*It holds .*json"):
        verify_client(ours, ours)


def test_a_checkpoint_that_holds_itself_ends(ours: Path, whole_clip: Path, tmp_path: Path) -> None:
    held: list[object] = [table_of(whole_clip)]
    held.append(held)
    content: object = {"a": held}
    for _ in range(60):
        content = [content, content]
    for _ in range(3000):
        content = [content]
    assert verify_client({"state": content}, ours).verdict == "stock"  # type: ignore[dict-item]
    torch.save({"a": held}, tmp_path / "model.pt")
    assert verify_client(tmp_path / "model.pt", ours).verdict == "stock"


def test_a_table_without_numbers_is_neither(ours: Path, whole_clip: Path) -> None:
    table = table_of(whole_clip)
    table[1000] = float("nan")
    assert verify_client({"table": table}, ours).verdict == "another"


def test_a_damaged_file_is_named(ours: Path, tmp_path: Path) -> None:
    for name, content in (("a.safetensors", b"x"), ("a.pt", b"PK\x03\x04"), ("a.ckpt", b"\x80\x02.")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(MateError, match=f"{name}: not a whole"):
            verify_client(tmp_path / name, ours)


def test_a_client_that_loads_by_name_holds_none(ours: Path, tmp_path: Path) -> None:
    torch.save({"state_dict": {"head.weight": torch.zeros(3, 3)}}, tmp_path / "model.pt")
    report = verify_client(tmp_path / "model.pt", ours)
    assert report.verdict == "absent"
    assert "every script" in report.summary()


def test_a_loaded_model_is_looked_into(ours: Path, whole_clip: Path) -> None:
    client = nn.ModuleDict({"text": open_text_encoder(str(whole_clip)).model})
    assert verify_client(client, ours).verdict == "stock"
    client["text"].get_input_embeddings().weight.data.copy_(table_of(ours))
    assert verify_client(client, ours).verdict == "ours"


def test_what_cannot_be_compared_is_said(ours: Path, text_encoders: dict[str, Path], tmp_path: Path) -> None:
    torch.save({}, tmp_path / "model.pt")
    with pytest.raises(MateError, match="no such file"):
        verify_client(tmp_path / "nothing.pt", ours)
    with pytest.raises(MateError, match=r"its table is.*--base"):
        verify_client(tmp_path / "model.pt", ours, str(text_encoders["bert"]))
    with pytest.raises(MateError, match="nothing to tell apart"):
        verify_client(tmp_path / "model.pt", ours, str(ours))
    ours = Path(shutil.copytree(ours, tmp_path / "ours"))
    (ours / "mate_export.json").unlink()
    with pytest.raises(MateError, match=r"names no base encoder.*--base"):
        verify_client(tmp_path / "model.pt", ours)
