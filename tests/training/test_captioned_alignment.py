"""ATM's losses by the numbers of captions: what the aligner says of these captions, and nothing of no motion."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mate_hf.alignment import Aligner, AlignmentSettings
from mate_hf.data.batching import caption_number
from mate_hf.text.encoders import open_text_encoder
from mate_hf.training.captioned_alignment import CaptionedAlignment
from tests.localization.tiny_retriever import make_retriever
from tests.tiny import CAPTIONS


@pytest.fixture
def alignment(text_encoders: dict[str, Path]) -> CaptionedAlignment:
    settings = AlignmentSettings(similar_captions=1.0, aligned_motion=1.0, alignment_weight=1.0)
    sentences = open_text_encoder(str(text_encoders["bert"]))
    aligner = Aligner(make_retriever(text_encoders["distilbert"]), sentences, settings=settings)
    return CaptionedAlignment(aligner, CAPTIONS)


def test_it_says_of_numbers_what_the_aligner_says_of_captions(alignment: CaptionedAlignment) -> None:
    torch.manual_seed(0)
    made, real = torch.randn(3, 60, 263), torch.randn(3, 60, 263)
    lengths, said = torch.tensor([60, 45, 50]), [CAPTIONS[4], CAPTIONS[0], CAPTIONS[2]]
    _, alike = alignment.aligner.read(said)
    # Of the three pairs of captions one is too alike.
    alignment.aligner.settings.similar_captions = float(alike[[0, 0, 1], [1, 2, 2]].median())
    found = alignment(made, real, lengths, torch.tensor([caption_number(text) for text in said]))
    expected = alignment.aligner(made, real, lengths, said)
    assert float(found["total"]) > 0
    torch.testing.assert_close(found["total"], expected.total)
    torch.testing.assert_close(found["inter"], expected.inter)
    torch.testing.assert_close(found["intra"], expected.intra)
    assert float(found["inter"]) > 0
    assert float(found["intra_active"]) == pytest.approx(1 - expected.inactive["intra"] / 3)


def test_half_precision_around_it_changes_nothing(
    alignment: CaptionedAlignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    batch = (torch.randn(3, 60, 263), torch.randn(3, 60, 263), torch.tensor([60, 45, 50]))
    given, align = [], alignment.aligner.align
    monkeypatch.setattr(alignment.aligner, "align", lambda *of: given.append(of[-1]) or align(*of))
    expected = alignment(*batch, alignment.numbers[:3])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = alignment(*batch, alignment.numbers[:3])
    assert torch.equal(*given)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_no_motion_has_no_loss_under_the_same_names(alignment: CaptionedAlignment) -> None:
    none, numbers = torch.zeros(0, 60, 263), torch.zeros(0, dtype=torch.int64)
    found = alignment(none, none, numbers, numbers)
    some = alignment(
        torch.randn(1, 60, 263), torch.randn(1, 60, 263), torch.tensor([60]), alignment.numbers[:1]
    )
    assert found.keys() == some.keys()
    assert not any(float(value) for value in found.values())


def test_one_step_of_so_many_is_aligned_at_as_many_times_the_weight(alignment: CaptionedAlignment) -> None:
    torch.manual_seed(0)
    made, real = torch.randn(3, 60, 263), torch.randn(3, 60, 263)
    batch = (made, real, torch.tensor([60, 45, 50]), alignment.numbers[:3])
    once = alignment(*batch)
    alignment.every = 3
    totals = []
    for step in range(7):
        alignment.before_step(step)
        found = alignment(*batch)
        totals.append(float(found.pop("total")))
        assert found.keys() == ((once.keys() - {"total"}) if step % 3 == 0 else set())
    expected = [3 * float(once["total"]), 0.0, 0.0] * 3
    assert totals == pytest.approx(expected[:7])
