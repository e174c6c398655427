"""`make generator`: what the quickstart's words are worth in moving bodies.

python -m mate_hf.quickstart.bodies runs/quickstart

Two generators alike but for their encoder, all-MiniLM-L6-v2 as it came and as the quickstart left it, are told the same with the same
noise. What is done already is left as it is, the quickstart's stages too.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from mate_hf.cli import shown
from mate_hf.evaluation.obedience.run_compare import compare_obedience
from mate_hf.evaluation.obedience.tables import comparison_table
from mate_hf.quickstart.stages import RESULTS, Stages, console
from mate_hf.quickstart.words import BASE, CONFIGS, STAGES, say, teach_words
from mate_hf.utils.last_words import script
from mate_hf.utils.outputs import FILE, Output
from mate_hf.utils.results import GENERATOR, QUICKSTART, Results

STOCK, MATE = "stock", "MATE"
CHECKPOINT_STEPS = 90
"""Half a minute is lost where it is ended."""
PER_PROMPT = 4
SEED = 0
PROMPT = "a person jogs in a clockwise circle"
SECONDS = 6
ANIMATIONS = {"bvh": "Blender or any animation program", "glb": "a browser or an engine"}
"""Ending -> what opens it."""
NUMBERS, TABLE = "bodies.json", "bodies.md"


def main(folder: str = "runs/quickstart") -> None:
    """Do what the quickstart does where it is not done, then train and compare two generators.

    Leaves generator_stock/ generator_mate/ bodies.json bodies.md clockwise.bvh clockwise.glb beside the quickstart's files.
    """
    root = Path(folder)
    words, numbers = Results(root / RESULTS, QUICKSTART), Results(root / NUMBERS, GENERATOR)
    stages = Stages(root, STAGES + 4 + len(ANIMATIONS), resume=True)
    teach_words(stages, words)
    measured = {name: _measured(stages, name, encoder) for name, encoder in _encoders(root).items()}
    found = compare_obedience([measured[STOCK], measured[MATE]], argv=sys.argv, names=(STOCK, MATE))
    bodies = [_body(stages, ending) for ending in ANIMATIONS]
    numbers.keep({"seconds": stages.seconds, **found})
    table = root / TABLE
    with Output(table, FILE, overwrite=True).written() as fresh:
        fresh.write_text(_page(found), encoding="utf-8")
    console.print()
    shown.compared_obedience(found, console)
    _say_where(stages, [*bodies, table, root / NUMBERS])


def _encoders(root: Path) -> dict[str, str | Path]:
    return {STOCK: BASE, MATE: root / "export"}


def _measured(stages: Stages, name: str, encoder: str | Path) -> Path:
    """Train a generator on an encoder and see whether its bodies obey; the results."""
    run = stages.root / f"generator_{name.lower()}"
    stages.run(
        run.name,
        f"Train a generator on the {name} encoder, which stays as it is",
        *("train-generator", "--config", CONFIGS / "quickstart_generator.yaml"),
        *("--seed", SEED, "--checkpoint_steps", CHECKPOINT_STEPS),
        *("--data", stages.root / "localized", "--text_encoder", encoder),
        *("--text_cache", stages.root / "text_features", "--output_dir", run),
        makes=run,
    )
    out = run / "obedience.json"
    stages.run(
        f"obedience_{name.lower()}",
        f"Tell it what to do, and look at what its bodies do: {PER_PROMPT} motions of each prompt",
        *(
            "evaluate",
            "obedience",
            run,
            "--which",
            "last",
            "--per-prompt",
            PER_PROMPT,
            "--seed",
            SEED,
            "--out",
            out,
        ),
        makes=out,
    )
    return out


def _body(stages: Stages, ending: str) -> Path:
    """One motion by the MATE generator, as an animation file."""
    out = stages.root / f"clockwise.{ending}"
    stages.run(
        ending,
        f"Write a body that moves, to be opened in {ANIMATIONS[ending]}",
        *("generate", PROMPT, "--model", stages.root / "generator_mate", "--which", "last", "--seed", SEED),
        *("--seconds", SECONDS, "--out", out, "--overwrite"),
        makes=out,
    )
    return out


def _page(found: dict[str, Any]) -> str:
    return "\n".join(
        [
            "# Do bodies obey?\n",
            f"Two generators alike but for their encoder (all-MiniLM-L6-v2 {STOCK}, and as {MATE} left it), seed "
            f"{SEED}; {PER_PROMPT} motions of each prompt from the same noise. Brackets are 95 % intervals over prompts: "
            "another seed of the training is not in them. Bold: beyond its interval.\n",
            comparison_table(found),
        ]
    )


def _say_where(stages: Stages, files: list[Path]) -> None:
    runs = [stages.root / f"generator_{name.lower()}" for name in (STOCK, MATE)]
    done = "Everything was done already" if not stages.made else "Done"
    say(f"{done}; all stages took {sum(stages.seconds.values()) / 60:.0f} min together.")
    for what, paths in (("Generators", runs), ("Bodies", files[:-2]), ("Table", files[-2:])):
        say(f"{what}: {', '.join(map(str, paths))}")
    say(
        f'Another motion:\n    mate generate "a person kicks twice with the left leg" --model {shlex.quote(str(runs[1]))} --out kick.glb'
    )


if __name__ == "__main__":
    with script():
        main(*sys.argv[1:])
