"""L_all (Eq. 8): the five losses on one batch, which every process sees whole."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.modeling.trainable_rows import trained_rows
from mate_hf.objectives import losses
from mate_hf.objectives.global_batch import GlobalBatch
from mate_hf.objectives.held import HELD, held_distance
from mate_hf.objectives.prior import PRIORS, attention_prior, inside_segment
from mate_hf.utils.settings import option

CONTRARIES = ("none", "sentence", "word", "both")
OBJECTIVES = ("mate", "temos", "tmr", "moclip")


@dataclass
class ObjectiveArguments:
    """Weights and readings of Eq. 3-8. Defaults are the paper's (appendix C); where it is silent, ours."""

    tau: float = option(0.05, "Temperature of L_self, L_align and L_sent.", above=0)
    lambda_1: float = option(0.1, "Weight of L_word = L_self + L_cross + L_align (Eq. 8).", least=0)
    lambda_2: float = option(0.1, "Weight of L_sent (Eq. 8).", least=0)
    rec_weight: float = option(1.0, "Weight of L_rec; 0 removes it (Table 3).", least=0)
    self_weight: float = option(1.0, "Weight of L_self within L_word; 0 removes it (Table 3).", least=0)
    cross_weight: float = option(1.0, "Weight of L_cross within L_word; 0 removes it (Table 3).", least=0)
    align_weight: float = option(1.0, "Weight of L_align within L_word; 0 removes it (Table 3).", least=0)
    ground_weight: float = option(
        0.0,
        "Weight within L_word of -log of the attention inside the word's segment, read without the prior. Not in the "
        "paper, where the segment is the prior's alone; needs a localized corpus.",
        least=0,
    )
    cross_negatives: int = option(8, "Captions least similar to the word that serve L_cross.", least=1)
    guard_lemmas: bool = option(
        True,
        "Batch members with the same lemma are not negatives of one another in L_align, and captions that hold "
        "the lemma never serve L_cross. The paper does not say; false takes its equations as printed.",
    )
    guard_captions: bool = option(True, "Equal captions are not negatives of one another in L_sent.")
    contraries: str = option(
        "none",
        "One more negative that differs in a single word, of contrary direction, speed or count: none, as the paper; sentence, a motion's "
        "caption with a word turned, in L_sent; word, in L_align; both.",
        CONTRARIES,
    )
    hold_weight: float = option(
        0.0,
        "Weight of what holds sentences with words that training never meets where the untrained encoder puts them; 0, as the "
        "paper, lets them go along. Needs trainable: embeddings.",
        least=0,
    )
    attention_prior: str = option("gaussian", "AttentionPrior of Eq. 4 (Table 6).", PRIORS)
    objective: str = option(
        "mate",
        "mate, or what it is compared with: temos, tmr (Table 12), moclip. These see whole sentences alone and take of the "
        "options above tau (moclip) and guard_captions.",
        OBJECTIVES,
    )
    tether: float = option(
        0.5,
        "Weight of MoCLIP's tether to the untrained encoder's sentence features (objective: moclip).",
        least=0,
    )

    def combine(self, parts: dict[str, Tensor]) -> Tensor:
        """L_all from the named losses (Eq. 7 and 8)."""
        word = (
            self.self_weight * parts["self"]
            + self.cross_weight * parts["cross"]
            + self.align_weight * parts["align"]
            + self.ground_weight * parts.get("ground", 0.0)
        )
        held = self.hold_weight * parts.get("hold", 0.0)
        return self.rec_weight * parts["rec"] + self.lambda_1 * word + self.lambda_2 * parts["sent"] + held


class MateObjective(GlobalBatch):
    """Runs the model on a batch and compares. In training the batch is that of all processes together.

    Each process holds its share of the motions and captions. Sentence, word and word-motion features are gathered
    with gradient, so that negatives come from the whole batch; L_cross additionally queries this process's
    motions with every word. Averaged over processes, losses and gradients are those of one process on the whole
    batch.
    """

    def __init__(self, model: MateModel, settings: ObjectiveArguments) -> None:
        super().__init__()
        self.model = model
        self.settings = settings

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        motion: Tensor,
        mask: Tensor,
        length: Tensor,
        word_tokens: Tensor,
        word_mask: Tensor,
        word_places: Tensor,
        prototype_id: Tensor,
        caption_prototypes: Tensor,
        caption_id: Tensor,
        segment: Tensor,
        **beside: Tensor,
    ) -> dict[str, Tensor]:
        """One batch of triplets -> named losses `rec`, `self`, `cross`, `align`, `sent`, and `loss`, their sum by Eq. 8.

        Args:
            input_ids, attention_mask: captions (B,S).
            motion: raw features (B,T,F); mask: (B,T), True on real frames; length: (B,).
            word_tokens, word_mask: sub-tokens (B,N,W) of the N words drawn from each caption.
            word_places: (B,N,W), where these stand in the caption.
            prototype_id: (B,N), the words' prototypes.
            caption_prototypes: (B,L), prototypes of all words of the caption, -1 where padded.
            caption_id: (B,), equal where captions are equal.
            segment: (B,N,2), frames each word speaks of.
            beside: what `Company` and `Contraries` add to the batch.
        """
        model, settings = self.model, self.settings
        prior = attention_prior(segment, motion.shape[1], settings.attention_prior)
        found = model(input_ids, attention_mask, motion, mask, word_tokens, word_mask, word_places, prior)
        features = {
            "word": found.word,
            "query": found.query[:, 0],
            "own": found.word_motion,
            "text": found.text,
            "summary": found.motion,
            **self._contrary(beside),
        }
        whole = self._whole_batch(
            {
                name: feature.float() if feature.is_floating_point() else feature
                for name, feature in features.items()
            }
            | {"prototype_id": prototype_id, "caption_id": caption_id},
            caption_prototypes,
        )
        # L_cross asks every motion for the first word of every caption: for all N it would cost N times that.
        attend = model.word_attention_layer
        crossed = attend(whole["query"], found.keys, found.values, mask)
        predicted = model.motion_decoder(found.motion, mask)
        looked = attend.weights(found.query, found.keys, mask).float() if settings.ground_weight else None
        # Losses in float32 whatever the networks ran in: a temperature of 0.05 magnifies bfloat16's rounding.
        with torch.autocast(motion.device.type, enabled=False):
            parts = self._compare(whole, crossed.float(), predicted.float(), found.target, mask)
            if looked is not None:
                parts["ground"] = self._ground(looked, mask, segment)
            if settings.hold_weight:
                parts["hold"] = self._hold(**{name: beside[name] for name in HELD})
        parts["loss"] = settings.combine(parts)
        return parts

    def _contrary(self, beside: dict[str, Tensor]) -> dict[str, Tensor]:
        """Features of what a caption and its words must not be taken for, and 1 where there is such."""
        model, found = self.model, {}
        if self.settings.contraries in ("sentence", "both"):
            found["turned_text"] = model.text_feature(beside["turned_ids"], beside["turned_attention"])
            found["turned"] = beside["turned"]
        if self.settings.contraries in ("word", "both"):
            tokens, mask = beside["contrary_tokens"], beside["contrary_mask"]
            words = model.word_feature(tokens.flatten(0, 1), mask.flatten(0, 1))
            found["contrary_word"] = words.unflatten(0, tokens.shape[:2])
            found["has_contrary"] = mask.any(-1)
        return found

    def _hold(self, held_ids: Tensor, held_attention: Tensor, held_whole: Tensor) -> Tensor:
        model = self.model
        ids, mask = held_ids.flatten(0, 1), held_attention.repeat_interleave(2, 0)
        tuned = model.sentence_feature(ids, mask).float().unflatten(0, (-1, 2))
        table = trained_rows(model)
        assert table is not None
        with torch.no_grad(), table.as_stock():
            stock = model.sentence_feature(ids, mask).float().unflatten(0, (-1, 2))
        return held_distance(tuned, stock, held_whole)

    def _ground(self, weights: Tensor, mask: Tensor, segment: Tensor) -> Tensor:
        frames = mask.unsqueeze(1)
        inside = frames & inside_segment(segment, mask.shape[1])
        # A segment that is the whole motion asks nothing, nor does one that the crop has cut off.
        asked = inside.any(-1) & (frames & ~inside).any(-1)
        # All rows count, and what was not asked is nothing: to pick rows a GPU would have to say how many there are.
        distances = losses.attention_inside(weights, inside) * asked
        return self.mean(distances.sum(), asked.sum())

    def _whole_batch(self, local: dict[str, Tensor], caption_prototypes: Tensor) -> dict[str, Tensor]:
        whole = {name: self.whole(rows) for name, rows in local.items()}
        return whole | {"caption_prototypes": self.whole_padded(caption_prototypes, padding=-1)}

    def _compare(
        self, whole: dict[str, Tensor], crossed: Tensor, predicted: Tensor, target: Tensor, mask: Tensor
    ) -> dict[str, Tensor]:
        settings = self.settings
        group = whole["caption_id"] if settings.guard_captions else None
        draws = [self._compare_draw(whole, draw) for draw in range(whole["word"].shape[1])]
        return {
            "rec": losses.reconstruction(predicted, target, mask) * self.share(mask.sum()),
            "sent": losses.sentence_alignment(
                whole["text"], whole["summary"], group, settings.tau, _beside(whole, "turned_text", "turned")
            ),
            "cross": losses.cross_disentanglement(
                whole["own"][:, 0],
                crossed,
                self._negatives(whole),
                self.first_row(len(crossed)),
            )
            * self.processes,
            **{name: torch.stack([parts[name] for parts in draws]).mean() for name in draws[0]},
        }

    def _compare_draw(self, whole: dict[str, Tensor], draw: int) -> dict[str, Tensor]:
        """L_self and L_align of one word a caption, the `draw`-th of each."""
        settings = self.settings
        word, own, prototype_id = (whole[name][:, draw] for name in ("word", "own", "prototype_id"))
        prototypes = self.model.prototypes.weight.float()
        contrary = _beside(whole, "contrary_word", "has_contrary")
        turned = None if contrary is None else (contrary[0][:, draw], contrary[1][:, draw])
        group = prototype_id if settings.guard_lemmas else None
        return {
            "self": losses.self_disentanglement(own, prototypes, prototype_id, settings.tau),
            "align": losses.word_alignment(word, own, group, settings.tau, turned),
        }

    def _negatives(self, whole: dict[str, Tensor]) -> Tensor:
        word, prototype_id = whole["word"][:, 0], whole["prototype_id"][:, 0]
        excluded = torch.eye(len(word), dtype=torch.bool, device=word.device)
        if self.settings.guard_lemmas:
            holds_lemma = whole["caption_prototypes"].unsqueeze(0) == prototype_id[:, None, None]
            excluded = excluded | holds_lemma.any(-1)
        return losses.least_similar_captions(word, whole["text"], excluded, self.settings.cross_negatives)


def _beside(whole: dict[str, Tensor], features: str, real: str) -> tuple[Tensor, Tensor] | None:
    return (whole[features], whole[real]) if features in whole else None
