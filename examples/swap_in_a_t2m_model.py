"""The one line in a text-to-motion model, and how to be sure that the swap took.

    python examples/swap_in_a_t2m_model.py runs/quickstart/export

`MotionModel` stands for yours: like MDM with `--text_encoder_type bert` it opens an encoder by name, keeps it frozen, reads a feature for
every token, and saves it with the rest of its weights. docs/clients.md has the line of 25 repositories.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import torch
import typer
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

import mate_hf
from mate_hf.exports.report import recorded_base
from mate_hf.text.packages import source_of


class MotionModel(nn.Module):
    """A text-to-motion model, as far as its text goes."""

    def __init__(self, text_encoder: str) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(text_encoder)
        self.encoder = AutoModel.from_pretrained(text_encoder).eval().requires_grad_(False)
        self.condition = nn.Linear(self.encoder.config.hidden_size, 64)

    def forward(self, captions: list[str]) -> Tensor:
        """Captions -> what the motion decoder attends to (B, tokens, 64)."""
        tokens = self.tokenizer(captions, padding=True, return_tensors="pt")
        return self.condition(self.encoder(**tokens).last_hidden_state)


def main(
    export: Annotated[Path, typer.Argument(help="Folder of `mate export`, format hf.")],
    stock: Annotated[
        str | None, typer.Option(help="The stock encoder; by default what the export names.")
    ] = None,
) -> None:
    """Swap, and ask checkpoints of both which words they hold."""
    name = stock or recorded_base(export)
    if name is None:
        raise typer.BadParameter(f"{export} does not say which encoder it came from. Name it: --stock.")
    before = MotionModel(source_of(name))
    after = MotionModel(str(export))  # the one line
    captions = ["a person turns left", "a person turns right"]
    for what, model in (("stock", before), ("export", after)):
        tokens = model.tokenizer(captions, padding=True, return_tensors="pt")
        left, right = model.encoder(**tokens).last_hidden_state.mean(1)
        print(f"{what}: cosine of left and right {torch.cosine_similarity(left, right, dim=0):.3f}")
    with TemporaryDirectory() as folder:
        for what, model in (("stock", before), ("export", after)):
            checkpoint = Path(folder) / f"{what}.pt"
            torch.save(model.state_dict(), checkpoint)
            report = mate_hf.verify_client(checkpoint, against=export, base=stock)
            print(f"a checkpoint trained on {what} holds the words of: {report.verdict}")


if __name__ == "__main__":
    typer.run(main)
