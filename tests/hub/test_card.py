"""Every number of a card stands in a results file, and nothing is left open."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt
from safetensors.torch import load_file, save_file

from mate_hf.errors import MateError
from mate_hf.evaluation.protocols import protocol_metrics
from mate_hf.exports import FORMATS, export
from mate_hf.hub.card import render_card
from mate_hf.runs.trained import open_trained
from tests.trained_runs import Trained

NAME = "motion/mate-clip"


@pytest.fixture
def run(trained: Trained) -> Path:
    """A run that was trained and evaluated, on paper."""

    folder = trained("whole_clip")
    texts, motions = torch.randn(40, 8, generator=torch.manual_seed(0)), torch.randn(40, 8)
    protocols = protocol_metrics(texts, motions, None, [str(n) for n in range(40)])
    origin: dict[str, Any] = {
        "command": "mate evaluate retrieval run",
        "commit": "c0ffee",
        "data_hash": "f" * 64,
    }
    evaluation = {**origin, "split": "test", "protocols": protocols}
    (folder / "retrieval.json").write_text(json.dumps(evaluation))
    results = {
        **origin,
        "command": "mate train",
        "steps": 321,
        "localized": True,
        "versions": {"torch": "2.13"},
    }
    (folder / "results.json").write_text(json.dumps(results))
    settings = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**settings, "data": "data/humanml3d", "seed": 7}))
    return folder


def card_of(run: Path, tmp_path: Path, format: str = "hf") -> str:
    report = export(run, tmp_path / "out", format, overwrite=True)
    return render_card(NAME, open_trained(run), report, run)


def test_results_are_the_evaluations(run: Path, tmp_path: Path) -> None:
    card = card_of(run, tmp_path)
    protocols = json.loads((run / "retrieval.json").read_text())["protocols"]
    scores = protocols["a"]
    recalls = " | ".join(f"{scores[f't2m/R@{k}']:.1f}" for k in (1, 2, 3, 5, 10))
    assert f"| (a) | 40 | text to motion | {recalls} | {scores['t2m/MedR']:.1f} |" in card
    found = ModelCard(card).data.eval_results
    assert len(found) == len(protocols) * 2 * 5
    first = next(result for result in found if result.metric_name == "t2m R@1, protocol (a)")
    assert first.metric_value == round(scores["t2m/R@1"], 2)
    for part in (
        "`mate evaluate retrieval run`",
        "`mate train`",
        "| steps | 321 |",
        "| seed | `7` |",
        "f" * 64,
    ):
        assert part in card
    assert "3 of its 49,408 embedding rows" in card


def test_settings_that_are_not_the_papers_are_named_with_the_papers(run: Path, tmp_path: Path) -> None:
    known = yaml.safe_load((run / "config.yaml").read_text())
    other = {"tau": 0.1, "context_queries": True, "prior_form": "keys", "seed": 3, "num_workers": 7}
    (run / "config.yaml").write_text(yaml.safe_dump({**known, **other}))
    [row] = [line for line in card_of(run, tmp_path).splitlines() if "not the paper's" in line]
    assert "`tau: 0.1` (paper: 0.05)" in row
    assert "`context_queries: True` (paper: False)" in row
    for name in ("prior_form", "seed", "num_workers", "text_encoder"):
        assert f"`{name}:" not in row


def test_word_probes_stand_beside_retrieval(run: Path, tmp_path: Path) -> None:
    probes = {
        "cosines": {"antonym_words": {"mean": 0.3121, "pairs": []}},
        "cosines_before": {"antonym_words": {"mean": 0.7344, "pairs": []}},
        "swaps": {
            "all": {"count": 90, "accuracy": 81.25, "margin": 0.0987},
            "pair left/right": {"count": 40, "accuracy": 7.0, "margin": 0.7},
        },
        "paraphrases": {"count": 64, "R@1": 61.5, "R@1 before": 73.4},
        "grounding": {"pointing": 77.7, "chance": 41.9, "words": 123},
        "unseen_words": {
            "halves": {"held out": {"all": {"before": {"mean": 90.0}, "after": {"mean": 87.5, "probes": 48}}}}
        },
        "retention": {"cosine": {"mean": 0.99875}, "rank_correlation": {"mean": 0.9876}},
        "displacement": {"function over direction": 0.163},
    }
    origin = json.loads((run / "retrieval.json").read_text())
    content = {name: origin[name] for name in ("commit", "data_hash", "split")}
    (run / "words.json").write_text(
        json.dumps({**content, "command": "mate evaluate words run", "metrics": probes})
    )
    card = card_of(run, tmp_path)
    for row in (
        "| mean cosine, antonym words | 0.734 | 0.312 |",
        "negative, all (90) | 50.0 % by chance | 81.2 %, margin 0.099 |",
        "untrained words (64) | 73.4 % in their own | 61.5 % |",
        "frames (123 words) | 41.9 % by chance | 77.7 % |",
        "`mate evaluate words run`",
        "\n\nWords left alone: general English keeps cosine 0.999 with its stock self and its order of likeness by rank correlation 0.988; "
        "87.5 % of 48 held-out unseen words are read right (stock 90.0 %); function words move 0.16 times as far as direction words.",
    ):
        assert row in card
    assert "pair left/right" not in card
    found = {result.metric_name: result.metric_value for result in ModelCard(card).data.eval_results}
    assert found["antonym negative, all"] == 81.25
    assert found["pointing at a word's frames"] == 77.7
    assert found["unseen words, held out"] == 87.5
    assert found["general English, cosine with stock, %"] == 99.88
    assert found["general English, rank correlation with stock, %"] == 98.76


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_has_a_whole_card_with_its_own_door(run: Path, tmp_path: Path, format: str) -> None:
    card = card_of(run, tmp_path, format)
    assert "More Information Needed" not in card
    assert not re.search(r"\{\{|\}\}|\{%|None\b", card)
    assert {
        "hf": "SentenceTransformer",
        "hf-clip": "CLIPModel",
        "openai-clip": "clip.load",
        "adapter": "peft",
    }.get(format, "trust_remote_code") in card
    assert card.count("```") % 2 == 0
    assert ("`model.safetensors`" in card and "torch.load" in card) is (format == "openai-clip")
    assert NAME in card
    header = yaml.safe_load(card.split("---")[1])
    assert header["library_name"] == "transformers"


def test_a_run_without_evaluation_or_known_base_says_so(trained: Trained, tmp_path: Path) -> None:
    card = card_of(trained("distilbert", base_known=False), tmp_path)
    assert "## Results" not in card
    assert "Not compared with the base encoder: format report needs the base" in card
    assert "nearest before" not in card
    assert not re.search(r"None\b", card)


def test_a_results_file_of_another_kind_is_named(run: Path, tmp_path: Path) -> None:
    (run / "retrieval.json").write_text('{"metrics": {}}')
    with pytest.raises(MateError, match=r"retrieval\.json: no command.*mate evaluate"):
        card_of(run, tmp_path)
    (run / "retrieval.json").write_text("{")
    with pytest.raises(MateError, match=r"retrieval\.json could not be read"):
        card_of(run, tmp_path)


def test_what_a_run_says_of_itself_is_text_on_the_card(run: Path, tmp_path: Path) -> None:
    hostile = "x`\n\n# Owned\n<img src=x onerror=1>|y"
    results = json.loads((run / "results.json").read_text())
    results |= {
        "command": hostile,
        "commit": hostile,
        "data_hash": hostile,
        "steps": hostile,
        "versions": {hostile: hostile},
    }
    (run / "results.json").write_text(json.dumps(results))
    evaluation = json.loads((run / "retrieval.json").read_text())
    scores = evaluation["protocols"]["a"]
    evaluation |= {"split": hostile, "command": hostile, "protocols": {hostile: scores}}
    (run / "retrieval.json").write_text(json.dumps(evaluation))
    settings = yaml.safe_load((run / "config.yaml").read_text())
    settings |= {
        "data": f"a/{hostile.replace('/', '')}",
        "seed": hostile,
        "tau": hostile,
        "attention_prior": hostile,
    }
    (run / "config.yaml").write_text(yaml.safe_dump(settings))
    words = json.loads((run / "best" / "vocabulary.json").read_text())
    content = next(entry for entry in words["lemmas"] if entry["content"])
    content |= {"lemma": hostile}
    (run / "best" / "vocabulary.json").write_text(json.dumps(words))
    report = export(run, tmp_path / "out")
    report.word_change = {hostile: 9.0}
    card = render_card(NAME, open_trained(run), report, run)
    _, header, body = card.split("---\n", 2)
    assert yaml.safe_load(header)["library_name"] == "transformers"
    page = MarkdownIt("commonmark").enable("table").render(body)
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["mate-clip"]
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=1&gt;|y") >= 12
    # No row lost its cells to a bar in a name.
    for table in re.findall(r"<table>.*?</table>", page, re.S):
        cells = [len(re.findall("<t[hd]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.S)]
        assert len(set(cells)) == 1


def test_layers_that_were_trained_too_are_said(run: Path, tmp_path: Path) -> None:
    assert "weights of its layers" not in card_of(run, tmp_path)
    weights = run / "best" / "model.safetensors"
    state = load_file(weights)
    for name in [name for name in state if name.startswith("text_encoder.") and "layers.0.mlp" in name]:
        state[name] += 1
    save_file(state, weights, {"format": "pt"})
    assert "differ from the base model's; so do 4 weights of its layers." in card_of(run, tmp_path)
    report = export(run, tmp_path / "out", overwrite=True)
    assert "4 weights of its layers differ, too" in report.summary()
    config = run / "config.yaml"
    settings = yaml.safe_load(config.read_text())
    del settings["text_encoder"]
    config.write_text(yaml.safe_dump({**settings, "first_layers": 1}))
    assert "More than its embedding rows was trained (below)." in card_of(run, tmp_path)
