"""MATE at the paper's size (CLIP ViT-B/32's text tower, D = 512, 6 layers) with random weights, and batches as the collator makes
them: for benchmarks of cost alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig

from mate_hf.modeling.configuration_mate import MateConfig
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.objectives.mate import MateObjective, ObjectiveArguments
from mate_hf.training.freezing import choose_trainable, keep_frozen


@dataclass(frozen=True)
class Size:
    """What a step costs by.

    Attributes:
        batch: captioned motions. frames: of every motion. shortest, longest: tokens of captions, drawn evenly.
        words: drawn from each caption. vocabulary: prototypes, K. seen: embedding rows that learn.
    """

    batch: int = 64
    frames: int = 196
    shortest: int = 8
    longest: int = 30
    words: int = 1
    vocabulary: int = 1500
    seen: int = 3000


CLIP_B32: dict[str, Any] = {
    "hidden_size": 512,
    "intermediate_size": 2048,
    "num_hidden_layers": 12,
    "num_attention_heads": 8,
}
START, END = 49406, 49407
"""CLIP's tokens around a caption."""

SUB_TOKENS = 2
"""Sub-tokens of a word at most."""


def paper_objective(size: Size, device: str) -> MateObjective:
    """The model and its losses, in training mode, rows and motion networks learning."""
    torch.manual_seed(0)
    text = CLIPTextConfig(**CLIP_B32, projection_dim=512, eos_token_id=END, bos_token_id=START)
    model = MateModel(MateConfig(text_config=text, prototypes=size.vocabulary))
    choose_trainable(model, "embeddings", sorted(seen_tokens(size).tolist()), lora_rank=0)
    objective = MateObjective(model, ObjectiveArguments()).to(torch.device(device)).train()
    keep_frozen(model, "embeddings")
    return objective


def seen_tokens(size: Size) -> Tensor:
    """Ids of the tokens that captions are made of, and whose rows learn."""
    return torch.randperm(START, generator=torch.Generator().manual_seed(0))[: size.seen]


def paper_batch(size: Size, device: str) -> dict[str, Tensor]:
    """What `MateObjective.forward` takes: random motions, captions of seen tokens between start and end of text."""
    random = torch.Generator().manual_seed(0)
    ids = seen_tokens(size)
    lengths = torch.randint(size.shortest, size.longest + 1, (size.batch,), generator=random)
    lengths[0] = size.longest
    places = torch.arange(size.longest).expand(size.batch, -1)
    tokens = ids[torch.randint(len(ids), (size.batch, size.longest), generator=random)]
    tokens[:, 0] = START
    tokens = tokens.masked_fill(places >= (lengths - 1).unsqueeze(1), END)
    first = torch.randint(1, size.shortest - SUB_TOKENS, (size.batch, size.words, 1), generator=random)
    word_places = first + torch.arange(SUB_TOKENS)
    word_tokens = tokens.gather(1, word_places.flatten(1)).view_as(word_places)
    segment = torch.tensor([0, max(1, size.frames // 2)]).expand(size.batch, size.words, 2)
    prototypes = torch.randint(size.vocabulary, (size.batch, max(12, size.words)), generator=random)
    batch = {
        "input_ids": tokens,
        "attention_mask": (places < lengths.unsqueeze(1)).long(),
        "motion": torch.randn(size.batch, size.frames, 263, generator=random),
        "mask": torch.ones(size.batch, size.frames, dtype=torch.bool),
        "length": torch.full((size.batch,), size.frames),
        "word_tokens": word_tokens,
        "word_mask": torch.ones_like(word_tokens, dtype=torch.bool),
        "word_places": word_places,
        "prototype_id": prototypes[:, : size.words],
        "caption_prototypes": prototypes,
        "caption_id": torch.arange(size.batch),
        "segment": segment.contiguous(),
    }
    return {name: value.to(torch.device(device)) for name, value in batch.items()}


def bare_features(objective: MateObjective, batch: dict[str, Tensor]) -> Tensor:
    """A scalar that takes the text encoder, the motion encoder and the decoder, and nothing else of MATE."""
    model = objective.model
    motion = model.normalise(batch["motion"], batch["mask"])
    summary, frames = model.motion_encoder(motion, batch["mask"])
    text = model.text_feature(batch["input_ids"], batch["attention_mask"])
    predicted = model.motion_decoder(summary, batch["mask"])
    return text.mean() + summary.mean() + frames.mean() + predicted.mean()


class _Given(nn.Module):
    """In a network's place: what it gave before."""

    def __init__(self, features: Any) -> None:
        super().__init__()
        self.features = features

    def forward(self, *_: object, **__: object) -> Any:
        return self.features


def words_alone(objective: MateObjective, batch: dict[str, Tensor]) -> MateObjective:
    """The objective with the three transformers taken out: their features of this batch stand in their place, and learn."""
    model = objective.model
    with torch.no_grad():
        summary, frames = model.motion_encoder(model.normalise(batch["motion"], batch["mask"]), batch["mask"])
        text, tokens = model.caption_features(batch["input_ids"], batch["attention_mask"])
        predicted = model.motion_decoder(summary, batch["mask"])
    for features in (summary, frames, text, predicted):
        features.requires_grad_()
    model.add_module("motion_encoder", _Given((summary, frames)))
    model.add_module("motion_decoder", _Given(predicted))
    # A method, which no submodule of that name can hide.
    vars(model)["caption_features"] = lambda *_: (text, tokens)
    return objective
