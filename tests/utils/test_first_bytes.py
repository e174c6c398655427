"""What lies in place of data is called by its name, with what to do."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.openai_clip import read_archive
from mate_hf.utils.arrays import load_array
from mate_hf.utils.first_bytes import first_mistaken, mistaken, require_plain_files, require_weights
from mate_hf.utils.json_files import read_json, read_json_lines
from mate_hf.utils.pickles import load_pickle
from mate_hf.utils.text_files import read_lines
from mate_hf.utils.weights import read_safetensors
from mate_hf.utils.yaml_files import read_yaml

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 31808\n"


def archive(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as opened:
            opened.writestr("a", "b")
    else:
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("a"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (POINTER.encode(), "a Git LFS pointer, not the file that it points to. Run `git lfs pull`"),
        (b"/annex/objects/SHA256E-s1--0.npy\n", "a git-annex pointer"),
        (b"../.git/annex/objects/a/b/SHA256E-s1--0.npy", "a git-annex pointer"),
        (b"\n<!DOCTYPE html><html>", "an HTML page"),
        (b"\xef\xbb\xbf<HTML lang=en>", "an HTML page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied', "an XML page"),
        (b"", "is empty"),
        (gzip.compress(b"numbers", mtime=0), "gzip data. Unpack it"),
        (archive("zip"), "a zip archive. Unpack it"),
        (archive("tar"), "a tar archive. Unpack it"),
    ],
)
def test_what_a_file_is_instead(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "file").write_bytes(content)
    assert what in mistaken(tmp_path / "file")


def test_data_is_not_mistaken(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((5, 3)))
    torch.save({"a": torch.zeros(3)}, tmp_path / "a.pt")
    (tmp_path / "a.json").write_text("{}")
    assert not mistaken(tmp_path / "a.npy")
    assert not mistaken(tmp_path / "a.pt", archives=False)
    assert not first_mistaken(tmp_path.iterdir())
    assert not mistaken(tmp_path / "nowhere")
    require_weights(tmp_path)
    require_weights("someone/a-model-on-the-Hub")


READERS: dict[str, Callable[[Path], object]] = {
    "a.json": lambda file: read_json(file, dict, "Mend it."),
    "a.jsonl": lambda file: list(read_json_lines(file, dict, "Mend it.")),
    "a.yaml": read_yaml,
    "a.txt": read_lines,
    "a.safetensors": read_safetensors,
    "a.tar": load_pickle,
    "a.pt": read_archive,
    "a.npy": load_array,
}


@pytest.mark.parametrize("content", [POINTER, "<!DOCTYPE html>\n<html></html>\n"])
@pytest.mark.parametrize("name", READERS)
def test_whoever_reads_a_strangers_file_says_so(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(MateError, match=rf"{name}.* is an? (Git LFS pointer|HTML page).*(git lfs|Download)"):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.safetensors", "config.json", "vocab.txt", "tokenizer.json"]
)
def test_one_pointer_among_weights_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / name).write_text(POINTER)
    with pytest.raises(MateError, match=rf"{name} is a Git LFS pointer"):
        require_weights(tmp_path)


def test_a_pipe_among_the_files_of_a_dataset_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "state.json").write_text("{}")
    require_plain_files(tmp_path)
    os.mkfifo(tmp_path / "train" / "data.arrow")
    with pytest.raises(MateError, match=r"data\.arrow: a pipe or a device; expected a file"):
        require_plain_files(tmp_path)
