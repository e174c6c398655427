"""Published retrieval checkpoints: every layout opens and answers as its original; what does not fit is said."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoModel

from mate_hf.errors import MateError
from mate_hf.modeling import TMRModel
from mate_hf.retrieval.retriever import open_retrieval_model
from mate_hf.retrieval_checkpoints import Conversion, convert_retrieval
from tests.retrieval_checkpoints import published_retrieval as published

STATES = {"tmr": published.tmr_state, "opentma": published.opentma_state}


def write_statistics(folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = (folder / "mean.pt", folder / "std.pt")
    for file, values in zip(files, published.statistics(), strict=True):
        torch.save(values, file)
    return files


def lightning(state: dict[str, Tensor], **beside: object) -> dict[str, object]:
    return {"epoch": 3, "pytorch-lightning_version": "2.1.2", "state_dict": state, "loops": {}} | beside


def write_parts(folder: Path) -> None:
    folder.mkdir(parents=True)
    state = published.tmr_state()
    for part in ("text_encoder", "motion_encoder", "motion_decoder"):
        own = {name.removeprefix(f"{part}."): value for name, value in state.items() if name.startswith(part)}
        torch.save(own, folder / f"{part}.pt")


def run_config(**changes: object) -> dict[str, Any]:
    network = {"num_heads": 4, "dropout": 0.25, "activation": "gelu"} | changes
    parts = ("text_encoder", "motion_encoder", "motion_decoder")
    loader = {"fps": 20.0, "normalizer": {"base_dir": "stats/made_up/guoh3dfeats"}}
    data = {"motion_loader": loader, "text_to_token_emb": {"modelname": "distilbert-base-uncased"}}
    return {"model": dict.fromkeys(parts, network), "data": data}


def tmr_run(root: Path) -> Path:
    """TMR's checkout: models/run/{config.json, last_weights/}, stats/made_up/guoh3dfeats/{mean,std}.pt."""
    run = root / "TMR" / "models" / "run"
    write_parts(run / "last_weights")
    (run / "config.json").write_text(json.dumps(run_config()), encoding="utf-8")
    write_statistics(root / "TMR" / "stats" / "made_up" / "guoh3dfeats")
    return run


def tmr_lightning(root: Path) -> Path:
    file = root / "run" / "logs" / "checkpoints" / "last.ckpt"
    file.parent.mkdir(parents=True)
    torch.save(lightning(published.tmr_state()), file)
    write_statistics(file.parent)
    return root / "run"


def tmr_legacy_file(root: Path) -> Path:
    file = root / "tmr.pt"
    torch.save(published.tmr_state(), file, _use_new_zipfile_serialization=False)
    for name, values in zip(("Mean.npy", "Std.npy"), published.statistics(), strict=True):
        np.save(root / name, values.numpy().astype(np.float64))
    return file


@contextmanager
def foreign_module(name: str) -> Iterator[ModuleType]:
    """A module that exists while a checkpoint is written, and is gone when it is read."""
    names = [name.rsplit(".", depth)[0] for depth in range(name.count("."), -1, -1)]
    for part in names:
        sys.modules[part] = ModuleType(part)
    try:
        yield sys.modules[name]
    finally:
        for part in names:
            del sys.modules[part]


def opentma_run(root: Path) -> Path:
    """What OpenTMA's training leaves: settings of omegaconf and arrays pickled beside the weights."""
    mean, std = published.statistics()
    with foreign_module("omegaconf.dictconfig") as module:

        class DictConfig:
            def __init__(self) -> None:
                self.content = {"a": [1, 2]}

            def __setstate__(self, _: object) -> None:
                raise AssertionError("code of the checkpoint's own classes was run")

        DictConfig.__module__, DictConfig.__qualname__ = module.__name__, "DictConfig"
        module.DictConfig = DictConfig  # type: ignore[attr-defined]
        file = root / "run" / "checkpoints" / "epoch=299.ckpt"
        file.parent.mkdir(parents=True)
        held = {"cfg": DictConfig(), "mean": mean.numpy(), "std": std.numpy().astype(np.float64)}
        state = published.opentma_state() | {"filter_model.0.weight": torch.zeros(2)}
        content = lightning(
            state, datamodule_hyper_parameters=held, hyper_parameters={"parameters": np.int64(7)}
        )
        torch.save(content, file)
    return root / "run"


def answers(model: TMRModel) -> dict[str, Tensor]:
    asked = published.questions()
    with torch.no_grad():
        text = model.encode_text(asked["text"], asked["text_mask"])
        motion = model.encode_motion(asked["motion"], asked["mask"])
        decoded = model.decode(asked["latent"], asked["mask"])[:, 2, ::40]
    return {
        "text_mean": text.mean,
        "text_logvar": text.logvar,
        "motion_mean": motion.mean,
        "motion_logvar": motion.logvar,
        "decoded": decoded,
    }


@pytest.mark.parametrize("layout", [tmr_run, tmr_lightning, tmr_legacy_file, opentma_run])
def test_every_published_layout_answers_as_its_original(
    layout: Callable[[Path], Path], tmp_path: Path
) -> None:
    found = convert_retrieval(layout(tmp_path), tmp_path / "out")
    family = "opentma" if layout is opentma_run else "tmr"
    assert found.family.lower() == family
    assert isinstance(AutoModel.from_pretrained(tmp_path / "out"), TMRModel)
    for name, answer in answers(open_retrieval_model(tmp_path / "out")).items():
        expected = torch.tensor(published.ANSWERS[family][name])
        # Recorded to six places.
        assert torch.allclose(answer, expected, atol=1e-5), name


def test_the_run_configuration_gives_what_weights_do_not_show(tmp_path: Path) -> None:
    found = convert_retrieval(tmr_run(tmp_path), tmp_path / "out")
    assert (found.config.dropout, found.config.motion_fps) == (0.25, 20.0)
    assert found.config.text_encoder == "distilbert/distilbert-base-uncased"
    assert "guoh3dfeats" in found.statistics
    assert "2 layers, 4 heads, latent 8, 263 features at 20 fps" in found.summary()


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    found = convert_retrieval(opentma_run(tmp_path), tmp_path / "out", heads=2)
    assert found.left_out == {"filter_model": 1}
    assert "datamodule_hyper_parameters" in found.statistics
    assert found.config.heads == 2
    assert found.config.text_relu


def test_of_several_extracted_checkpoints_the_last_is_taken(tmp_path: Path) -> None:
    run = tmr_run(tmp_path)
    write_parts(run / "epoch_weights")
    assert convert_retrieval(run, tmp_path / "out").source == run / "last_weights"


def convert(state: object, root: Path, **options: Any) -> Conversion:
    """Convert `state` saved as a file, with statistics given."""
    file = root / "model.ckpt"
    torch.save(state, file)
    mean, std = write_statistics(root / "given")
    return convert_retrieval(file, root / "out", **({"mean": mean, "std": std} | options))


def refused(state: object, root: Path, *said: str, **options: Any) -> None:
    with pytest.raises(MateError) as error:
        convert(state, root, **options)
    for part in said:
        assert part in str(error.value)
    assert not (root / "out").exists()


def changed(family: str, name: str, value: Tensor | None) -> dict[str, Tensor]:
    state = STATES[family]()
    state.pop(name, None)
    return state if value is None else state | {name: value}


@pytest.mark.parametrize(
    ("family", "name", "value", "said"),
    [
        ("tmr", "text_encoder.seqTransEncoder.layers.1.linear1.bias", None, "expected it with shape (16,)"),
        ("tmr", "motion_decoder.final_layer.weight", torch.zeros(251, 8), "(251, 8); expected (263, 8)"),
        ("tmr", "motion_encoder.projection.weight", torch.zeros(8, 99), "frames of 99 features"),
        (
            "tmr",
            "motion_encoder.projection.bias",
            torch.zeros(8).half(),
            "torch.float16; expected torch.float32",
        ),
        ("tmr", "text_encoder.projection.bias", torch.full((8,), torch.nan), "NaN"),
        ("tmr", "text_encoder.tokens", torch.zeros(1, 8), "(1, 8); expected (2, 8)"),
        ("tmr", "text_encoder.seqTransEncoder.layers.2.linear1.bias", torch.zeros(16), "no place"),
        ("opentma", "motionencoder.logvar_token", None, "`vae: true`"),
        ("opentma", "textencoder.projection.1.weight", torch.zeros(8), "expected a matrix"),
    ],
)
def test_a_weight_that_does_not_fit_is_named(
    family: str, name: str, value: Tensor | None, said: str, tmp_path: Path
) -> None:
    refused(changed(family, name, value), tmp_path, name, said)


def test_other_files_are_refused_by_what_they_hold(tmp_path: Path) -> None:
    refused({"generator.weight": torch.zeros(2)}, tmp_path, "It holds generator", "motionencoder")
    refused(published.tmr_state(), tmp_path, "3 heads do not divide a latent space of 8", heads=3)
    refused(torch.zeros(3), tmp_path, "holds Tensor; expected weights by name")
    refused({"state_dict": {"text_encoder.tokens": 3}}, tmp_path, "text_encoder.tokens is int")
    part = {name.partition(".")[2]: value for name, value in published.tmr_state().items() if "text" in name}
    refused(part, tmp_path, "one part of a TMR checkpoint")


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.99])
def test_a_cut_file_is_refused(kept: float, tmp_path: Path) -> None:
    file = tmp_path / "cut.ckpt"
    torch.save(lightning(published.tmr_state()), file)
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content)) if 0 < kept < 1 else int(kept)])
    with pytest.raises(MateError, match=r"cut\.ckpt: not a whole PyTorch checkpoint"):
        convert_retrieval(file, tmp_path / "out")


def test_a_pointer_or_a_web_page_in_place_of_a_checkpoint_is_named(tmp_path: Path) -> None:
    file = tmp_path / "last.ckpt"
    for content, said in (
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "it is a Git LFS pointer"),
        ("<html>Google Drive - Virus scan warning</html>", "it is an HTML page"),
    ):
        file.write_text(content)
        with pytest.raises(MateError, match=said):
            convert_retrieval(file, tmp_path / "out")


class Runs:
    """Unpickled, it would make a folder in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return tempfile.mkdtemp, ("", "made", str(self.folder))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_would_run_code_is_refused_with_the_way_out(zipped: bool, tmp_path: Path) -> None:
    file = tmp_path / "evil.ckpt"
    content = lightning(published.tmr_state(), callbacks=Runs(tmp_path))
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(MateError) as error:
        convert_retrieval(file, tmp_path / "out")
    assert "tempfile.mkdtemp" in str(error.value)
    assert 'torch.save({"state_dict": checkpoint["state_dict"]}' in str(error.value)
    assert not list(tmp_path.glob("made*"))
    assert not (tmp_path / "out").exists()


def test_mean_and_std_are_asked_for_where_none_are_found(tmp_path: Path) -> None:
    state = published.tmr_state()
    refused(state, tmp_path, "Pass --mean and --std", "mean.pt and std.pt", mean=None, std=None)
    refused(state, tmp_path, "--std is missing", std=None)
    for numbers, said in (
        (torch.ones(251), "(251,); expected 263"),
        (torch.zeros(263), "Std of 0; expected"),
    ):
        file = tmp_path / "std_given.pt"
        torch.save(numbers, file)
        refused(state, tmp_path, str(file), said, std=file)


def test_folders_that_leave_a_choice_or_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="no such file or folder"):
        convert_retrieval(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(MateError, match=r"Looked for:\n.*text_encoder,motion_encoder,motion_decoder"):
        convert_retrieval(tmp_path, tmp_path / "out")
    for epoch in (99, 199):
        (tmp_path / f"epoch={epoch}.ckpt").touch()
    with pytest.raises(MateError, match=r"epoch=199\.ckpt, epoch=99\.ckpt\. Name one"):
        convert_retrieval(tmp_path, tmp_path / "out")


def test_a_configuration_of_another_network_is_refused(tmp_path: Path) -> None:
    run = tmr_run(tmp_path)
    for config, said in ((run_config(activation="relu"), "'relu'; expected 'gelu'"), ({}, "not the config")):
        (run / "config.json").write_text(json.dumps(config), encoding="utf-8")
        with pytest.raises(MateError, match=said):
            convert_retrieval(run, tmp_path / "out")


def test_an_output_that_exists_stays_unless_told(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(MateError, match="exists already"):
        convert(published.tmr_state(), tmp_path)
    with pytest.raises(MateError, match=r"a folder of other things .*mine"):
        convert(published.tmr_state(), tmp_path, overwrite=True)
    assert (tmp_path / "out" / "mine").exists()
    (tmp_path / "out" / "mine").unlink()
    convert(published.tmr_state(), tmp_path, overwrite=True)
    before = (tmp_path / "out" / "model.safetensors").read_bytes()
    convert(published.tmr_state(), tmp_path, overwrite=True, heads=1)
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == before
    assert json.loads((tmp_path / "out" / "config.json").read_text())["heads"] == 1
    with pytest.raises(MateError, match="holds, what is read"):
        convert_retrieval(tmp_path / "model.ckpt", tmp_path, overwrite=True)


def test_a_saved_text_encoder_must_be_the_one_that_will_be_used(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    encoder = str(text_encoders["distilbert"])
    stock = AutoModel.from_pretrained(encoder).state_dict()
    state = published.opentma_state() | {f"textencoder.text_model.{key}": v for key, v in stock.items()}
    found = convert(state, tmp_path, text_encoder=encoder)
    assert "same, bit for bit" in found.summary()
    assert found.left_out == {"textencoder.text_model": len(stock)}

    name = "textencoder.text_model.embeddings.word_embeddings.weight"
    other = state | {name: state[name] + 1e-6}
    convert(other, tmp_path, text_encoder=encoder, compare_text=False, overwrite=True)
    (tmp_path / "again").mkdir()
    refused(other, tmp_path / "again", "--text-encoder", "1 of ", text_encoder=encoder)
    refused(other, tmp_path / "again", "--no-compare-text", text_encoder=str(tmp_path / "none"))


def test_a_folder_that_is_no_retrieval_model_does_not_open(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    for folder in (tmp_path / "none", text_encoders["distilbert"]):
        with pytest.raises(MateError):
            open_retrieval_model(folder)
    convert(published.tmr_state(), tmp_path)
    config = tmp_path / "out" / "config.json"
    config.write_text(config.read_text(encoding="utf-8").replace('"layers": 2', '"layers": 3'))
    with pytest.raises(MateError, match="weights are missing or of another shape"):
        open_retrieval_model(tmp_path / "out")
