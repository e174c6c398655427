"""`mate plot words`: every figure of a run and its stock encoder, and what each needs is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mate_hf.cli import app
from mate_hf.data.corpus import open_corpus
from mate_hf.errors import MateError
from mate_hf.reports import word_figures
from mate_hf.reports.word_figures import FEATURES, FIGURES, READ, plot_words
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.word_classes import classes_of
from tests.evaluation.words.test_run_words import corpus, run

__all__ = ["corpus", "run"]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_drawn(
    figure: str, corpus: Path, run: Path, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "x.png"
    command = ["plot", "words", str(run), "--out", str(out), "--figure", figure, "--split", "train"]
    command += ["--data", str(corpus / "prepared"), "--base", str(text_encoders["bert"])]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"\x89PNG")
    assert "x.png" in done.output


def test_the_map_is_given_each_spelling_with_both_its_rows(
    run: Path, text_encoders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(word_figures, "draw_word_map", lambda shown, place, title: seen.append(shown))
    plot_words(run, tmp_path / "x.png", base=str(text_encoders["bert"]))
    [shown] = seen
    words = word_figures.open_words(run)
    stock, tuned = open_text_encoder(str(text_encoders["bert"])), words.trained.encoder
    place = shown.words.index("left")
    for encoder, rows in ((stock, shown.before), (tuned, shown.after)):
        [token] = encoder.tokenizer("left", add_special_tokens=False)["input_ids"]
        np.testing.assert_allclose(rows[place], encoder.embedding_rows[token], rtol=1e-6)
    assert list(shown.words) == [
        form for lemma in words.vocabulary.lemmas for form in words.vocabulary.forms[lemma]
    ]
    assert dict(zip(shown.words, shown.classes, strict=True)) == classes_of(words.vocabulary)
    joined = {(shown.words[one], shown.words[other]) for one, other in shown.pairs}
    assert ("left", "right") in joined


def test_what_a_figure_needs_is_said(run: Path, corpus: Path, tmp_path: Path) -> None:
    # The run does not say what it was trained from.
    for figure in ("antonyms", "displacement"):
        with pytest.raises(MateError, match=f"figure {figure} sets the run beside its stock encoder.*--base"):
            plot_words(run, tmp_path / "x.png", figure)
    with pytest.raises(MateError, match=r"figure features reads motions\. Name a corpus: --data"):
        plot_words(run, tmp_path / "x.png", "features")
    with pytest.raises(MateError, match=r"'pie'; expected map, .* or features"):
        plot_words(run, tmp_path / "x.png", "pie")
    with pytest.raises(MateError, match="stands still"):
        plot_words(run, tmp_path / "x.html")
    assert plot_words(run, tmp_path / "x.png").exists()
    with pytest.raises(MateError, match="exists"):
        plot_words(run, tmp_path / "x.png")


def test_a_motion_of_several_captions_is_one_point_of_a_word(
    run: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(word_figures, "draw_feature_map", lambda *given: seen.append(given))
    data = str(corpus / "prepared")
    plot_words(run, tmp_path / "x.png", "features", data, "train")
    [(lemmas, features, owners, _, read, _, _)] = seen
    split = open_corpus(data).split("train", data)
    words = word_figures.open_words(run).vocabulary
    of_clips = {lemma: set() for lemma in lemmas}
    for clip, caption in zip(split["clip"][:READ], split["caption"][:READ], strict=True):
        for word in words.annotate([caption])[0].words:
            if word.prototype_id is not None and words.lemmas[word.prototype_id] in of_clips:
                of_clips[words.lemmas[word.prototype_id]].add(clip)
    assert read == [len(of_clips[lemma]) for lemma in lemmas]
    assert [owners.count(place) for place in range(len(lemmas))] == [min(FEATURES, count) for count in read]
    assert len(features) == len(owners)
