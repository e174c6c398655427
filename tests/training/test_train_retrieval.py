"""The retrieval model's runs: the same promises as MATE's, the presets of the papers, the script."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from mate_hf.data.batching import EVALUATION, Draw
from mate_hf.data.preparation import load_prepared
from mate_hf.errors import MateError
from mate_hf.retrieval.caption_pairs import Pair, Pairs
from mate_hf.retrieval.retriever import open_retrieval_model, open_retriever
from mate_hf.training import train_retrieval as script
from mate_hf.training.loop import Training
from mate_hf.training.parsing import make_parser
from mate_hf.training.retrieval_arguments import PRESETS, RetrievalArguments, parse_arguments
from mate_hf.training.retrieval_task import RetrievalTask
from tests.tiny import flags
from tests.together import train_together
from tests.training.conftest import forget_accelerate

SIZES = {
    "latent_size": 8,
    "layers": 1,
    "heads": 2,
    "feedforward": 16,
    "batch_size": 8,
    "num_workers": 0,
    "lr": 1e-3,
}
REQUIRED = ["--data", "d", "--output_dir", "o"]
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def options(corpus: Path, text_encoders: dict[str, Path], tmp_path: Path) -> dict[str, object]:
    encoders = {"text_encoder": text_encoders["distilbert"], "sentence_encoder": text_encoders["bert"]}
    return {"data": corpus, **encoders, "text_cache": tmp_path / "cache", "epochs": 2, **SIZES}


@pytest.fixture
def run(options: dict[str, object]) -> Iterator[Run]:
    """`run(output_dir, **options)` trains a tiny retrieval model and gives its results."""

    def train(output_dir: Path, **changed: object) -> dict[str, Any]:
        forget_accelerate()
        arguments = parse_arguments(flags(**{**options, "output_dir": output_dir, **changed}))
        return Training(partial(RetrievalTask, arguments), arguments.run, arguments.flat()).run()

    yield train
    forget_accelerate()


def weights(run: Path, which: str = "last") -> dict[str, torch.Tensor]:
    return load_file(run / which / "model.safetensors")


def test_a_run_leaves_a_model_that_compares_texts_and_motions(run: Run, tmp_path: Path) -> None:
    results = run(tmp_path / "run", epochs=3)
    assert results["history"][-1]["step"] == 6
    retriever = open_retriever(tmp_path / "run")
    texts = retriever.encode_texts(["a person walks", "someone sits down quickly", "he jumps"])
    motions = retriever.encode_motions(torch.randn(2, 20, 263), torch.ones(2, 20, dtype=torch.bool))
    assert texts.shape == (3, 8)
    torch.testing.assert_close(torch.cat([texts, motions]).norm(dim=1), torch.ones(5))
    torch.testing.assert_close(texts[2:], retriever.encode_texts(["he jumps"]), atol=1e-5, rtol=1e-4)


def test_a_resumed_run_equals_an_uninterrupted_one(run: Run, tmp_path: Path) -> None:
    settings = {"epochs": 3, "checkpoint_steps": 1, "keep_checkpoints": 9}
    run(tmp_path / "whole", **settings)
    run(tmp_path / "stopped", **settings, max_steps=3)
    run(tmp_path / "stopped", **settings, resume="last")
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_statistics_of_the_corpus_travel_with_the_model(run: Run, corpus: Path, tmp_path: Path) -> None:
    run(tmp_path / "run", epochs=1)
    model = open_retrieval_model(tmp_path / "run", "last")
    assert np.array_equal(model.motion_mean.numpy(), np.load(corpus / "Mean.npy"))
    assert np.array_equal(model.motion_std.numpy(), np.load(corpus / "Std.npy"))


def test_the_retriever_refuses_an_encoder_of_another_width(
    run: Run, tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    run(tmp_path / "run", epochs=1)
    config = tmp_path / "run" / "best" / "config.json"
    content = json.loads(config.read_text())
    config.write_text(json.dumps(content | {"text_width": 24}))
    with pytest.raises(MateError, match=r"not a retrieval model that opens|of another shape"):
        open_retriever(tmp_path / "run")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_the_papers_and_flags_override_them(name: str) -> None:
    flat = parse_arguments(["--preset", name, *REQUIRED]).flat()
    expected = {
        "tmr": (6, 32, "samples", 0.6, True, False),
        "opentma": (4, 128, "means", 0.85, False, True),
        "atm": (6, 32, "samples", 0.85, False, False),
    }[name]
    keys = ("layers", "batch_size", "nce_on", "filter_threshold", "kl_to_normal", "text_relu")
    assert tuple(flat[key] for key in keys) == expected
    weighted = ("rec_weight", "kl_weight", "latent_weight", "nce_weight", "temperature", "lr", "latent_size")
    assert tuple(flat[key] for key in weighted) == (1.0, 1e-5, 1e-5, 0.1, 0.1, 1e-4, 256)
    assert parse_arguments(["--preset", name, *REQUIRED, "--layers", "3"]).flat()["layers"] == 3


def test_a_second_round_starts_from_the_first_and_sees_segments(
    run: Run, localized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "first", epochs=1)
    seen, draw = [], Pairs.__getitem__

    def watched(self: Pairs, place: Draw) -> list[Pair]:
        seen.append((place, draw(self, place)))
        return seen[-1][1]

    monkeypatch.setattr(Pairs, "__getitem__", watched)
    run(
        tmp_path / "second",
        data=localized,
        init_from=tmp_path / "first",
        segment_share=0.5,
        lr=0.0,
        weight_decay=0.0,
        epochs=4,
    )
    one, other = weights(tmp_path / "first"), weights(tmp_path / "second")
    assert all(torch.equal(one[name], other[name]) for name in one)
    split = load_prepared(localized).corpus.splits["train"]
    whole = halves = 0
    for place, pairs in seen:
        if place.epoch == EVALUATION:
            continue
        row = split.row(place.row)
        if [pair.caption for pair in pairs] == [row["caption"]]:
            assert len(pairs[0].motion) >= len(row["motion"]) // 4 * 4 - 4
            whole += 1
            continue
        halves += 1
        assert [pair.caption for pair in pairs] == row["sub_texts"]
        for pair, (start, end) in zip(pairs, row["segments"], strict=True):
            assert len(pair.motion) <= end - start
            assert any(
                np.array_equal(pair.motion, np.asarray(row["motion"], np.float32)[s : s + len(pair.motion)])
                for s in range(start, end)
            )
    assert whole > 10
    assert halves > 10


def test_segments_of_a_dataset_without_any_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"segment_share: 0\.5.*mate localize"):
        run(tmp_path / "run", segment_share=0.5)


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(MateError, match=r"'temos'.*tmr, opentma, atm"):
        parse_arguments(["--preset", "temos", *REQUIRED])


def test_help_names_the_presets(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments(["--help"])
    assert ended.value.code == 0
    assert "opentma" in capsys.readouterr().out
    assert not [action.dest for action in make_parser(RetrievalArguments.parts())._actions if not action.help]


def test_two_processes_train_as_one(
    run: Run, options: dict[str, object], localized: Path, tmp_path: Path
) -> None:
    """Same global batch, same losses: negatives, their filter and gradients cross the processes.

    Segments leave the processes with different numbers of pairs.
    """
    changed = {
        "data": localized,
        "dropout": 0.0,
        "nce_on": "means",
        "epochs": 3,
        "log_steps": 1,
        "rec_weight": 0.0,
        "latent_weight": 0.0,
    }
    shares = (0.0, 0.5)

    def place(processes: int, share: float) -> Path:
        return tmp_path / f"{processes}-{share}"

    two = [
        flags(**{**options, **changed, "segment_share": share, "output_dir": place(2, share)})
        for share in shares
    ]
    train_together([("train-retrieval", argv) for argv in two])
    for share in shares:
        run(place(1, share), **changed, segment_share=share)
        losses = {}
        for processes in (1, 2):
            lines = (place(processes, share) / "log.jsonl").read_text().splitlines()
            for name in ("nce", "kl"):
                losses[name, processes] = [
                    record[f"train/{name}"] for record in map(json.loads, lines) if "train/loss" in record
                ]
        for name in ("nce", "kl"):
            assert len(losses[name, 1]) > 2
            assert losses[name, 2] == pytest.approx(losses[name, 1], rel=1e-4), (name, share)


def test_the_script_ends_with_the_message_and_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        script.main(flags(data=tmp_path / "nowhere", output_dir=tmp_path / "run"))
    assert ended.value.code == 1
    assert "nowhere" in capsys.readouterr().err
