"""The generator's runs: resumed as if never stopped, its mean kept, its encoder known by its weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from mate_hf.data.batching import EVALUATION, Draw
from mate_hf.data.preparation import load_prepared
from mate_hf.errors import MateError
from mate_hf.modeling import MDMModel
from mate_hf.retrieval.caption_pairs import Pair, Pairs
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import encoder_digest
from mate_hf.training import train_generator as script
from mate_hf.training.generator_arguments import parse_arguments
from mate_hf.training.generator_task import GeneratorTask
from mate_hf.training.loop import Training
from tests.tiny import flags
from tests.training.conftest import forget_accelerate

SIZES = {
    "hidden_size": 16,
    "layers": 1,
    "heads": 2,
    "feedforward": 16,
    "dropout": 0.1,
    "batch_size": 8,
    "num_workers": 0,
    "lr": 1e-2,
}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(corpus: Path, text_encoders: dict[str, Path]) -> Iterator[Run]:
    """`run(output_dir, **options)` trains a tiny generator and gives its results."""

    def train(output_dir: Path, family: str = "bert", **changed: object) -> dict[str, Any]:
        forget_accelerate()
        settings = {"data": corpus, "text_encoder": text_encoders[family], "epochs": 2, **SIZES, **changed}
        arguments = parse_arguments(flags(**settings, output_dir=output_dir))
        return Training(partial(GeneratorTask, arguments), arguments.run, arguments.flat()).run()

    yield train
    forget_accelerate()


def weights(run: Path, which: str = "last") -> dict[str, torch.Tensor]:
    return load_file(run / which / "model.safetensors")


@pytest.mark.parametrize("family", ["bert", "clip", "distilbert"])
def test_a_run_learns_and_keeps_the_mean_of_its_weights(
    run: Run, tmp_path: Path, corpus: Path, text_encoders: dict[str, Path], family: str
) -> None:
    run(tmp_path / "run", family, epochs=8, log_steps=2)
    log = map(json.loads, (tmp_path / "run" / "log.jsonl").read_text().splitlines())
    losses = [record["train/loss"] for record in log if "train/loss" in record]
    assert losses[-1] < losses[0] * 0.8
    model = MDMModel.from_pretrained(tmp_path / "run" / "last")
    checkpoint = load_file(sorted((tmp_path / "run" / "checkpoints").iterdir())[-1] / "model.safetensors")
    assert torch.equal(model.enter.weight, checkpoint["average.enter.weight"])
    assert not torch.equal(model.enter.weight, checkpoint["model.enter.weight"])
    encoder = open_text_encoder(str(text_encoders[family]))
    assert (model.text_std != 1).all()
    assert (model.sentence_mean != 0).all()
    assert model.config.text_digest == encoder_digest(encoder)
    assert model.config.text_reading_digest == reading_digest(encoder)
    assert model.config.sentence_width == (24 if family == "clip" else 16)


def test_a_run_is_told_sentences_alone_where_asked(run: Run, tmp_path: Path) -> None:
    run(tmp_path / "run", epochs=1, conditions="sentence")
    model = MDMModel.from_pretrained(tmp_path / "run" / "last")
    assert model.config.conditions == "sentence"
    assert model.words is None


@pytest.mark.parametrize("share", [0, 0.5])
def test_a_resumed_run_equals_an_uninterrupted_one(
    run: Run, tmp_path: Path, localized: Path, share: float
) -> None:
    settings = {"data": localized, "composed_share": share, "epochs": 3}
    settings |= {"checkpoint_steps": 1, "keep_checkpoints": 9}
    run(tmp_path / "whole", **settings)
    run(tmp_path / "stopped", **settings, max_steps=3)
    run(tmp_path / "stopped", **settings, resume="last")
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_does_not_go_on_with_another_encoder(
    run: Run, tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    run(tmp_path / "run", epochs=1)
    encoder = open_text_encoder(str(text_encoders["bert"]))
    with torch.no_grad():
        encoder.model.get_input_embeddings().weight[1000] += 1
    (tmp_path / "tuned").mkdir()
    encoder.model.save_pretrained(tmp_path / "tuned")
    encoder.tokenizer.save_pretrained(tmp_path / "tuned")
    with pytest.raises(MateError, match="text_encoder was"):
        run(tmp_path / "run", epochs=2, resume="last", text_encoder=tmp_path / "tuned")
    encoder.model.save_pretrained(text_encoders["bert"])
    try:
        with pytest.raises(MateError, match="began with another text encoder"):
            run(tmp_path / "run", epochs=2, resume="last")
    finally:
        with torch.no_grad():
            encoder.model.get_input_embeddings().weight[1000] -= 1
        encoder.model.save_pretrained(text_encoders["bert"])


def test_sub_texts_are_learned_on_their_segments(
    run: Run, localized: Path, tmp_path: Path, text_encoders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[Draw, list[str]]] = []
    draw = Pairs.__getitem__

    def watched(self: Pairs, place: Draw) -> list[Pair]:
        pairs = draw(self, place)
        drawn.append((place, [pair.caption for pair in pairs]))
        return pairs

    monkeypatch.setattr(Pairs, "__getitem__", watched)
    run(tmp_path / "run", data=localized, segment_share=0.5, epochs=4)
    train = load_prepared(localized).corpus.splits["train"]
    halves = [
        said
        for place, said in drawn
        if place.epoch != EVALUATION and said == train.row(place.row)["sub_texts"]
    ]
    learned = [said for place, said in drawn if place.epoch != EVALUATION]
    assert 0.25 * len(learned) < len(halves) < 0.75 * len(learned)
    encoder = open_text_encoder(str(text_encoders["bert"]))
    texts = sorted({*train["caption"], *(text for several in train["sub_texts"] for text in several)})
    with torch.no_grad():
        said = encoder.sentence_features(texts)
    model = MDMModel.from_pretrained(tmp_path / "run" / "last")
    torch.testing.assert_close(model.sentence_mean, said.mean(0), atol=1e-4, rtol=1e-3)


def test_compositions_are_learned_in_place_of_captions(
    run: Run, localized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[tuple[str, int]] = []
    draw = Pairs.__getitem__

    def watched(self: Pairs, place: Draw) -> list[Pair]:
        pairs = draw(self, place)
        if place.epoch != EVALUATION:
            learned.extend((pair.caption, len(pair.motion)) for pair in pairs)
        return pairs

    monkeypatch.setattr(Pairs, "__getitem__", watched)
    run(tmp_path / "run", data=localized, composed_share=0.5, epochs=4)
    captions = set(load_prepared(localized).corpus.splits["train"]["caption"])
    composed = [frames for caption, frames in learned if caption not in captions]
    assert 0.25 * len(learned) < len(composed) < 0.75 * len(learned)
    assert max(composed) <= 196


def test_compositions_of_a_corpus_without_segments_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"composed_share: 0\.5.*mate localize.*--composed_share 0"):
        run(tmp_path / "run", composed_share=0.5)


def test_segments_of_a_corpus_without_any_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"segment_share: 0\.5.*mate localize.*--segment_share 0"):
        run(tmp_path / "run", segment_share=0.5)


ALIGNED = {
    "alignment": "inter,intra",
    "aligned_motion": 1.0,
    "similar_captions": 1.0,
    "alignment_weight": 1.0,
}


def test_what_it_guesses_at_is_aligned_with_its_captions(
    run: Run, alignment_module: Path, tmp_path: Path
) -> None:
    before = load_file(alignment_module / "best" / "model.safetensors")
    settings = {"epochs": 3, "log_steps": 1, "checkpoint_steps": 1, "keep_checkpoints": 9}
    aligned = {**settings, **ALIGNED, "alignment_module": alignment_module}
    run(tmp_path / "plain", **settings)
    run(tmp_path / "whole", **aligned)
    log = map(json.loads, (tmp_path / "whole" / "log.jsonl").read_text().splitlines())
    records = [record for record in log if "train/loss" in record]
    for record in records:
        own, pulls = (
            sum(record[f"train/{name}"] for name in names) for names in (("root", "body"), ("inter", "intra"))
        )
        assert record["train/loss"] == pytest.approx(own + pulls, rel=1e-4)
    assert any(record["train/inter"] > 0 for record in records)
    assert any(record["train/intra"] > 0 and record["train/intra_active"] > 0 for record in records)
    one, other = weights(tmp_path / "plain"), weights(tmp_path / "whole")
    assert one.keys() == other.keys()
    assert not torch.equal(one["leave.weight"], other["leave.weight"])
    after = load_file(alignment_module / "best" / "model.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)

    run(tmp_path / "stopped", **aligned, max_steps=3)
    run(tmp_path / "stopped", **aligned, resume="last")
    again = weights(tmp_path / "stopped")
    assert all(torch.equal(other[name], again[name]) for name in other)


def test_a_run_that_aligns_every_second_step_goes_on_with_the_same_ones(
    run: Run, alignment_module: Path, tmp_path: Path
) -> None:
    settings = {"epochs": 4, "log_steps": 1, **ALIGNED, "alignment_module": alignment_module}
    run(tmp_path / "whole", **settings, alignment_every=2)
    run(tmp_path / "stopped", **settings, alignment_every=2, max_steps=3)
    run(tmp_path / "stopped", **settings, alignment_every=2, resume="last")
    whole, again = (weights(tmp_path / name) for name in ("whole", "stopped"))
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    log = map(json.loads, (tmp_path / "whole" / "log.jsonl").read_text().splitlines())
    aligned = ["train/inter" in record for record in log if "train/loss" in record]
    assert aligned == [step % 2 == 0 for step in range(len(aligned))]
    assert len(aligned) > 3


def test_an_alignment_needs_its_module_and_keeps_it(
    run: Run, alignment_module: Path, tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    with pytest.raises(MateError, match="--alignment_module RUN"):
        run(tmp_path / "run", alignment="inter")
    aligned = {**ALIGNED, "alignment_module": alignment_module}
    run(tmp_path / "run", epochs=1, **aligned)
    weight = load_file(alignment_module / "best" / "model.safetensors")
    weight["motion_encoder.distribution"] += 1
    save_file(weight, alignment_module / "best" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MateError, match="another alignment module"):
        run(tmp_path / "run", epochs=2, resume="last", **aligned)


def test_validations_come_as_often_as_asked_and_at_the_end(run: Run, tmp_path: Path) -> None:
    results = run(tmp_path / "run", epochs=7, validation_epochs=3)
    assert [record["epoch"] for record in results["history"]] == [3, 6, 7]


@pytest.mark.parametrize("name", ["quickstart_generator", "generator_base"])
def test_the_shipped_settings_are_what_they_say(name: str) -> None:
    flat = parse_arguments(["--config", name, "--data", "d", "--output_dir", "o"]).flat()
    assert (flat["layers"], flat["hidden_size"]) == {
        "quickstart_generator": (4, 160),
        "generator_base": (8, 512),
    }[name]


def test_the_script_ends_with_the_message_and_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        script.main(flags(data=tmp_path / "nowhere", output_dir=tmp_path / "run"))
    assert ended.value.code == 1
    assert "nowhere" in capsys.readouterr().err


def test_a_share_of_the_motions_is_learned_from(run: Run, tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", epochs=1)["steps"]
    assert run(tmp_path / "half", epochs=1, train_share=0.5)["steps"] == whole // 2


def test_it_says_whether_it_is_aligned_and_by_what(
    run: Run, alignment_module: Path, localized: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path / "none", epochs=1, alignment_module=alignment_module)
    said = f"not aligned with captions: --alignment is none, and {alignment_module} is not read."
    assert said in capfd.readouterr().err
    aligned = {**ALIGNED, "alignment_module": alignment_module, "alignment_every": 2}
    run(tmp_path / "halves", epochs=1, data=localized, segment_share=0.5, **aligned)
    said = capfd.readouterr().err
    assert f"aligned with captions (inter,intra) by {alignment_module}, in one step of 2." in said
    assert "sub-texts on their segments are aligned as captions are (50% of what is learned)" in said


def test_a_module_that_names_no_sentence_encoder_is_told_one_and_kept_to_it(
    run: Run, alignment_module: Path, tmp_path: Path, text_encoders: dict[str, Path]
) -> None:
    """As a converted checkpoint."""
    aligned = {**ALIGNED, "alignment_module": alignment_module}
    named = alignment_module / "config.yaml"
    known = named.read_text()
    named.unlink()
    with pytest.raises(MateError, match="--alignment_sentence_encoder"):
        run(tmp_path / "run", epochs=1, **aligned)
    run(tmp_path / "told", epochs=1, **aligned, alignment_sentence_encoder=text_encoders["bert"])
    named.write_text(known)
    run(tmp_path / "run", epochs=2, **aligned, max_steps=1)
    named.write_text(f"sentence_encoder: {text_encoders['distilbert']}\n")
    with pytest.raises(MateError, match="another sentence encoder of the alignment"):
        run(tmp_path / "run", epochs=2, **aligned, resume="last")
