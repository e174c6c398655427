"""A disk that fills up is said in one sentence, whichever library met it, and nothing half is left."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from safetensors import SafetensorError
from safetensors.torch import save_file
from transformers import AutoTokenizer

from mate_hf.errors import MateError
from mate_hf.openai_clip import write_archive
from mate_hf.utils.files import written_whole
from mate_hf.utils.table_file import TableFile
from mate_hf.utils.write_errors import failed_write
from tests.tiny import minilm_folder
from tests.utils.limits import files_of_at_most

LARGE = 1_000_000


def by_table(fresh: Path) -> None:
    with TableFile(fresh / "a.npy", (1000, 250), np.dtype(np.float32)) as table:
        table.write(0, np.zeros((1000, 250)))


def by_datasets(fresh: Path) -> None:
    Dataset.from_dict({"a": list(range(LARGE))}).save_to_disk(fresh)


WRITERS = {
    "a file": lambda fresh: (fresh / "a").write_text("x" * LARGE),
    "numpy": lambda fresh: np.save(fresh / "a.npy", np.zeros(LARGE)),
    "a table": by_table,
    "safetensors": lambda fresh: save_file({"a": torch.zeros(LARGE)}, fresh / "a.safetensors"),
    "torch": lambda fresh: torch.save(torch.zeros(LARGE), fresh / "a.pt"),
    "torchscript": lambda fresh: write_archive({"a": torch.zeros(LARGE)}, fresh / "model.pt"),
    "tokenizers": lambda fresh: AutoTokenizer.from_pretrained(minilm_folder()).save_pretrained(fresh),
    "datasets": by_datasets,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_is_said_and_leaves_the_old(tmp_path: Path, writer: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").write_text("")

    def write() -> None:
        with files_of_at_most(100_000), written_whole(out) as fresh:
            fresh.mkdir()
            WRITERS[writer](fresh)

    with pytest.raises(MateError, match=rf"writing {out} failed: .*Nothing was changed there") as said:
        write()
    assert "\n" not in str(said.value)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in out.iterdir()] == ["old"]


@pytest.mark.parametrize(
    "said",
    [
        "I/O error: No space left on device (os error 28)",
        'Error while serializing: IoError(Os { code: 28, kind: StorageFull, message: "No space left on device" })',
        "[Errno 28] No space left on device",
    ],
)
def test_safetensors_words_of_every_version_are_read(said: str) -> None:
    found = failed_write(SafetensorError(said))
    assert found is not None
    assert found.reason == "No space left on device"
    assert found.remedy.startswith("Free some room there")


def test_other_errors_are_what_they_are(tmp_path: Path) -> None:
    for error in (
        ValueError("shape"),
        RuntimeError("sizes do not match"),
        KeyError("a"),
        SafetensorError("header too large"),
    ):
        assert failed_write(error) is None
        with pytest.raises(type(error)), written_whole(tmp_path / "out"):
            raise error
    assert not list(tmp_path.iterdir())


def test_the_cause_is_looked_for_behind_what_wraps_it() -> None:
    wrapped = ValueError("could not be generated")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    found = failed_write(wrapped)
    assert found is not None
    assert found.reason == "No space left on device"
    assert found.remedy.startswith("Free some room there")


def test_what_says_nothing_of_the_disk_is_said_in_words_of_one() -> None:
    """NumPy passes on no number, and PyTorch speaks of its own code."""
    for error, said in (
        (OSError("1000000 requested and 130544 written"), "No space left on device"),
        (
            RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 704 vs 598"),
            "a part of it alone",
        ),
        (OSError(errno.EROFS, "Read-only file system", "/a/.out.writing/new/out"), "Read-only file system"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/a/b", None, "/c/d"),
            "No space left on device: /c/d",
        ),
    ):
        found = failed_write(error)
        assert found is not None
        assert said in found.reason
        assert ".writing" not in found.reason
        assert found.remedy.endswith(".")
