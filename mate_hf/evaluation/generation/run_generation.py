"""`mate evaluate generation`: the field's five metrics of any model's output folder."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mate_hf.data.coordinates import Coordinates
from mate_hf.data.motion_files import MotionFiles, motion_folder, motion_names
from mate_hf.data.plausibility import Oddities
from mate_hf.data.plausible_folder import require_plausible_files
from mate_hf.errors import MateError
from mate_hf.evaluation.generation import variety
from mate_hf.evaluation.generation.captions import read_captions
from mate_hf.evaluation.generation.folders import in_batches, open_generated, require_alike, shared_names
from mate_hf.evaluation.generation.frechet import Gaussian, frechet_distance
from mate_hf.evaluation.generation.matching import Matching
from mate_hf.evaluation.generation.protocol import protocol_named
from mate_hf.evaluation.generation.repeats import interval
from mate_hf.evaluation.generation.variety import DIVERSITY_PAIRS
from mate_hf.guo_evaluator import Evaluator, open_evaluator
from mate_hf.runs.provenance import provenance_of
from mate_hf.utils.devices import device_of
from mate_hf.utils.results import GENERATION, Results
from mate_hf.utils.seeds import require_seed

BATCH = 64

CONVERT = "These are the real ones, which options do not change: convert each with `mate features IN.npy OUT.npy` and"

Features = NDArray[np.float32]


def evaluate_generation(
    real: str | Path,
    generated: str | Path,
    texts: str | Path,
    evaluator: str | Path | Evaluator,
    repeats: int | None = None,
    protocol: str = "guo",
    ids: str | Path | None = None,
    multimodality: str | Path | None = None,
    diversity_pairs: int = DIVERSITY_PAIRS,
    glove: str | Path | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    which: str = "best",
    device: str = "cpu",
    argv: Sequence[str] = (),
    scale: float | None = None,
    up: str | None = None,
    fps: float | None = None,
    left_handed: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """R-Precision, MM-Dist, FID, Diversity and MultiModality of generated motions, beside those of the real ones.

    Args:
        real: folder of `.npy` motions, features or joints; a HumanML3D folder too.
        generated: folder of the same ids; or of folders, one a generation of the split, which are then the repeats.
        texts: folder of `<id>.txt`, first line the caption; or JSON lines of `id` and `caption`.
        evaluator: run of train_evaluator.py, or a converted checkpoint.
        repeats: measurements; by default the protocol's.
        protocol: `guo`, or a repository's habits: `mdm`, `motiondiffuse`, `remodiffuse`.
        ids: a split list, an id a line; by default every real motion.
        multimodality: a folder of one folder a caption, each of 11 motions or more made from it.
        diversity_pairs: of Diversity.
        glove: the field's word vectors, where the evaluator has none.
        seed: fixes what is drawn.
        out: JSON file to write the results to.
        which: `best` or `last`.
        device: where models are run: `cpu`, `cuda`, ...
        argv: the command to record.
        scale, up, fps, left_handed: what the generated motions are written in, see `Coordinates`; what is said to be as usual
            (`scale=1`, `up="y"`, `fps=20`) is believed of motions that look otherwise.
        overwrite: replace another file that stands at `out`; results of this measurement are replaced in any case.

    Returns:
        Provenance; `items`, `dropped`; `warnings` on odd motions; `generations`; `metrics` with `real` and `generated`, each of named `mean`, `half_width`
        (95 %) and `repeats`. Repeats of a single generation differ in the batches and pairs that are drawn, not in FID.

    Raises:
        MateError: what `shared_names`, `require_alike`, `read_captions` and the metrics refuse; another kind of motion than
            the evaluator's; more repeats asked for than there are generations; motions that no human can have
            made; `out` that holds something else.
    """
    require_seed(seed)
    inputs = [real, generated, texts, ids, multimodality, glove]
    inputs += [] if isinstance(evaluator, Evaluator) else [evaluator]
    kept = Results(out, GENERATION, overwrite, reads=inputs)
    habits = protocol_named(protocol)
    repeats = habits.repeats if repeats is None else repeats
    if not isinstance(evaluator, Evaluator):
        evaluator = open_evaluator(evaluator, which, None if glove is None else Path(glove))
        torch.nn.Module.to(evaluator.model, device_of(device))
    real_files = motion_folder(Path(real))
    made = open_generated(Path(generated), real_files, Coordinates(scale, up, fps, left_handed))
    if real_files.kind.width != evaluator.model.config.motion_width:
        raise MateError(
            f"{real_files.folder}: {real_files.kind.width} features a frame; the evaluator was trained on "
            f"{evaluator.model.config.motion_width}."
        )
    if 1 < len(made.repeats) < repeats:
        raise MateError(
            f"{generated}: {len(made.repeats)} generations, but {repeats} repeats. Generate more, or ask for --repeats "
            f"{len(made.repeats)}."
        )
    names, dropped = shared_names(real_files, made, None if ids is None else Path(ids))
    warnings = require_plausible_files(real_files, names, CONVERT)
    for files in made.repeats:
        require_alike(real_files, files, names)
        warnings += require_plausible_files(files, names)
    text = evaluator.text_features(read_captions(Path(texts), names))
    oddities = {side: Oddities() for side in ("real", "generated")}
    truth = _encoded(evaluator, real_files, names, "real motions", oddities["real"])
    values: dict[str, dict[str, list[float]]] = {"real": defaultdict(list), "generated": defaultdict(list)}
    digest = hashlib.sha256("\n".join(names).encode() + text.tobytes() + truth[0].tobytes())
    random = np.random.default_rng(seed)
    draws_few = habits.samples is not None and habits.samples < len(names)
    shown, fid = None, 0.0
    for repeat in range(repeats):
        if shown is None or len(made.repeats) > 1:
            shown = _encoded(
                evaluator, made.repeats[repeat], names, "generated motions", oddities["generated"]
            )
            digest.update(shown[0].tobytes())
            # Of the whole generation, it is the same in every repeat.
            fid = 0.0 if draws_few else frechet_distance(truth[1], shown[1])
        order = random.permutation(len(names))
        for side, features in (("real", truth[0]), ("generated", shown[0])):
            chosen = order[: habits.samples] if side == "generated" else order
            found = values[side]
            matching = Matching(keep_last=habits.keep_last).add_all(text[chosen], features[chosen])
            for top, share in enumerate(matching.r_precision, start=1):
                found[f"R-Precision top {top}"].append(float(share))
            found["MM-Dist"].append(matching.mm_dist)
            found["Diversity"].append(variety.diversity(features[chosen], random, diversity_pairs))
            if side == "generated":
                drawn = Gaussian("generated motions").add(features[chosen]) if draws_few else None
                found["FID"].append(fid if drawn is None else frechet_distance(truth[1], drawn))
    if multimodality is not None:
        generations = _several(evaluator, Path(multimodality), digest, made.written_in, oddities["generated"])
        values["generated"]["MultiModality"] = [
            variety.multimodality(generations, random) for _ in range(repeats)
        ]
    results = {
        **provenance_of(argv, digest.hexdigest(), seed),
        "items": len(names),
        "dropped": dropped,
        "generations": len(made.repeats),
        "metrics": {
            side: {name: vars(interval(numbers)) for name, numbers in found.items()}
            for side, found in values.items()
        },
        "protocol": protocol,
        "diversity_pairs": diversity_pairs,
        "warnings": [
            *warnings,
            *(f"{side}: {sentence}" for side, found in oddities.items() for sentence in found.sentences()),
        ],
    }
    return kept.keep(results)


def _encoded(
    evaluator: Evaluator, files: MotionFiles, names: Sequence[str], what: str, oddities: Oddities
) -> tuple[Features, Gaussian]:
    """Features (N,D), of which a repeat draws its batches, and their Gaussian; motions are dropped as they are read."""
    gaussian, parts = Gaussian(what), []
    for motions in in_batches(files, names, BATCH, oddities):
        parts.append(evaluator.motion_features(motions))
        gaussian.add(parts[-1])
    if not parts:
        raise MateError(
            f"{files.folder}: no motion of a length that the field measures ({files.kind.shortest} frames or more)."
        )
    return np.concatenate(parts), gaussian


def _several(
    evaluator: Evaluator, folder: Path, digest: Any, written_in: Coordinates, oddities: Oddities
) -> Features:
    """(captions, generations, D)."""
    parts = sorted(part for part in folder.iterdir() if part.is_dir()) if folder.is_dir() else []
    counts = {len(motion_names(part)) for part in parts}
    if len(counts) != 1 or not min(counts):
        raise MateError(
            f"{folder}: {len(parts)} folders of {sorted(counts)} motions; expected one folder a caption, equally many motions in each."
        )
    features = np.stack(
        [
            _encoded(evaluator, motion_folder(part, written_in), motion_names(part), "generations", oddities)[
                0
            ]
            for part in parts
        ]
    )
    digest.update(features.tobytes())
    return features
