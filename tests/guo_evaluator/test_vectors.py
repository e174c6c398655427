"""Word vectors: the field's GloVe folder, a text encoder's rows, what a pickle may hold."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from mate_hf.errors import MateError
from mate_hf.guo_evaluator import WordVectors
from mate_hf.text.encoders import open_text_encoder

WORDS = ["walk", "unk", "sos", "left", "eos"]


def write_glove(folder: Path, words: object = WORDS, places: object = None) -> Path:
    """The field's three files; places are not in the order of the words."""
    folder.mkdir(parents=True, exist_ok=True)
    places = {word: (place * 2) % 5 for place, word in enumerate(WORDS)} if places is None else places
    np.save(folder / "our_vab_data.npy", np.arange(20.0).reshape(5, 4))
    (folder / "our_vab_words.pkl").write_bytes(pickle.dumps(words))
    (folder / "our_vab_idx.pkl").write_bytes(pickle.dumps(places))
    return folder


def test_the_glove_folder_is_read_as_the_field_reads_it(tmp_path: Path) -> None:
    vectors = WordVectors.from_glove(write_glove(tmp_path / "glove"))
    data = np.load(tmp_path / "glove" / "our_vab_data.npy")
    for place, word in enumerate(WORDS):
        np.testing.assert_array_equal(vectors.table[vectors.place(word)], data[(place * 2) % 5])
    assert vectors.place("somersault") == vectors.place("unk")
    assert "somersault" not in vectors


def test_what_is_saved_opens_again(tmp_path: Path) -> None:
    before = WordVectors(list(WORDS), torch.randn(5, 3))
    before.save(tmp_path)
    after = WordVectors.load(tmp_path)
    assert after.words == before.words
    torch.testing.assert_close(after.table, before.table, rtol=0, atol=0)


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch harmed",)


def test_a_head_full_of_noise_is_named_in_a_line(tmp_path: Path) -> None:
    head = json.dumps("é" * 3000, ensure_ascii=False).encode()
    (tmp_path / "word_vectors.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    with pytest.raises(MateError, match=r"word_vectors\.safetensors: damaged") as raised:
        WordVectors.load(tmp_path)
    assert len(str(raised.value)) < 600


def test_a_pickle_of_anything_but_plain_values_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MateError, match=r"our_vab_words\.pkl.*only plain values are opened"):
        WordVectors.from_glove(write_glove(tmp_path / "glove", words=[Harmful()]))
    assert not (tmp_path / "harmed").exists()


def test_files_that_do_not_belong_together_are_named(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="do not belong together"):
        WordVectors.from_glove(write_glove(tmp_path / "a", places={"walk": 0}))
    with pytest.raises(MateError, match="without sos, eos, unk"):
        WordVectors.from_glove(write_glove(tmp_path / "b", words=["walk"], places={"walk": 0}))
    with pytest.raises(MateError, match=r"our_vab_data\.npy: not found"):
        WordVectors.from_glove(tmp_path / "nowhere")
    with pytest.raises(MateError, match="give --glove"):
        WordVectors.load(tmp_path)


@pytest.mark.parametrize("family", ["bert", "clip"])
def test_an_encoders_rows_are_its_word_embeddings(family: str, text_encoders: dict[str, Path]) -> None:
    encoder = open_text_encoder(str(text_encoders[family]))
    vectors = WordVectors.from_encoder(encoder, ["walk", "counterclockwise"])
    expected = encoder.word_embeddings(["counterclockwise"])[0]
    torch.testing.assert_close(vectors.table[vectors.place("counterclockwise")], expected)
    assert vectors.width == encoder.embedding_rows.shape[1]


@pytest.mark.parametrize("name", ["our_vab_data.npy", "our_vab_words.pkl", "our_vab_idx.pkl"])
def test_a_git_lfs_pointer_or_a_web_page_in_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    for content, said in (
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "it is a Git LFS pointer"),
        ("<!DOCTYPE html><html>", "it is an HTML page"),
    ):
        glove = write_glove(tmp_path / "glove")
        (glove / name).write_text(content)
        with pytest.raises(MateError, match=rf"{name}: .*{said}"):
            WordVectors.from_glove(glove)
