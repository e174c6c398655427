"""From arguments to a model and its data, ready to train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from datasets import Dataset
from torch.utils.data import DataLoader

from mate_hf.data.batching import BucketBatches
from mate_hf.data.triplets import TripletCollator, Triplets
from mate_hf.modeling.configuration_mate import MateConfig
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.preparation import Prepared, open_prepared
from mate_hf.text.encoders import TextEncoder, open_text_encoder, token_batches
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.validation import Batches, first_captions, validation_loader


@dataclass
class Setup:
    """What a run trains on.

    Attributes:
        token_ids: tokens of the training captions, special tokens apart: the rows that may change.
        truncated: training captions longer than the encoder's limit.
        validation: None where the corpus has no usable validation split.
    """

    prepared: Prepared
    encoder: TextEncoder
    model: MateModel
    token_ids: list[int]
    truncated: int
    sampler: BucketBatches
    batches: Batches
    validation: Batches | None


def set_up(arguments: TrainArguments, accelerator: Accelerator) -> Setup:
    """Prepare the corpus where it is a folder (main process first), open the encoder, build model and loaders."""
    with accelerator.main_process_first():
        # What the main process just prepared serves the others; what an earlier run prepared serves its continuation.
        reuse = arguments.run.resume is not None or not accelerator.is_main_process
        prepared = open_prepared(arguments.data.data, Path(arguments.run.output_dir) / "data", reuse)
    encoder = open_text_encoder(
        arguments.model.text_encoder, arguments.model.text_encoder_revision, arguments.model.pooling
    )
    train = prepared.corpus.splits["train"]
    token_ids, truncated = seen_tokens(encoder, sorted(set(train["caption"])))
    collator = TripletCollator(
        encoder.tokenizer,
        encoder.max_length,
        prepared.vocabulary,
        arguments.run.seed,
        arguments.data.word_sampling,
    )
    sampler = BucketBatches(
        np.unique(train["clip"], return_inverse=True)[1],
        np.asarray(train["length"]),
        arguments.data.batch_size,
        arguments.run.seed,
        accelerator.process_index,
        accelerator.num_processes,
        arguments.run.gradient_accumulation_steps,
    )
    workers = arguments.data.num_workers
    batches: Batches = DataLoader(
        Triplets(train, arguments.run.seed),
        batch_sampler=sampler,
        collate_fn=collator,
        num_workers=workers,
        pin_memory=accelerator.device.type == "cuda",
        persistent_workers=workers > 0,
        # Its own generator: the loader must not draw from the one that dropout uses, or resuming would shift it.
        generator=torch.Generator(),
    )
    return Setup(
        prepared,
        encoder,
        build_model(arguments, prepared, encoder),
        token_ids,
        truncated,
        sampler,
        batches,
        _validation(prepared, collator, arguments.data.batch_size),
    )


def _validation(prepared: Prepared, collator: TripletCollator, batch_size: int) -> Batches | None:
    split: Dataset | None = prepared.corpus.splits.get("val")
    if split is None:
        return None
    rows = first_captions(split, prepared.vocabulary)
    return validation_loader(split, rows, collator, batch_size) if len(rows) > 1 else None


def seen_tokens(encoder: TextEncoder, captions: list[str]) -> tuple[list[int], int]:
    """Token ids that occur in the captions, special tokens apart; and how many captions were truncated."""
    seen: set[int] = set()
    truncated = 0
    for batch in token_batches(encoder, captions):
        seen.update(batch.input_ids[batch.attention_mask.bool()].tolist())
        truncated += batch.truncated
    return sorted(seen - set(encoder.tokenizer.all_special_ids)), truncated


def build_model(arguments: TrainArguments, prepared: Prepared, encoder: TextEncoder) -> MateModel:
    """A `MateModel` around the pretrained encoder, with the corpus statistics and prototypes set."""
    sizes = arguments.model
    config = MateConfig(
        text_config=encoder.model.config,
        pooling=encoder.pooling,
        motion_width=prepared.corpus.kind.width,
        motion_fps=prepared.corpus.kind.fps,
        hidden_size=sizes.hidden_size,
        motion_layers=sizes.motion_layers,
        motion_heads=sizes.motion_heads,
        motion_feedforward=sizes.motion_feedforward,
        motion_dropout=sizes.motion_dropout,
        attention_heads=sizes.attention_heads,
        attention_dropout=sizes.attention_dropout,
        prior_strength=sizes.prior_strength,
        prototypes=len(prepared.vocabulary),
    )
    model = MateModel(config)
    model.text_encoder = encoder.model
    model.tokenizer = encoder.tokenizer
    model.motion_mean.copy_(torch.as_tensor(prepared.corpus.mean))
    model.motion_std.copy_(torch.as_tensor(prepared.corpus.std))
    initialise_prototypes(model, encoder, prepared.vocabulary)
    return model


@torch.no_grad()
def initialise_prototypes(model: MateModel, encoder: TextEncoder, vocabulary: Vocabulary) -> None:
    """Prototypes start as the word embeddings of their lemmas (Sec. 4.1), through Proj where the width is not D."""
    words = encoder.word_embeddings(vocabulary.lemmas)
    if words.shape[1] != model.config.hidden_size:
        words = model.word_projection(words)
    model.prototypes.weight.copy_(words)
