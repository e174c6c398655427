"""An export as a plain text encoder: nothing of mate-hf is imported.

    python examples/use_as_a_text_encoder.py runs/quickstart/export

Ranks captions by their likeness to a question, as a search over a motion library would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer

CAPTIONS = (
    "a person turns to the left",
    "a person turns to the right",
    "someone walks forward slowly",
    "someone walks forward quickly",
    "a man raises his left arm",
    "a man raises his right arm",
)


@torch.no_grad()
def sentence_features(export: Path, texts: list[str]) -> Tensor:
    """Unit vectors (texts, D): the mean over tokens, which is the sentence feature of BERT types."""
    tokenizer, model = AutoTokenizer.from_pretrained(export), AutoModel.from_pretrained(export).eval()
    tokens = tokenizer(texts, padding=True, return_tensors="pt")
    hidden = model(**tokens).last_hidden_state
    mask = tokens["attention_mask"].unsqueeze(-1)
    return F.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


def main(
    export: Annotated[Path, typer.Argument(help="Folder of `mate export` of a BERT-type run, format hf.")],
    question: Annotated[str, typer.Option(help="What is looked for.")] = "he turns left",
) -> None:
    """The captions, likest first."""
    features = sentence_features(export, [question, *CAPTIONS])
    cosines = features[1:] @ features[0]
    print(question)
    for place in cosines.argsort(descending=True).tolist():
        print(f"  {cosines[place]:.3f}  {CAPTIONS[place]}")


if __name__ == "__main__":
    typer.run(main)
