"""A retriever reads motions as they come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mate_hf.retrieval.retriever import open_retriever
from tests.localization.tiny_retriever import make_retrieval_model


def test_a_motion_of_numpy_or_torch_alone_or_in_a_batch_is_the_same(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    retriever = open_retriever(make_retrieval_model(text_encoders["bert"], tmp_path / "run"))
    motion = np.random.default_rng(0).normal(size=(40, 263))
    one = retriever.encode_motions(motion)
    assert one.shape[0] == 1
    padded = torch.zeros(2, 50, 263)
    padded[0, :40] = torch.from_numpy(motion).float()
    mask = torch.arange(50) < torch.tensor([[40], [50]])
    torch.testing.assert_close(retriever.encode_motions(padded, mask)[:1], one, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(retriever.encode_motions(torch.from_numpy(motion)), one)
    torch.testing.assert_close(retriever.encode_texts("he walks"), retriever.encode_texts(["he walks"]))
    with pytest.raises(
        ValueError, match=r"shape \(40, 22, 3\) of torch\.float64; expected 263 raw features a frame"
    ):
        retriever.encode_motions(np.zeros((40, 22, 3)))
