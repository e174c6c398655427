"""The objective on a whole batch against the same words and motions taken one pair at a time."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from transformers import CLIPTextConfig

from mate_hf.modeling import MateConfig, MateModel
from mate_hf.objectives.mate import MateObjective, ObjectiveArguments
from mate_hf.objectives.prior import attention_prior
from tests.objectives.test_losses import cos, naive_contrastive, naive_cross, naive_negatives

B, T, K = 6, 20, 9


@pytest.fixture
def model() -> MateModel:
    torch.manual_seed(0)
    text = CLIPTextConfig(
        vocab_size=99,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        projection_dim=24,
        bos_token_id=97,
        eos_token_id=98,
        pad_token_id=98,
    )
    sizes = {
        "hidden_size": 16,
        "motion_layers": 1,
        "motion_heads": 2,
        "motion_feedforward": 16,
        "attention_heads": 2,
    }
    return MateModel(MateConfig(text_config=text, prototypes=K, motion_width=7, **sizes)).eval()


@pytest.fixture
def batch() -> dict[str, Tensor]:
    torch.manual_seed(1)
    length = torch.tensor([20, 16, 12, 8, 20, 4])
    ids = torch.randint(97, (B, 8))
    ids[:, -1] = 98
    return {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "motion": torch.randn(B, T, 7),
        "mask": torch.arange(T) < length.unsqueeze(1),
        "length": length,
        "word_tokens": torch.randint(97, (B, 1, 3)),
        "word_mask": torch.tensor([[[True, True, i % 2 == 0]] for i in range(B)]),
        "word_places": torch.tensor([[[1, 2, 3]]] * B),
        "prototype_id": torch.tensor([[2], [5], [2], [7], [0], [1]]),
        "caption_prototypes": torch.tensor([[2, 3], [5, 2], [2, -1], [7, 1], [0, 7], [1, 5]]),
        "caption_id": torch.tensor([10, 11, 12, 10, 13, 14]),
        "segment": torch.stack([length // 4, length], dim=1).unsqueeze(1),
    }


def one_by_one(model: MateModel, batch: dict[str, Tensor], settings: ObjectiveArguments) -> dict[str, float]:
    text = model.text_feature(batch["input_ids"], batch["attention_mask"])
    word = model.word_feature(batch["word_tokens"][:, 0], batch["word_mask"][:, 0])
    prior = attention_prior(batch["segment"][:, 0], T, "gaussian")
    assert prior is not None
    motion, own, crossed = [], [], torch.zeros(B, B, 16)
    error, numbers = 0.0, 0
    for m in range(B):
        frames = int(batch["length"][m])
        mask = torch.ones(1, frames, dtype=torch.bool)
        target = model.normalise(batch["motion"][m : m + 1, :frames], mask)
        summary, features = model.motion_encoder(target, mask)
        keys, values = model.word_attention_layer.project_frames(features)
        for w in range(B):
            query = word[w].view(1, 1, -1)
            crossed[m, w] = model.word_attention_layer(query, keys, values, mask)[0, 0]
        own_prior = prior[m, :frames].view(1, 1, -1)
        own.append(model.word_attention_layer(word[m].view(1, 1, -1), keys, values, mask, own_prior)[0, 0])
        motion.append(summary[0])
        error += float((model.motion_decoder(summary, mask) - target).abs().sum())
        numbers += target.numel()
    lemma, holds = batch["prototype_id"][:, 0].tolist(), batch["caption_prototypes"].tolist()
    excluded = torch.tensor([[i == j or lemma[i] in holds[j] for j in range(B)] for i in range(B)])
    pairs = naive_negatives(word, text, excluded, settings.cross_negatives)
    prototypes = model.prototypes.weight
    spread = [[cos(own[i], prototypes[k]) / settings.tau for k in range(K)] for i in range(B)]
    return {
        "rec": error / numbers,
        "self": sum(float(torch.tensor(row).logsumexp(0)) - row[lemma[i]] for i, row in enumerate(spread))
        / B,
        "cross": naive_cross(torch.stack(own), crossed, pairs),
        "align": naive_contrastive(word, torch.stack(own), lemma),
        "sent": naive_contrastive(text, torch.stack(motion), batch["caption_id"].tolist()),
    }


@pytest.mark.parametrize("cross_negatives", [2, 8])
def test_a_batch_is_its_pairs_one_by_one(
    model: MateModel, batch: dict[str, Tensor], cross_negatives: int
) -> None:
    settings = ObjectiveArguments(cross_negatives=cross_negatives)
    with torch.no_grad():
        ours = MateObjective(model, settings).eval()(**batch)
        expected = one_by_one(model, batch, settings)
    for name, value in expected.items():
        assert float(ours[name]) == pytest.approx(value, rel=1e-4), name
    whole = (
        expected["rec"]
        + 0.1 * (expected["self"] + expected["cross"] + expected["align"])
        + 0.1 * expected["sent"]
    )
    assert float(ours["loss"]) == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize(
    ("weight", "part"),
    [("rec_weight", "rec"), ("self_weight", "self"), ("cross_weight", "cross"), ("align_weight", "align")],
)
def test_a_weight_of_zero_removes_its_loss(weight: str, part: str) -> None:
    parts = {
        name: torch.tensor(value)
        for name, value in zip(("rec", "self", "cross", "align", "sent"), range(1, 6), strict=True)
    }
    full, less = ObjectiveArguments().combine(parts), ObjectiveArguments(**{weight: 0.0}).combine(parts)
    share = 1.0 if part == "rec" else 0.1
    assert float(full - less) == pytest.approx(share * float(parts[part]))


def test_guards_can_be_switched_off_to_the_equations_as_printed(
    model: MateModel, batch: dict[str, Tensor]
) -> None:
    guarded, printed = (
        MateObjective(model, ObjectiveArguments(guard_lemmas=on, guard_captions=on)).eval()
        for on in (True, False)
    )
    with torch.no_grad():
        with_guards, without = guarded(**batch), printed(**batch)
    assert without["align"] > with_guards["align"]
    assert without["sent"] > with_guards["sent"]


def test_the_prior_changes_what_a_word_finds(model: MateModel, batch: dict[str, Tensor]) -> None:
    with torch.no_grad():
        results = {
            kind: float(
                MateObjective(model, ObjectiveArguments(attention_prior=kind)).eval()(**batch)["align"]
            )
            for kind in ("none", "binary", "gaussian_segment", "gaussian")
        }
    assert len(set(results.values())) == 4


def test_losses_stay_in_float32_under_autocast(model: MateModel, batch: dict[str, Tensor]) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = MateObjective(model, ObjectiveArguments(ground_weight=1.0))(**batch)
    assert "ground" in losses
    assert {loss.dtype for loss in losses.values()} == {torch.float32}


def test_every_part_of_the_model_learns(model: MateModel, batch: dict[str, Tensor]) -> None:
    MateObjective(model, ObjectiveArguments())(**batch)["loss"].backward()
    still = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert not still


@torch.no_grad()
def test_several_words_a_caption_are_the_mean_of_as_many_draws(
    model: MateModel, batch: dict[str, Tensor]
) -> None:
    torch.manual_seed(2)
    second = {
        "word_tokens": torch.randint(97, (B, 1, 3)),
        "word_mask": torch.ones(B, 1, 3, dtype=torch.bool),
        "word_places": batch["word_places"],
        "prototype_id": torch.tensor([[3], [2], [4], [1], [7], [5]]),
        "segment": batch["segment"] // 2,
    }
    objective = MateObjective(model, ObjectiveArguments(ground_weight=1.0)).eval()
    one, other = objective(**batch), objective(**batch | second)
    both = objective(**batch | {name: torch.cat([batch[name], value], 1) for name, value in second.items()})
    for name in ("self", "align"):
        assert float(both[name]) == pytest.approx(float(one[name] + other[name]) / 2, rel=1e-5), name
    for name in ("rec", "sent", "cross"):
        assert float(both[name]) == pytest.approx(float(one[name]), rel=1e-5), name
    assert float(one["ground"]) < float(both["ground"]) < float(other["ground"])


@torch.no_grad()
def test_grounding_is_the_attention_that_lies_inside(model: MateModel, batch: dict[str, Tensor]) -> None:
    batch["segment"][3, 0] = torch.tensor([0, 8])  # the whole motion
    batch["segment"][5, 0] = torch.tensor([30, 40])  # beyond the crop
    batch["segment"][1, 0] = torch.tensor([-5, 7])  # begins before it
    found = MateObjective(model, ObjectiveArguments(ground_weight=2.0))(**batch)
    without = MateObjective(model, ObjectiveArguments())(**batch)
    assert "ground" not in without
    distances = []
    for i in (0, 1, 2, 4):
        length, (start, end) = int(batch["length"][i]), batch["segment"][i, 0].tolist()
        motion, mask = batch["motion"][i : i + 1, :length], torch.ones(1, length, dtype=torch.bool)
        frames = model.motion_encoder(model.normalise(motion, mask), mask)[1]
        word = model.word_feature(batch["word_tokens"][i], batch["word_mask"][i])
        attend = model.word_attention_layer
        queries = attend.query(word).view(2, -1)
        keys = attend.key(frames[0]).view(length, 2, -1)
        per_head = [(keys[:, h] @ queries[h] / queries.shape[1] ** 0.5).softmax(0) for h in range(2)]
        mass = sum(float(head[t]) for head in per_head for t in range(length) if start <= t < end) / 2
        distances.append(-math.log(mass))
    expected = sum(distances) / len(distances)
    assert float(found["ground"]) == pytest.approx(expected, rel=1e-4)
    assert float(found["loss"] - without["loss"]) == pytest.approx(0.1 * 2.0 * expected, rel=1e-3)


def test_words_of_whole_motions_leave_no_gradient_that_is_not_a_number(
    model: MateModel, batch: dict[str, Tensor]
) -> None:
    batch["segment"] = torch.stack([torch.zeros_like(batch["length"]), batch["length"]], dim=1).unsqueeze(1)
    found = MateObjective(model, ObjectiveArguments(ground_weight=1.0))(**batch)
    assert float(found["ground"]) == 0.0
    found["loss"].backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)
