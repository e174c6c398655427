"""What a run promises: only seen words change, the seed fixes everything, nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.state import AcceleratorState
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from mate_hf.data.preparation import load_prepared
from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.modeling import MateModel
from mate_hf.objectives.mate import MateObjective
from mate_hf.runs.model import open_model
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.feature_cache import CaptionFeatureCache
from mate_hf.training import checkpoint_files
from mate_hf.training import train as train_script
from mate_hf.training.task import share_of_motions
from tests.tiny import FAMILIES, TINY_SIZES, flags
from tests.together import train_together
from tests.training.conftest import Run

LAUNCH = Path(__file__).parents[2] / "training" / "launch"

EMBEDDINGS = {
    "clip": "text_model.embeddings.token_embedding.weight",
    "distilbert": "embeddings.word_embeddings.weight",
    "bert": "embeddings.word_embeddings.weight",
}


def weights(run: Path, which: str = "last") -> dict[str, torch.Tensor]:
    return load_file(run / which / "model.safetensors")


def assert_same_weights(first: Path, second: Path) -> None:
    one, other = weights(first), weights(second)
    assert one.keys() == other.keys()
    different = [name for name in one if not torch.equal(one[name], other[name])]
    assert not different


@pytest.mark.parametrize("family", FAMILIES)
def test_only_embedding_rows_of_training_words_differ_from_the_base(
    run: Run, corpus: Path, text_encoders: dict[str, Path], tmp_path: Path, family: str
) -> None:
    run(tmp_path / "run", family)
    base = open_text_encoder(str(text_encoders[family]))
    captions = list(load_prepared(corpus).corpus.splits["train"]["caption"])
    seen = sorted(
        {token for ids in base.tokenizer(captions, add_special_tokens=False)["input_ids"] for token in ids}
    )
    trained = open_model(tmp_path / "run", "last").text_encoder.state_dict()
    for name, value in base.model.state_dict().items():
        if name == EMBEDDINGS[family]:
            changed = (trained[name] != value).any(1).nonzero().flatten().tolist()
            assert changed == seen
        else:
            assert torch.equal(trained[name], value), name


def test_trainable_modes_touch_what_they_name(
    run: Run, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    base = open_text_encoder(str(text_encoders["bert"])).model.state_dict()
    moved = {}
    for mode in ("none", "layers", "all", "lora"):
        run(tmp_path / mode, trainable=mode, epochs=1)
        trained = open_model(tmp_path / mode, "last").text_encoder.state_dict()
        assert trained.keys() == base.keys()
        moved[mode] = {name for name in base if not torch.equal(base[name], trained[name])}
    assert moved["none"] == set()
    assert EMBEDDINGS["bert"] not in moved["layers"]
    assert any("attention" in name for name in moved["layers"])
    assert moved["all"] == moved["layers"] | {EMBEDDINGS["bert"]}
    run(tmp_path / "first", first_layers=1, epochs=1)
    trained = open_model(tmp_path / "first", "last").text_encoder.state_dict()
    first = {name for name in base if not torch.equal(base[name], trained[name])} - {EMBEDDINGS["bert"]}
    assert first
    assert first < moved["layers"]
    assert all("layer.0." in name for name in first)
    assert moved["lora"]
    assert all("attention.self.query.weight" in name or "value.weight" in name for name in moved["lora"])


@pytest.mark.parametrize(("trainable", "dropout"), [("embeddings", False), ("all", True)])
def test_a_frozen_encoder_runs_as_its_users_will_run_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trainable: str, dropout: bool
) -> None:
    seen = set()
    forward = MateObjective.forward

    def watched(self: MateObjective, **batch: torch.Tensor) -> dict[str, torch.Tensor]:
        if self.training:
            seen.add(self.model.text_encoder.training)
        return forward(self, **batch)

    monkeypatch.setattr(MateObjective, "forward", watched)
    run(tmp_path, trainable=trainable, epochs=2)
    assert seen == {dropout}


@pytest.mark.parametrize("objective", ["mate", "tmr"])
def test_an_encoder_in_which_nothing_learns_reads_no_caption_twice(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, objective: str
) -> None:
    options = {"trainable": "none", "objective": objective, "epochs": 2}
    reads, encode = [], MateModel._encode

    def counted(self: MateModel, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        reads.append(len(ids))
        return encode(self, ids, mask)

    monkeypatch.setattr(MateModel, "_encode", counted)
    run(tmp_path / "remembers", **options)
    assert not reads
    run(tmp_path / "again", **options)
    assert not reads
    assert_same_weights(tmp_path / "remembers", tmp_path / "again")
    monkeypatch.setattr(CaptionFeatureCache, "lookup", lambda *_: None)
    run(tmp_path / "reads", **options)
    assert reads
    remembered, read = weights(tmp_path / "remembers"), weights(tmp_path / "reads")
    for name, value in read.items():
        torch.testing.assert_close(remembered[name], value, atol=1e-3, rtol=1e-2)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(run: Run, tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("second", 3), ("other", 4)):
        run(tmp_path / name, seed=seed, epochs=1)
    assert_same_weights(tmp_path / "first", tmp_path / "second")
    assert not torch.equal(
        weights(tmp_path / "first")["prototypes.weight"], weights(tmp_path / "other")["prototypes.weight"]
    )


def test_the_optimizer_forgets_as_fast_as_asked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, float]] = []

    class Watched(torch.optim.AdamW):
        def __init__(self, *groups: Any, **options: Any) -> None:
            asked.append(options["betas"])
            super().__init__(*groups, **options)

    monkeypatch.setattr(torch.optim, "AdamW", Watched)
    run(tmp_path / "run", adam_beta2=0.98, max_steps=1)
    assert asked == [(0.9, 0.98)]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_resumed_run_equals_an_uninterrupted_one(run: Run, tmp_path: Path, workers: int) -> None:
    # Step 3 of 2 a epoch: the second epoch is resumed in its middle, dropout, crops, words and all.
    options = {"epochs": 3, "num_workers": workers, "checkpoint_steps": 1, "keep_checkpoints": 9}
    whole = run(tmp_path / "whole", **options)
    run(tmp_path / "stopped", **options, max_steps=3)
    resumed = run(tmp_path / "stopped", **options, resume="last")
    assert_same_weights(tmp_path / "whole", tmp_path / "stopped")
    assert resumed["history"][-1] == whole["history"][-1]


def test_checkpoints_are_pruned_and_none_is_half_written(run: Run, tmp_path: Path) -> None:
    run(tmp_path, checkpoint_steps=1, keep_checkpoints=2)
    assert [folder.name for folder in sorted((tmp_path / "checkpoints").iterdir())] == [
        "step_00000003",
        "step_00000004",
    ]


def test_a_full_disk_ends_the_run_with_its_earlier_checkpoints_whole(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = checkpoint_files.write_shared, []

    def fills_up(parts: checkpoint_files.Resumable, folder: Path) -> None:
        write(parts, folder)
        written.append(folder)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint_files, "write_shared", fills_up)
    with pytest.raises(MateError, match=r"No space left.*--resume last"):
        run(tmp_path, epochs=3)
    assert [folder.name for folder in (tmp_path / "checkpoints").iterdir()] == ["step_00000002"]
    monkeypatch.undo()
    assert run(tmp_path, epochs=3, resume="last")["steps"] == 6


def test_a_run_folder_is_complete(run: Run, corpus: Path, tmp_path: Path) -> None:
    results = run(tmp_path, log_steps=1)
    assert {path.name for path in tmp_path.iterdir()} >= {
        "checkpoints", "best", "last", "results.json", "vocabulary.json", "config.yaml", "log.jsonl",
    }  # fmt: skip
    assert json.loads((tmp_path / "results.json").read_text()) == results
    assert results["seed"] == 0
    assert len(results["data_hash"]) == 64
    assert results["history"][-1]["step"] == results["steps"] == 4
    assert yaml.safe_load((tmp_path / "config.yaml").read_text())["data"] == str(corpus)
    steps = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [record["step"] for record in steps if "train/loss" in record] == [1, 2, 3, 4]


def test_best_is_the_epoch_with_the_best_validation(run: Run, tmp_path: Path) -> None:
    results = run(tmp_path, epochs=4)
    assert results["best"]["mean_recall"] == max(record["mean_recall"] for record in results["history"])


def test_of_equally_good_epochs_the_last_is_the_best(run: Run, tmp_path: Path) -> None:
    results = run(tmp_path, epochs=3, lr=0.0, embedding_lr=0.0)
    assert len({record["mean_recall"] for record in results["history"]}) == 1
    assert results["best"]["epoch"] == 3


def test_early_stop_ends_a_run_that_no_longer_improves(run: Run, tmp_path: Path) -> None:
    results = run(tmp_path, epochs=50, early_stop=2, lr=0.0, embedding_lr=0.0)
    assert len(results["history"]) == 3


def test_gradient_accumulation_counts_optimizer_steps(run: Run, tmp_path: Path) -> None:
    # 16 clips in batches of 3: five batches, of which two steps of two fit an epoch.
    results = run(tmp_path, batch_size=3, gradient_accumulation_steps=2, epochs=3)
    assert results["steps"] == 6
    assert [record["epoch"] for record in results["history"]] == [1, 2, 3]


def test_an_old_run_is_neither_mixed_nor_lost(run: Run, tmp_path: Path) -> None:
    run(tmp_path, epochs=1)
    before = weights(tmp_path)["prototypes.weight"]
    with pytest.raises(MateError, match=r"holds a run already.*--resume last"):
        run(tmp_path, epochs=1)
    assert torch.equal(weights(tmp_path)["prototypes.weight"], before)
    run(tmp_path, epochs=1, overwrite=True, seed=9)
    assert not torch.equal(weights(tmp_path)["prototypes.weight"], before)


def test_a_diverging_run_stops_and_says_how_to_go_on(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"not finite.*Lower lr"):
        run(tmp_path, lr=1e30, epochs=50, log_steps=1000)
    assert not list((tmp_path / "checkpoints").glob("step_*"))


def test_a_new_run_that_cannot_start_leaves_the_old_one(run: Run, tmp_path: Path) -> None:
    run(tmp_path, epochs=1)
    with pytest.raises(MateError, match="batch_size"):
        run(tmp_path, overwrite=True, batch_size=4000)
    assert (tmp_path / "best" / "model.safetensors").exists()


def test_a_resume_without_checkpoint_says_so(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MateError, match="holds no checkpoint"):
        run(tmp_path, resume="last")


@pytest.mark.parametrize("objective", ["temos", "tmr", "moclip"])
def test_other_objectives_train_the_same_rows_and_resume(run: Run, tmp_path: Path, objective: str) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run(whole, objective=objective, epochs=2)
    run(broken, objective=objective, epochs=1)
    run(broken, objective=objective, epochs=2, resume="last")
    assert_same_weights(whole, broken)
    assert torch.equal(
        weights(whole)["word_projection.weight"], weights(whole, "best")["word_projection.weight"]
    )
    assert not any("teacher" in name for name in weights(whole))


def test_bfloat16_trains(run: Run, tmp_path: Path) -> None:
    assert run(tmp_path, mixed_precision="bf16", epochs=1)["history"]


@pytest.mark.parametrize(("flag", "precision"), [(None, "bf16"), ("no", "no")])
def test_precision_is_the_launchers_where_no_flag_says_otherwise(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str | None, precision: str
) -> None:
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    run(tmp_path, max_steps=1, **({} if flag is None else {"mixed_precision": flag}))
    assert AcceleratorState().mixed_precision == precision


@pytest.mark.parametrize("file", sorted(LAUNCH.glob("*.yaml")), ids=lambda file: file.stem)
def test_launch_files_are_read_by_accelerate(file: Path) -> None:
    settings = load_config_from_file(str(file))
    assert settings.num_processes > 1
    assert settings.machine_rank == 0


@given(share=st.floats(0.01, 1.0), motions=st.integers(1, 40))
@settings(max_examples=25, deadline=None)
def test_a_share_of_the_data_is_whole_motions_and_smaller_shares_lie_in_larger(
    share: float, motions: int
) -> None:
    ids = [f"{row % motions:03d}" for row in range(3 * motions)]
    split = Split(Dataset.from_dict({"id": ids, "caption": [f"row {row}" for row in range(len(ids))]}))
    kept = share_of_motions(split, share)["id"]
    assert len(kept) == 3 * len(set(kept))
    assert len(set(kept)) == max(1, round(share * motions))
    assert set(share_of_motions(split, share / 2)["id"]) <= set(kept)


def test_a_share_of_the_data_trains_and_nonsense_is_refused(run: Run, tmp_path: Path) -> None:
    assert run(tmp_path / "half", train_share=0.5, epochs=1)["steps"] == 1
    assert run(tmp_path / "whole", epochs=1)["steps"] == 2
    with pytest.raises(MateError, match=r"train_share: 1\.5; expected"):
        run(tmp_path / "more", train_share=1.5)


def test_trackers_go_by_name(run: Run, tmp_path: Path) -> None:
    run(tmp_path, report_to="tensorboard", epochs=1)
    assert list(tmp_path.rglob("events.out.tfevents*"))


@pytest.mark.parametrize(
    ("tracker", "said"), [("nonsense", "expected of"), ("comet_ml", "pip install comet_ml")]
)
def test_a_tracker_that_would_record_nothing_is_refused(
    run: Run, tmp_path: Path, tracker: str, said: str
) -> None:
    with pytest.raises(MateError, match=said):
        run(tmp_path, report_to=tracker)


def test_the_script_ends_with_the_message_and_code_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        train_script.main(flags(data=tmp_path / "nowhere", output_dir=tmp_path / "run"))
    assert ended.value.code == 1
    assert "nowhere" in capsys.readouterr().err


def test_two_processes_train_as_one(
    run: Run, corpus: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    """Same global batch, same losses over 10 steps: negatives, guards and gradients cross the processes."""
    options: dict[str, Any] = {
        "motion_dropout": 0.0,
        "attention_dropout": 0.0,
        "max_steps": 10,
        "epochs": 5,
        "log_steps": 1,
    }
    of_two = {"data": corpus, "text_encoder": text_encoders["clip"], **TINY_SIZES, **options}
    objectives = ("mate", "tmr", "moclip")
    two = [flags(**of_two, objective=name, output_dir=tmp_path / "2" / name) for name in objectives]
    train_together([("train", argv) for argv in two])
    for name in objectives:
        run(tmp_path / "1" / name, "clip", **options, objective=name)
        losses = {}
        for processes in ("1", "2"):
            lines = (tmp_path / processes / name / "log.jsonl").read_text().splitlines()
            losses[processes] = [record for record in map(json.loads, lines) if "train/loss" in record]
        assert len(losses["1"]) == 10
        for first, second in zip(losses["1"], losses["2"], strict=True):
            assert second == pytest.approx(first, rel=1e-5), name
