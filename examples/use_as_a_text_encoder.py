"""An export as a plain text encoder: nothing of mate-hf is imported.

    python examples/use_as_a_text_encoder.py runs/quickstart/export

Ranks captions by their similarity to a query, as a search over a motion library would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoConfig, AutoModel, AutoTokenizer, CLIPTextModelWithProjection

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
    """Unit vectors (texts, D): of CLIP the projected end token, of BERT types the mean over tokens.

    A BERT-type run with `--pooling first` has its first token instead. `SentenceTransformer(export)` knows all three.
    """
    tokens = AutoTokenizer.from_pretrained(export)(texts, padding=True, truncation=True, return_tensors="pt")
    if AutoConfig.from_pretrained(export).model_type in ("clip", "clip_text_model"):
        clip = CLIPTextModelWithProjection.from_pretrained(export).eval()
        return F.normalize(clip(**tokens).text_embeds, dim=-1)
    hidden = AutoModel.from_pretrained(export).eval()(**tokens).last_hidden_state
    mask = tokens["attention_mask"].unsqueeze(-1)
    return F.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


def main(
    export: Annotated[Path, typer.Argument(help="Folder of `mate export`, format hf.")],
    query: Annotated[str, typer.Option(help="What is looked for.")] = "he turns left",
) -> None:
    """The captions, most similar first."""
    features = sentence_features(export, [query, *CAPTIONS])
    cosines = features[1:] @ features[0]
    print(query)
    for place in cosines.argsort(descending=True).tolist():
        print(f"  {cosines[place]:.3f}  {CAPTIONS[place]}")


if __name__ == "__main__":
    typer.run(main)
