"""Fig. 7's question as numbers: is what a word finds in a motion that word's own?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score, silhouette_score
from torch import Tensor
from torch.nn import functional as F

from mate_hf.evaluation.words.samples import Sample
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.text.vocabulary import Vocabulary

LEAST_OCCURRENCES = 5
MOST_WORDS = 5000


class Disentanglement:
    """Word-motion features f_w^m of content words that a caption holds, and of as many that it does not.

    Args:
        seed: draws the words that a caption does not hold.
    """

    def __init__(self, model: MateModel, vocabulary: Vocabulary, seed: int = 0) -> None:
        self.model, self.vocabulary = model, vocabulary
        self.random = np.random.default_rng(seed)
        self.forms = {
            number: vocabulary.forms[lemma][0]
            for number, lemma in enumerate(vocabulary.lemmas)
            if lemma in vocabulary.content
        }
        self.contained: list[tuple[int, Tensor]] = []
        self.absent: list[tuple[int, Tensor]] = []

    @torch.no_grad()
    def add(self, item: Sample) -> None:
        """Ask one motion for its caption's words and for others."""
        words = self.vocabulary.annotate([item.caption])[0].words
        said = {word.prototype_id: word.text for word in words if word.prototype_id is not None}
        held = {number: text for number, text in said.items() if number in self.forms}
        others = [number for number in self.forms if number not in said]
        if not held or not others or len(self.contained) >= MOST_WORDS:
            return
        drawn = self.random.choice(others, min(len(held), len(others)), replace=False).tolist()
        self.contained += self._found(held, item)
        self.absent += self._found({number: self.forms[number] for number in drawn}, item)

    def _found(self, words: dict[int, str], item: Sample) -> list[tuple[int, Tensor]]:
        queries = self.model.project_words(list(words.values()))
        features = self.model.word_attention_layer(queries, item.keys, item.values, item.mask)[0]
        return list(zip(words, features, strict=True))

    def metrics(self) -> dict[str, Any]:
        """`contained` and `absent`: `nearest`, percent whose nearest prototype is the word's own (high, and low), and
        `cosine` with it; `auc`, percent of (contained, absent) pairs where the contained one is nearer to its prototype;
        `silhouette` of the contained features by lemma, for lemmas that occur 5 times or more; `words`.
        """
        if not self.contained:
            return {"words": 0}
        prototypes = F.normalize(self.model.prototypes.weight.detach().float(), dim=-1)
        own, nearest = _nearness(self.contained, prototypes)
        own_absent, nearest_absent = _nearness(self.absent, prototypes)
        truth = np.concatenate([np.ones(len(own)), np.zeros(len(own_absent))])
        return {
            "contained": {"nearest": float(100 * nearest.mean()), "cosine": float(own.mean())},
            "absent": {"nearest": float(100 * nearest_absent.mean()), "cosine": float(own_absent.mean())},
            "auc": float(100 * roc_auc_score(truth, np.concatenate([own, own_absent]))),
            "silhouette": _silhouette(self.contained),
            "words": len(own),
        }


def _nearness(rows: list[tuple[int, Tensor]], prototypes: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Cosine of each feature with its word's prototype, and whether that is the nearest of all."""
    ids = torch.tensor([number for number, _ in rows], device=prototypes.device)
    cosines = F.normalize(torch.stack([feature for _, feature in rows]).float(), dim=-1) @ prototypes.T
    own = cosines.gather(1, ids[:, None])[:, 0]
    return own.cpu().numpy(), (cosines.argmax(1) == ids).float().cpu().numpy()


def _silhouette(rows: list[tuple[int, Tensor]]) -> float | None:
    labels = np.array([number for number, _ in rows])
    kinds, counts = np.unique(labels, return_counts=True)
    kept = np.isin(labels, kinds[counts >= LEAST_OCCURRENCES])
    if len(set(labels[kept])) < 2:
        return None
    features = torch.stack([feature for _, feature in rows]).float().cpu().numpy()[kept]
    return float(silhouette_score(features, labels[kept], metric="cosine"))
