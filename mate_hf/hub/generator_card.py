"""A generator's card, rendered from what the run and its evaluations recorded: no number is typed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCardData

from mate_hf.generation.opening import TEXT_ENCODER
from mate_hf.generation.pipeline import GUIDANCE, SECONDS, MotionPipeline
from mate_hf.generation.solvers import DEFAULT_STEPS
from mate_hf.hub.names import is_on_hub
from mate_hf.hub.results_tables import Result, read_result
from mate_hf.hub.templates import fill_template
from mate_hf.hub.training_facts import cell, provenance_rows, setting_rows
from mate_hf.runs.folder import RunFolder
from mate_hf.text.encoders import PACKAGE_PREFIX
from mate_hf.utils.markdown import code

TEMPLATE = "generator_card.md"

BESIDE = ("obedience.json", "generation.json")
"""Results that are found in the run without being named."""

SETTINGS = (
    "hidden_size",
    "layers",
    "residual_layers",
    "conditions",
    "prediction",
    "caption_drop",
    "epochs",
    "batch_size",
    "lr",
    "ema",
    "seed",
)

SKELETONS = {"humanml3d": "HumanML3D (SMPL's 22 joints)", "kit": "KIT-ML (21 joints)"}


@dataclass(frozen=True)
class Picture:
    """What the card shows: a file beside it, and how the motion in it was made."""

    file: str
    prompt: str
    seconds: float
    seed: int


@dataclass(frozen=True)
class Pushed:
    """A generator as it goes to the Hub.

    Attributes:
        repo_id: its name there.
        pipe: as anybody opens it.
        encoder: the name of its text encoder.
        base: where that one is an export, the encoder it was tuned from.
        on_hub: whether that one stays where it stands on the Hub, at `revision`; otherwise it lies in the same repository.
        picture: None where none could be made.
    """

    repo_id: str
    pipe: MotionPipeline
    encoder: str
    base: str | None
    on_hub: bool
    revision: str | None
    picture: Picture | None


def render_generator_card(pushed: Pushed, run: Path, results: Sequence[Path] = ()) -> str:
    """The card.

    Args:
        run: `results.json`, `config.yaml`, and `obedience.json` and `generation.json` where it was evaluated.
        results: further files of `mate evaluate`.

    Raises:
        MateError: a results file that cannot be read.
    """
    record = RunFolder.around(run)
    beside = [file for name in BESIDE if (file := record.path / name).is_file()]
    evaluations = [read_result(path) for path in [*beside, *results]]
    kind, config = pushed.pipe.kind, pushed.pipe.model.config
    context = {
        "card_data": _card_data(pushed, evaluations).to_yaml(),
        "name": pushed.repo_id.rpartition("/")[2],
        "repo_id": pushed.repo_id,
        "encoder": _encoder(pushed),
        "encoder_place": _place(pushed),
        "picture": pushed.picture,
        "joints": kind.joints,
        "width": kind.width,
        "frames": round(SECONDS * kind.fps),
        "unit": "metres" if kind.metre == 1 else "the unit of the corpus",
        "skeleton": SKELETONS[kind.name],
        "longest": f"{config.longest / kind.fps:g}",
        "sampling": _sampling(pushed.pipe),
        "training": _training(record, pushed),
        "results": evaluations,
    }
    return fill_template(TEMPLATE, context)


def _card_data(pushed: Pushed, evaluations: Sequence[Result]) -> ModelCardData:
    entries = [entry for evaluation in evaluations for entry in evaluation.model_index()]
    return ModelCardData(
        language="en",
        library_name="mate-hf",
        base_model=pushed.encoder if pushed.on_hub else None,
        tags=["text-to-motion", "motion", "motion-generation", "human-motion", "mate"],
        model_name=pushed.repo_id.rpartition("/")[2] if entries else None,
        eval_results=entries or None,
    )


def _encoder(pushed: Pushed) -> str:
    if pushed.on_hub:
        return f"[{pushed.encoder}](https://huggingface.co/{pushed.encoder})"
    tuned = "" if pushed.base is None else f", tuned by MATE from {_name(pushed.base)}"
    return f"{_name(pushed.encoder)}{tuned}"


def _name(encoder: str) -> str:
    """Of an encoder on this machine, without the way to it."""
    known = encoder.removeprefix(PACKAGE_PREFIX)
    return code(known if is_on_hub(encoder) else Path(known).name, in_table=True)


def _place(pushed: Pushed) -> str:
    if not pushed.on_hub:
        return f"It lies beside the generator, in `{TEXT_ENCODER}/`, and is opened with it."
    at = "" if pushed.revision is None else f", revision {code(pushed.revision)}"
    return f"It is fetched from {_encoder(pushed)}{at}."


def _sampling(pipe: MotionPipeline) -> dict[str, str]:
    solvers = pipe.actor.solvers
    return {
        **({"solver": code(solvers[0])} if solvers else {}),
        "steps": str(DEFAULT_STEPS),
        "guidance": f"{GUIDANCE:g}",
        "seconds": f"{SECONDS:g}",
        "frames per second": f"{pipe.kind.fps:g}",
    }


def _training(record: RunFolder, pushed: Pushed) -> dict[str, Any]:
    known, recorded = record.settings(), record.results()
    parameters = sum(weight.numel() for weight in pushed.pipe.model.parameters())
    rows: dict[str, Any] = {"text encoder": _encoder(pushed), "parameters": f"{parameters:,}"}
    rows |= setting_rows(known, SETTINGS)
    if recorded:
        rows["data hash"] = cell(recorded["data_hash"])
        best = recorded.get("best")
        if isinstance(best, dict) and isinstance(loss := best.get("loss"), float):
            rows["validation loss"] = f"{loss:.4f}"
        rows |= provenance_rows(recorded)
    return rows
