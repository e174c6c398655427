"""MATE as the loop trains it: triplets, the text encoder's rows, and the losses of Eq. 8."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim import Optimizer

from mate_hf.data.preparation import Prepared
from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.modeling.configuration_mate import MateConfig
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.modeling.trainable_rows import trained_rows
from mate_hf.objectives.contraries import Contraries
from mate_hf.objectives.held import Company, untrained_words
from mate_hf.objectives.mate import MateObjective
from mate_hf.objectives.sentence import SentenceObjective
from mate_hf.objectives.triplets import TripletCollator, Triplets
from mate_hf.runs.model import save_model
from mate_hf.text.encoders import TextEncoder, open_text_encoder, token_batches
from mate_hf.text.feature_cache import CaptionFeatureCache
from mate_hf.text.row_classes import rows_of_words
from mate_hf.text.vocabulary import VOCABULARY_FILE, Vocabulary
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.continuing import vocabulary_hash
from mate_hf.training.freezing import choose_trainable, keep_frozen, parameter_groups, stock_state
from mate_hf.training.frozen_text import frozen_text_features
from mate_hf.training.retrieving_task import RetrievingTask
from mate_hf.training.row_rates import (
    RowSteps,
    class_balanced,
    rates_by_class,
    rates_by_word,
    read_class_rates,
    spelled_tokens,
)


class MateTask(RetrievingTask):
    """Open the encoder, build model and batches.

    Attributes:
        token_ids: tokens of the training captions, special tokens apart: the rows that may change.
        truncated: training captions longer than the encoder's limit.
    """

    model: MateModel

    def __init__(self, arguments: TrainArguments, accelerator: Accelerator) -> None:
        super().__init__(arguments.data, arguments.run, accelerator)
        self.arguments = arguments
        data, seed = arguments.data, arguments.run.seed
        self.encoder = open_text_encoder(
            arguments.model.text_encoder, arguments.model.text_encoder_revision, arguments.model.pooling
        )
        train = self.train
        self.token_ids, self.truncated = seen_tokens(self.encoder, sorted(set(train["caption"])))
        collator = TripletCollator(
            self.encoder.tokenizer,
            self.encoder.max_length,
            self.prepared.vocabulary,
            seed,
            data.word_sampling,
            data.words_per_caption,
            *self._beside(),
        )
        self.set_batches(
            train,
            Triplets(train, seed),
            lambda split: Triplets(split, seed),
            collator,
            lambda split: first_captions(split, self.prepared.vocabulary),
        )
        self.model = build_model(arguments, self.prepared, self.encoder)
        chosen = arguments.model
        choose_trainable(self.model, chosen.trainable, self.token_ids, chosen.lora_rank, chosen.first_layers)
        if arguments.model.trainable == "none":
            met = [split for name, split in self.corpus.splits.items() if name != "test"]
            captions = [caption for split in met for caption in split["caption"]]
            features = frozen_text_features(captions, self.encoder, self.encoder, accelerator)
            self.model.feature_cache = CaptionFeatureCache(features, self.encoder)
        self.objective = self._objective()

    def _beside(self) -> tuple[Company | None, Contraries | None]:
        """What the batches hold beside triplets, where the objective asks for it."""
        settings, vocabulary, tokenizer = (
            self.arguments.objective,
            self.prepared.vocabulary,
            self.encoder.tokenizer,
        )
        mate = settings.objective == "mate"
        held = mate and settings.hold_weight > 0
        turned = mate and settings.contraries != "none"
        return (
            Company(untrained_words(tokenizer, self.token_ids), vocabulary) if held else None,
            Contraries(tokenizer, self.encoder.max_length, vocabulary) if turned else None,
        )

    def _objective(self) -> MateObjective | SentenceObjective:
        settings, model = self.arguments.objective, self.arguments.model
        run = self.arguments.run
        asked = {
            "update": run.update != "uniform",
            "stock_decay": run.stock_decay > 0,
            "hold_weight": settings.hold_weight > 0,
        }
        if any(asked.values()) and trained_rows(self.model) is None:
            names = ", ".join(name for name, is_set in asked.items() if is_set)
            raise MateError(
                f"{names}: of embedding rows, which trainable: {model.trainable} does not train. Leave it out."
            )
        if asked["hold_weight"] and (model.trainable != "embeddings" or model.first_layers):
            raise MateError(
                "hold_weight: holds sentences to the layers as they are, and these learn, too. Leave it out, or train rows alone "
                "(trainable: embeddings, first_layers: 0)."
            )
        if settings.objective != "mate":
            return SentenceObjective(self.model, settings)
        return MateObjective(self.model, settings)

    def configure_optimizer(self, optimizer: Optimizer) -> None:
        run, table = self.arguments.run, trained_rows(self.model)
        if table is None or not self._holds_rows:
            return
        rates = torch.ones(len(table.rows))
        tokenizer, vocabulary = self.encoder.tokenizer, self.prepared.vocabulary
        if run.update == "class_balanced":
            counts = torch.tensor(vocabulary.counts, dtype=torch.float32)
            words = spelled_tokens(tokenizer, vocabulary)
            rates = rates_by_word(table, words, counts, class_balanced(counts))
        if by_class := read_class_rates(run.class_rates):
            rates = rates * rates_by_class(
                table, rows_of_words(tokenizer, vocabulary, self.token_ids), by_class
            )
        RowSteps(table, rates, run.stock_decay).follow(optimizer)

    @property
    def _holds_rows(self) -> bool:
        """Whether rows step otherwise than the optimizer makes them."""
        run = self.arguments.run
        return run.update != "uniform" or bool(run.class_rates) or run.stock_decay > 0

    def parameter_groups(self) -> list[dict[str, Any]]:
        run = self.arguments.run
        return parameter_groups(self.model, run.lr, run.embedding_lr, run.weight_decay, run.layers_lr)

    def keep_frozen(self) -> None:
        keep_frozen(self.model, self.arguments.model.trainable)

    def features(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        text = self.model.text_feature(batch["input_ids"], batch["attention_mask"])
        motion = self.model.normalise(batch["motion"], batch["mask"])
        return text, self.model.motion_encoder(motion, batch["mask"])[0]

    def save(self, folder: Path) -> None:
        tokenizer, vocabulary = self.encoder.tokenizer, self.prepared.vocabulary
        save_model(self.model, stock_state(self.model), tokenizer, vocabulary, folder)

    def save_beside(self, run: Path) -> None:
        self.prepared.vocabulary.save(run / VOCABULARY_FILE)

    def describe(self) -> Sequence[str]:
        learning = sum(p.numel() for p in self.model.parameters() if p.requires_grad)
        lines = [
            f"{self.corpus.kind.name}: {len(self.sampler.starts)} clips, {len(self.train)} captions, "
            f"{len(self.prepared.vocabulary)} prototypes; {len(self.token_ids)} embedding rows of "
            f"{self.encoder.name} occur in training; {learning / 1e6:.1f} M parameters learn."
        ]
        if self.truncated:
            lines.append(
                f"{self.truncated} training captions exceed {self.encoder.max_length} tokens and are cut."
            )
        if self.arguments.run.class_rates and trained_rows(self.model) is None:
            lines.append(
                f"class_rates have nothing to do: trainable {self.arguments.model.trainable} trains no embedding row."
            )
        if self.arguments.run.layers_lr is not None and not any(
            group["name"] == "text_encoder" for group in self.parameter_groups()
        ):
            rows_alone = self.arguments.model.trainable == "embeddings"
            lines.append(
                f"layers_lr has nothing to do: trainable {self.arguments.model.trainable} trains nothing of the encoder beside its rows."
                + (" --first_layers does." if rows_alone else "")
            )
        prior = self.arguments.objective.attention_prior
        if prior != "none" and not self.train.is_localized:
            lines.append(
                f"attention_prior {prior}: the data is not localized, so every word speaks of its whole motion. "
                "`mate localize` finds the segments."
            )
        return lines

    def depends_on(self) -> dict[str, str]:
        return super().depends_on() | {"vocabulary": vocabulary_hash(self.prepared.vocabulary)}

    def metadata(self) -> dict[str, Any]:
        return {
            "captions_truncated": self.truncated,
            "localized": self.train.is_localized,
        }


def first_captions(split: Split, vocabulary: Vocabulary) -> list[int]:
    """One row a clip: its first caption that holds a word with a prototype."""
    rows: dict[str, int] = {}
    for row, (clip, lemmas) in enumerate(zip(split["clip"], split["lemmas"], strict=True)):
        if clip not in rows and any(vocabulary.prototype_id(lemma) is not None for lemma in lemmas):
            rows[clip] = row
    return list(rows.values())


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
        prior_form=sizes.prior_form,
        context_queries=sizes.context_queries,
        prototypes=len(prepared.vocabulary),
    )
    model = MateModel(config)
    model.text_encoder = encoder.model
    model.tokenizer = encoder.tokenizer
    model.set_statistics(prepared.corpus.mean, prepared.corpus.std)
    initialise_prototypes(model, encoder, prepared.vocabulary)
    return model


@torch.no_grad()
def initialise_prototypes(model: MateModel, encoder: TextEncoder, vocabulary: Vocabulary) -> None:
    """Prototypes start as the word embeddings of their lemmas (Sec. 4.1), through Proj where the width is not D."""
    words = encoder.word_embeddings(vocabulary.lemmas)
    if words.shape[1] != model.config.hidden_size:
        words = model.word_projection(words)
    model.prototypes.weight.copy_(words)
