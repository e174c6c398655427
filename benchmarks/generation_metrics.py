"""How long the generation metrics take, and whether memory stays flat: features in, 20 repeats out.

    python -m benchmarks.generation_metrics [--motions 4384] [--repeats 20] [--out R.json]

Features stand in for an evaluator's; encoding motions is the evaluator's own cost. Each size runs in a process of its own,
so that peak memory is its own too.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from mate_hf.evaluation.generation import Gaussian, Matching, diversity, frechet_distance, interval
from mate_hf.utils.files import write_json

WIDTH = 512
BATCH = 64


def measure(motions: int, repeats: int) -> dict[str, float]:
    """Seconds and peak memory in MB of one size, beside those of the features alone."""
    random = np.random.default_rng(0)
    text, real, generated = (random.standard_normal((motions, WIDTH), dtype=np.float32) for _ in range(3))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    peaks = []
    scores = []
    truth = Gaussian("real motions")
    for start in range(0, motions, BATCH):
        truth.add(real[start : start + BATCH])
    for _ in range(repeats):
        made = Gaussian("generated motions")
        for start in range(0, motions, BATCH):
            made.add(generated[start : start + BATCH])
        matching = Matching().add_all(text, generated, random.permutation(motions))
        scores.append(frechet_distance(truth, made) + matching.mm_dist + diversity(generated, random))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    interval(scores)
    return {
        "motions": motions,
        "repeats": repeats,
        "seconds": time.perf_counter() - started,
        "features_mb": before,
        "peak_mb_after_first": peaks[0],
        "peak_mb_after_last": peaks[-1],
    }


def main() -> None:
    """Each size in its own process, then a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--motions", type=int, default=4384)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(measure(given.motions, given.repeats)))
        return
    rows = []
    for motions in (given.motions, 4 * given.motions):
        command = [
            sys.executable,
            "-m",
            "benchmarks.generation_metrics",
            "--alone",
            "--motions",
            str(motions),
        ]
        done = subprocess.run(
            [*command, "--repeats", str(given.repeats)], check=True, capture_output=True, text=True
        )
        rows.append(json.loads(done.stdout))
    print(
        f"{'motions':>8} {'repeats':>8} {'seconds':>8} {'features MB':>12} {'peak, 1 repeat':>15} {'peak, all':>10}"
    )
    for row in rows:
        print(
            f"{row['motions']:8} {row['repeats']:8} {row['seconds']:8.1f} {row['features_mb']:12.0f} "
            f"{row['peak_mb_after_first']:15.0f} {row['peak_mb_after_last']:10.0f}"
        )
    if given.out is not None:
        write_json(given.out, rows)


if __name__ == "__main__":
    main()
