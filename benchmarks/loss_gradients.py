"""Where the gradients of each loss go, at the start of a run and at its end.

python -m benchmarks.loss_gradients RUN [--batches 8] [--out gradients.json]

RUN is a run of training/train.py with its checkpoints. A row a loss, weighted as in the run: the norm of its gradient in the
text encoder's rows, Proj, the word attention, the motion encoder and the prototypes, and the cosine between its gradient in
the rows and that of L_sent: 1 where they ask the same of the embeddings, 0 where neither helps nor hinders the other.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Annotated

import torch
import typer
from torch import Tensor, nn

from benchmarks.timing import record, show
from mate_hf.runs.folder import RunFolder
from mate_hf.training.arguments import parse_arguments
from mate_hf.training.checkpoints import load_checkpoint
from mate_hf.training.loop import Training
from mate_hf.training.mate_task import MateTask

COSINE = "cosine with L_sent"


def main(
    run: Annotated[Path, typer.Argument(help="Run of training/train.py.")],
    batches: Annotated[int, typer.Option(min=1)] = 8,
    out: Annotated[Path | None, typer.Option(help="JSON of the numbers.")] = None,
) -> None:
    """Print one table for the start and one for the last checkpoint."""
    with TemporaryDirectory(prefix="mate-gradients-") as scratch:
        arguments = parse_arguments(["--config", str(run / "config.yaml"), "--output_dir", scratch])
        training = Training(partial(MateTask, arguments), arguments.run, arguments.flat())
        found = {"start": gradients(training, batches)}
        load_checkpoint(training.resumable, RunFolder(run), "last", print)
        found["end"] = gradients(training, batches)
    for when, rows in found.items():
        columns = list(next(iter(rows.values())))
        cells = [[name, *(values[column] for column in columns)] for name, values in rows.items()]
        show(f"Gradient norms at the {when}, mean of {batches} batches", ["loss", *columns], cells)
    record(out, {"batches": batches, **found}, sys.argv)


def gradients(training: Training, batches: int) -> dict[str, dict[str, float]]:
    """For each loss of Eq. 8: the norm of its weighted gradient in each part of the model, and the cosine of rows."""
    task = training.task
    assert isinstance(task, MateTask)
    training.objective.train()
    task.keep_frozen()
    task.sampler.set_epoch(0, skip=0)
    norms: dict[str, dict[str, list[float]]] = {}
    for batch in islice(task.batches, batches):
        losses = training.objective(**batch)
        for name, values in _of_batch(losses, loss_weights(task), parts(task)).items():
            for column, value in values.items():
                norms.setdefault(name, {}).setdefault(column, []).append(value)
    return {name: {column: fmean(values) for column, values in row.items()} for name, row in norms.items()}


def parts(task: MateTask) -> dict[str, list[nn.Parameter]]:
    """What learns, by name."""
    model = task.model
    modules: dict[str, nn.Module] = {
        "rows": model.text_encoder,
        "Proj": model.word_projection,
        "attention": model.word_attention_layer,
        "motion encoder": model.motion_encoder,
        "prototypes": model.prototypes,
    }
    return {
        name: [parameter for parameter in module.parameters() if parameter.requires_grad]
        for name, module in modules.items()
    }


def loss_weights(task: MateTask) -> dict[str, float]:
    """The weight of each loss in L_all."""
    weights = task.arguments.objective
    return {
        "rec": weights.rec_weight,
        "self": weights.lambda_1 * weights.self_weight,
        "cross": weights.lambda_1 * weights.cross_weight,
        "align": weights.lambda_1 * weights.align_weight,
        "ground": weights.lambda_1 * weights.ground_weight,
        "sent": weights.lambda_2,
    }


def _of_batch(
    losses: Mapping[str, Tensor], weights: Mapping[str, float], parts: Mapping[str, list[nn.Parameter]]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, Tensor]] = {}
    for name, weight in weights.items():
        if name not in losses or not weight:
            continue
        found[name] = {}
        for part, parameters in parts.items():
            pieces = torch.autograd.grad(
                weight * losses[name],
                parameters,
                retain_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
            found[name][part] = torch.cat([piece.flatten() for piece in pieces]) if pieces else torch.zeros(1)
    rows = {name: flat["rows"] for name, flat in found.items()}
    return {
        name: {part: float(flat.norm()) for part, flat in flats.items()}
        | (
            {COSINE: float(torch.cosine_similarity(rows[name], rows["sent"], dim=0))}
            if "sent" in rows
            else {}
        )
        for name, flats in found.items()
    }


if __name__ == "__main__":
    typer.run(main)
