"""A model whose words find their own prototype where they are said, and its opposite elsewhere, scores full marks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mate_hf.evaluation.words.disentanglement import Disentanglement
from mate_hf.evaluation.words.samples import Sample
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.text.vocabulary import Vocabulary
from tests.tiny import CAPTIONS


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.from_captions(CAPTIONS)


def model_of(vocabulary: Vocabulary, finds: Any) -> MateModel:
    """`finds`: prototype ids of words (Q,), ids that the motion shows (N,) -> features (Q,D)."""
    # Orthogonal, so that cosines are exact and the scores do not hang on the random state that other tests leave.
    prototypes = nn.Embedding.from_pretrained(torch.eye(len(vocabulary)))

    def project(words: list[str]) -> Tensor:
        ids = [vocabulary.annotate([word])[0].words[0].prototype_id for word in words]
        return torch.tensor(ids, dtype=torch.float32)

    def attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        return finds(queries.long(), values.flatten().long(), prototypes.weight.detach())[None]

    return cast(
        MateModel,
        SimpleNamespace(project_words=project, word_attention_layer=attend, prototypes=prototypes),
    )


def sample(caption: str, vocabulary: Vocabulary) -> Sample:
    shown = [word.prototype_id for word in vocabulary.annotate([caption])[0].words]
    values = torch.tensor(shown, dtype=torch.float32).view(1, 1, -1, 1)
    nothing = torch.zeros(12)
    return Sample(0, "0", caption, "0", nothing, nothing, nothing, nothing, values, values, len(shown))


def probe(vocabulary: Vocabulary, finds: Any) -> dict[str, Any]:
    probe = Disentanglement(model_of(vocabulary, finds), vocabulary)
    for caption in CAPTIONS * 5:
        probe.add(sample(caption, vocabulary))
    return probe.metrics()


def test_words_that_find_themselves_only_where_they_are_said(vocabulary: Vocabulary) -> None:
    def finds(words: Tensor, shown: Tensor, prototypes: Tensor) -> Tensor:
        sign = torch.where(torch.isin(words, shown), 1.0, -1.0)
        return sign[:, None] * prototypes[words]

    found = probe(vocabulary, finds)
    assert found["contained"] == pytest.approx({"nearest": 100.0, "cosine": 1.0})
    assert found["absent"] == pytest.approx({"nearest": 0.0, "cosine": -1.0})
    assert found["auc"] == 100.0
    assert found["silhouette"] == pytest.approx(1.0)
    content = [len([w for w in words.words if w.content]) for words in vocabulary.annotate(list(CAPTIONS))]
    assert found["words"] == 5 * sum(content)


def test_a_word_feature_that_is_the_same_for_every_word_tells_nothing(vocabulary: Vocabulary) -> None:
    def finds(words: Tensor, shown: Tensor, prototypes: Tensor) -> Tensor:
        mixed: Tensor = F.normalize(prototypes[shown].mean(0), dim=0)
        return mixed.expand(len(words), -1)

    found = probe(vocabulary, finds)
    assert found["contained"]["nearest"] < 30
    assert found["silhouette"] < 0.1
