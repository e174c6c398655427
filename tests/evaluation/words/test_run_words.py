"""`mate evaluate words` on a synthetic corpus, against one caption and one motion at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from datasets import load_from_disk
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.corpus import load_corpus
from mate_hf.data.preparation import prepare
from mate_hf.data.synthetic import write_synthetic_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.words.retention import general_sentences
from mate_hf.evaluation.words.run_words import evaluate_words
from mate_hf.evaluation.words.word_pairs import ANTONYM_SENTENCES
from mate_hf.runs.model import open_model, save_model
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.opposites import antonym_negatives
from mate_hf.text.vocabulary import Vocabulary
from tests.modeling.test_modeling_mate import tiny_model


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("words")
    write_synthetic_corpus(root / "folder", 24, progress=False)
    prepare(str(root / "folder"), root / "prepared")
    return root


@pytest.fixture(scope="module")
def run(corpus: Path, text_encoders: dict[str, Path]) -> Path:
    captions = list(load_from_disk(corpus / "prepared")["train"]["caption"])
    vocabulary = Vocabulary.from_captions(captions)
    model = tiny_model(text_encoders["bert"])
    model.prototypes = torch.nn.Embedding(len(vocabulary), model.config.hidden_size)
    model.config.prototypes = len(vocabulary)
    with torch.no_grad():
        # One shift of all numbers would be taken off by the next layer norm.
        moved = model.text_encoder.get_input_embeddings().weight[1000:3000]
        moved += 0.03 * torch.randn(moved.shape, generator=torch.Generator().manual_seed(0))
    save_model(model, model.state_dict(), model.tokenizer, vocabulary, corpus / "run" / "best")
    return corpus / "run"


def test_every_probe_is_written(corpus: Path, run: Path, text_encoders: dict[str, Path]) -> None:
    out = corpus / "words.json"
    truth = corpus / "folder" / "truth.jsonl"
    command = ["evaluate", "words", str(run), "--data", str(corpus / "prepared"), "--split", "train"]
    command += ["--truth", str(truth), "--base", str(text_encoders["bert"]), "--out", str(out)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    written = json.loads(out.read_text())
    assert written["data_hash"]
    metrics = written["metrics"]
    model = open_model(run)

    margins = []
    split = load_corpus(corpus / "prepared").splits["train"]
    for number in range(len(split)):
        row = split.row(number)
        motion = torch.tensor(row["motion"])[: min(196, len(row["motion"]) // 4 * 4)]
        own = model.encode_motion(motion)[0]
        for negative in antonym_negatives(row["caption"]):
            near = torch.cosine_similarity(model.encode_text(row["caption"])[0], own, dim=0)
            margins.append(
                float(near - torch.cosine_similarity(model.encode_text(negative.text)[0], own, dim=0))
            )
    assert metrics["swaps"]["all"]["count"] == len(margins) > 10
    assert metrics["swaps"]["all"]["margin"] == pytest.approx(sum(margins) / len(margins), abs=1e-5)
    assert metrics["swaps"]["all"]["accuracy"] == pytest.approx(
        100 * sum(margin > 0 for margin in margins) / len(margins), abs=0.5
    )
    assert metrics["grounding"]["words"] > 10
    assert metrics["disentanglement"]["words"] > 10

    stock = open_text_encoder(str(text_encoders["bert"]))
    for name, encoder in (("cosines_before", stock), ("cosines", open_text_encoder_of(run))):
        first, second = (
            encoder.sentence_features([pair[side] for pair in ANTONYM_SENTENCES]) for side in (0, 1)
        )
        expected = float(torch.cosine_similarity(first, second).mean())
        assert metrics[name]["antonym_sentences"]["mean"] == pytest.approx(expected, abs=1e-5)
    assert metrics["cosines"] != metrics["cosines_before"]
    assert metrics["displacement"]["classes"]["direction"]["mean"] > 0
    # The corpus of the built-in captions holds none of the words asked about.
    unseen = metrics["unseen_words"]
    assert unseen["dropped"]["word trained"] == 0
    assert len(unseen["probes"]) >= 60
    texts = [text for group in general_sentences().values() for text in group]
    kept = torch.cosine_similarity(
        stock.sentence_features(texts), open_text_encoder_of(run).sentence_features(texts)
    )
    assert metrics["retention"]["cosine"]["mean"] == pytest.approx(float(kept.mean()), abs=1e-5)
    assert float(kept.mean()) < 0.9999
    assert "Words left alone: general English keeps cosine" in " ".join(done.output.split())


def open_text_encoder_of(run: Path):  # type: ignore[no-untyped-def]
    from mate_hf.runs.trained import open_trained

    return open_trained(run).encoder


def test_a_limit_below_one_caption_is_refused(corpus: Path, run: Path) -> None:
    with pytest.raises(MateError, match=r"limit: 0; expected at least 1"):
        evaluate_words(run, corpus, limit=0)


def test_what_is_missing_is_said(corpus: Path, run: Path) -> None:
    metrics = evaluate_words(run, str(corpus / "prepared"), "test", limit=4)["metrics"]
    assert "base encoder" in metrics["not_compared"]
    assert not {"cosines_before", "displacement", "retention"} & set(metrics)
    asked = metrics["unseen_words"]["probes"]
    assert all("after" in probe and "before" not in probe for probe in asked)
    assert "grounding" not in metrics
    with pytest.raises(MateError, match=r"'tset'.*train"):
        evaluate_words(run, str(corpus / "prepared"), "tset")
    (run / "best" / "vocabulary.json").rename(run / "aside")
    try:
        with pytest.raises(MateError, match=r"no vocabulary\.json"):
            evaluate_words(run, str(corpus / "prepared"), "test")
    finally:
        (run / "aside").rename(run / "best" / "vocabulary.json")


def test_words_of_another_run_are_refused(corpus: Path, run: Path) -> None:
    file = run / "best" / "vocabulary.json"
    own = file.read_bytes()
    Vocabulary.from_captions(["a man walks", "a man walks"]).save(file)
    try:
        with pytest.raises(MateError, match=r"vocabulary\.json has \d+ lemmas, but the model \d+ prototypes"):
            evaluate_words(run, str(corpus / "prepared"), "test")
    finally:
        file.write_bytes(own)


def test_a_base_that_was_named_and_does_not_open_is_an_error(corpus: Path, run: Path) -> None:
    with pytest.raises(MateError, match="nowhere"):
        evaluate_words(run, str(corpus / "prepared"), "test", base="/nowhere")
