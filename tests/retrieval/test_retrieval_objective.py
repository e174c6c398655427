"""The retrieval objective against one pair at a time, and what its presets change."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.retrieval.retrieval_objective import RetrievalObjective, RetrievalObjectiveArguments

SETTINGS = RetrievalObjectiveArguments()


@pytest.fixture
def model() -> TMRModel:
    torch.manual_seed(0)
    sizes = {"text_width": 6, "motion_width": 9, "latent_size": 8, "layers": 1, "heads": 2, "feedforward": 16}
    return TMRModel(TMRConfig(**sizes)).eval()


@pytest.fixture
def batch() -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(1)
    length, words = torch.tensor([7, 4, 6, 5]), torch.tensor([3, 5, 2, 5])
    return {
        "motion": torch.randn(4, 7, 9, generator=random),
        "mask": torch.arange(7) < length.unsqueeze(1),
        "length": length,
        "text": torch.randn(4, 5, 6, generator=random),
        "text_mask": torch.arange(5) < words.unsqueeze(1),
        "sentence": torch.tensor([[1.0, 0.0], [0.8, 0.6], [-0.2, 1.0], [-1.0, 0.1]]),
        "caption_id": torch.tensor([1, 2, 3, 1]),
    }


def cos(a: Tensor, b: Tensor) -> float:
    return float((a * b).sum() / (a.norm() * b.norm()))


@torch.no_grad()
def naive(
    model: TMRModel, batch: dict[str, Tensor], settings: RetrievalObjectiveArguments
) -> dict[str, float]:
    """Each pair alone and unpadded, in evaluation mode."""
    pairs = []
    for i, (frames, words) in enumerate(zip(batch["length"], batch["text_mask"].sum(1), strict=True)):
        motion, text = batch["motion"][i : i + 1, :frames], batch["text"][i : i + 1, :words]
        ones = torch.ones(1, int(frames), dtype=torch.bool)
        t = model.encode_text(text, torch.ones(1, int(words), dtype=torch.bool))
        m = model.encode_motion(motion, ones)
        pairs.append((t, m, motion, [model.decode(z.mean, ones) for z in (t, m)]))
    error = count = 0.0
    for _, _, motion, rebuilt in pairs:
        for one in rebuilt:
            for value in (one - motion).abs().flatten().tolist():
                error += value**2 / 2 if value < 1 else value - 0.5
        count += motion.numel()
    kl = 0.0
    for t, m, _, _ in pairs:
        normals = [Normal(g.mean, (g.logvar / 2).exp()) for g in (t, m)]
        standard = Normal(torch.zeros(8), torch.ones(8))
        kl += float(kl_divergence(*normals).mean() + kl_divergence(*normals[::-1]).mean()) / 4
        if settings.kl_to_normal:
            kl += sum(float(kl_divergence(normal, standard).mean()) for normal in normals) / 4
    latent = sum(
        0.5 * d**2 if (d := abs(a - b)) < 1 else d - 0.5
        for t, m, _, _ in pairs
        for a, b in zip(t.mean[0].tolist(), m.mean[0].tolist(), strict=True)
    )
    nce = 0.0
    for i in range(4):
        allowed = [
            j
            for j in range(4)
            if j == i
            or (
                cos(batch["sentence"][i], batch["sentence"][j]) <= settings.filter_threshold
                and (not settings.guard_captions or batch["caption_id"][i] != batch["caption_id"][j])
            )
        ]
        for a, b in ((0, 1), (1, 0)):
            logits = {j: cos(pairs[i][a].mean, pairs[j][b].mean) / settings.temperature for j in allowed}
            nce += (math.log(sum(math.exp(v) for v in logits.values())) - logits[i]) / 8
    parts = {"rec": error / count, "kl": kl, "latent": latent / 32, "nce": nce}
    return parts | {"loss": parts["rec"] + 1e-5 * parts["kl"] + 1e-5 * parts["latent"] + 0.1 * parts["nce"]}


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        replace(SETTINGS, kl_to_normal=False, nce_on="means", filter_threshold=0.85),
        replace(SETTINGS, guard_captions=False, filter_threshold=2.0),
    ],
    ids=["tmr", "opentma", "no filter"],
)
def test_every_loss_is_that_of_pairs_worked_out_alone(
    model: TMRModel, batch: dict[str, Tensor], settings: RetrievalObjectiveArguments
) -> None:
    found = {
        name: value.item() for name, value in RetrievalObjective(model, settings).eval()(**batch).items()
    }
    assert found == pytest.approx(naive(model, batch, settings), rel=1e-4)


def test_training_compares_draws_where_tmr_does_and_means_where_opentma_does(
    model: TMRModel, batch: dict[str, Tensor]
) -> None:
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for nce_on, varies in (("samples", True), ("means", False)):
        objective = RetrievalObjective(model, replace(SETTINGS, nce_on=nce_on)).train()
        for attention in (m for m in objective.modules() if isinstance(m, torch.nn.MultiheadAttention)):
            attention.dropout = 0.0
        first, second = (objective(**batch)["nce"].item() for _ in range(2))
        assert (first != second) is varies


def test_gradients_reach_every_parameter(model: TMRModel, batch: dict[str, Tensor]) -> None:
    objective = RetrievalObjective(model, SETTINGS).train()
    objective(**batch)["loss"].backward()
    dead = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not dead
