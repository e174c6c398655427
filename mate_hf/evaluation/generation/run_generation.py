"""`mate evaluate generation`: the field's five metrics of any model's output folder."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.data.motion_files import MotionFiles, motion_folder, motion_names
from mate_hf.errors import MateError
from mate_hf.evaluation.generation.captions import read_captions
from mate_hf.evaluation.generation.folders import in_batches, open_generated, require_alike, shared_names
from mate_hf.evaluation.generation.frechet import Gaussian, frechet_distance
from mate_hf.evaluation.generation.matching import Matching
from mate_hf.evaluation.generation.protocol import Protocol
from mate_hf.evaluation.generation.repeats import interval
from mate_hf.evaluation.generation.variety import DIVERSITY_PAIRS, diversity, multimodality
from mate_hf.guo_evaluator import Evaluator
from mate_hf.runs.provenance import provenance_of

BATCH = 64

Features = NDArray[np.float32]


def generation_metrics(
    real: Path,
    generated: Path,
    texts: Path,
    evaluator: Evaluator,
    protocol: Protocol,
    argv: Sequence[str] = (),
    ids: Path | None = None,
    several: Path | None = None,
    diversity_pairs: int = DIVERSITY_PAIRS,
    seed: int = 0,
) -> dict[str, Any]:
    """R-Precision, MM-Dist, FID, Diversity and MultiModality of generated motions, beside those of the real ones.

    Args:
        real: folder of `.npy` motions, features or joints; a HumanML3D folder too.
        generated: folder of the same ids; or of folders, one a generation of the split, which are then the repeats.
        texts: see `read_captions`.
        ids: see `shared_names`.
        several: for MultiModality, a folder of one folder a caption, each of 11 motions or more made from it.

    Returns:
        Provenance; `items`, `dropped`; `generations`; `metrics` with `real` and `generated`, each of named `mean`, `half_width`
        (95 %) and `repeats`. Repeats of a single generation differ in the batches and pairs that are drawn, not in FID.

    Raises:
        MateError: what `shared_names`, `require_alike`, `read_captions` and the metrics refuse; another kind of motion than
            the evaluator's; more repeats asked for than there are generations.
    """
    real_files, made = motion_folder(real), open_generated(generated)
    if real_files.kind.width != evaluator.model.config.motion_width:
        raise MateError(
            f"{real_files.folder}: {real_files.kind.width} features a frame; the evaluator was trained on "
            f"{evaluator.model.config.motion_width}."
        )
    repeats = protocol.repeats
    if 1 < len(made.repeats) < repeats:
        raise MateError(
            f"{generated}: {len(made.repeats)} generations, but {repeats} repeats. Generate more, or ask for --repeats "
            f"{len(made.repeats)}."
        )
    names, dropped = shared_names(real_files, made, ids)
    for files in made.repeats:
        require_alike(real_files, files, names)
    text = evaluator.text_features(read_captions(texts, names))
    truth = _encoded(evaluator, real_files, names, "real motions")
    values: dict[str, dict[str, list[float]]] = {"real": defaultdict(list), "generated": defaultdict(list)}
    digest = hashlib.sha256("\n".join(names).encode() + text.tobytes() + truth[0].tobytes())
    random = np.random.default_rng(seed)
    draws_few = protocol.samples is not None and protocol.samples < len(names)
    shown, fid = None, 0.0
    for repeat in range(repeats):
        if shown is None or len(made.repeats) > 1:
            shown = _encoded(evaluator, made.repeats[repeat], names, "generated motions")
            digest.update(shown[0].tobytes())
            # Of the whole generation, it is the same in every repeat.
            fid = 0.0 if draws_few else frechet_distance(truth[1], shown[1])
        order = random.permutation(len(names))
        for side, features in (("real", truth[0]), ("generated", shown[0])):
            chosen = order[: protocol.samples] if side == "generated" else order
            found = values[side]
            matching = Matching(keep_last=protocol.keep_last).add_all(text[chosen], features[chosen])
            for top, share in enumerate(matching.r_precision, start=1):
                found[f"R-Precision top {top}"].append(float(share))
            found["MM-Dist"].append(matching.mm_dist)
            found["Diversity"].append(diversity(features[chosen], random, diversity_pairs))
            if side == "generated":
                drawn = Gaussian("generated motions").add(features[chosen]) if draws_few else None
                found["FID"].append(fid if drawn is None else frechet_distance(truth[1], drawn))
    if several is not None:
        generations = _several(evaluator, several, digest)
        values["generated"]["MultiModality"] = [multimodality(generations, random) for _ in range(repeats)]
    return {
        **provenance_of(argv, digest.hexdigest(), seed),
        "items": len(names),
        "dropped": dropped,
        "generations": len(made.repeats),
        "metrics": {
            side: {name: vars(interval(numbers)) for name, numbers in found.items()}
            for side, found in values.items()
        },
    }


def _encoded(
    evaluator: Evaluator, files: MotionFiles, names: Sequence[str], what: str
) -> tuple[Features, Gaussian]:
    """Features (N,D), of which a repeat draws its batches, and their Gaussian; motions are dropped as they are read."""
    gaussian, parts = Gaussian(what), []
    for motions in in_batches(files, names, BATCH):
        parts.append(evaluator.motion_features(motions))
        gaussian.add(parts[-1])
    if not parts:
        raise MateError(
            f"{files.folder}: no motion of a length that the field measures ({files.kind.shortest} frames or more)."
        )
    return np.concatenate(parts), gaussian


def _several(evaluator: Evaluator, folder: Path, digest: Any) -> Features:
    """(captions, generations, D)."""
    parts = sorted(part for part in folder.iterdir() if part.is_dir()) if folder.is_dir() else []
    counts = {len(motion_names(part)) for part in parts}
    if len(counts) != 1 or not min(counts):
        raise MateError(
            f"{folder}: {len(parts)} folders of {sorted(counts)} motions; expected one folder a caption, equally many motions in each."
        )
    features = np.stack(
        [_encoded(evaluator, motion_folder(part), motion_names(part), "generations")[0] for part in parts]
    )
    digest.update(features.tobytes())
    return features
