"""What preparing data costs: items a second and the memory of all processes together, as the corpus grows.

python -m benchmarks.preprocess [--motions 1000] [--captions 20000] [--doublings 1] [--out preprocess.json]

Every stage is its own command, as a user would type it: the synthetic corpus acted out and written (joints and three captions a motion),
a folder of joints prepared (features, lemmas, vocabulary), captions decomposed by the rules. Each is run on the sizes asked for and on their doubles:
linear work takes twice as long, and memory that does not grow with the corpus stays. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Annotated

import psutil
import typer

from benchmarks.timing import record, show
from mate_hf.errors import MateError

LOOK_EVERY = 0.2
"""Seconds between two looks at memory."""

SUBJECTS = (
    "a person", "someone", "the man", "a woman", "he", "she", "the figure", "a dancer", "the boy", "a girl", "one",
    "the player",
)  # fmt: skip
MANNERS = (
    "", "slowly ", "quickly ", "carefully ", "suddenly ", "gently ", "first ", "calmly ", "briskly ", "clumsily ",
)  # fmt: skip
ACTIONS = (
    "walks forward", "turns left", "sits down", "raises both arms", "kicks with the right leg", "jumps", "crouches",
    "waves", "steps back", "bends over", "punches twice", "spins around",
)  # fmt: skip
JOINTS = (" then ", " and ", ", then ", " before she ", " and then ")
ENDINGS = (
    "", " again", " twice", " in place", " with the left hand", " to the side", " like a bird", " and stops", " on one foot",
    " while looking up", " as if drunk", " in a circle",
)  # fmt: skip
PARTS = (ACTIONS, ENDINGS, JOINTS, SUBJECTS, ACTIONS, MANNERS)
"""What a caption is made of, in the order in which captions differ."""


@dataclass(frozen=True)
class Cost:
    """A stage on so many items: its seconds, and the most memory that its processes held together."""

    stage: str
    items: int
    seconds: float
    mib: float

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.items / self.seconds


def main(
    motions: Annotated[int, typer.Option(help="Synthetic motions; three captions each.")] = 1000,
    captions: Annotated[int, typer.Option(help="Captions to decompose.")] = 20000,
    doublings: Annotated[int, typer.Option(help="How often both are doubled.")] = 1,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print a row a stage and size."""
    costs: list[Cost] = []
    for doubling in range(doublings + 1):
        with TemporaryDirectory(prefix="mate-preprocess-") as scratch:
            costs += stages(Path(scratch), motions << doubling, captions << doubling)
    costs.sort(key=lambda cost: (cost.stage, cost.items))
    show(
        "Preparing data",
        ["stage", "items", "seconds", "items / s", "MiB"],
        [[cost.stage, cost.items, cost.seconds, cost.rate, cost.mib] for cost in costs],
    )
    record(out, {"costs": [asdict(cost) for cost in costs]}, sys.argv)


def stages(scratch: Path, motions: int, captions: int) -> Iterator[Cost]:
    """Run every stage on these sizes."""
    corpus, prepared, texts = scratch / "synthetic", scratch / "prepared", scratch / "captions.txt"
    yield run("synthetic motions", motions, "prepare", "--synthetic", corpus, "--motions", motions)
    yield run("motions prepared", motions, "prepare", corpus, prepared)
    texts.write_text("\n".join(distinct_captions(captions)) + "\n", encoding="utf-8")
    yield run("captions decomposed", captions, "decompose", texts, "--out", scratch / "sub_texts.jsonl")


def run(stage: str, items: int, *command: object) -> Cost:
    """Time a `mate` command and watch the memory of its processes.

    Raises:
        MateError: the command failed.
    """
    words = [sys.executable, "-m", "mate_hf.cli", *map(str, command)]
    started, most = time.perf_counter(), 0.0
    with TemporaryFile("w+") as said:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            most = max(most, _held(process.pid))
            time.sleep(LOOK_EVERY)
        seconds = time.perf_counter() - started
        if process.returncode:
            said.seek(0)
            raise MateError(f"{' '.join(words)} failed: {said.read()}")
    return Cost(stage, items, seconds, most)


def distinct_captions(count: int) -> Iterator[str]:
    """Captions of two actions in the words that such captions have, no two alike up to a million."""
    for number in range(count):
        said = []
        for choices in PARTS:
            number, chosen = divmod(number, len(choices))
            said.append(choices[chosen])
        second, ending, joint, subject, first, manner = said
        yield f"{subject} {manner}{first}{joint}{second}{ending}"


def _held(pid: int) -> float:
    """MiB of a process and its children that the system cannot take back; pages that they share count once."""
    try:
        main = psutil.Process(pid)
        return sum(_own_kib(process.pid) for process in (main, *main.children(recursive=True))) / 1024
    except (psutil.Error, OSError):
        # A process that ended between two looks.
        return 0.0


def _own_kib(pid: int) -> int:
    """Memory that is not a file's: pages of memory-mapped files leave when others need the room."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))


if __name__ == "__main__":
    typer.run(main)
