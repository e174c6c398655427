"""The aligner reads captions once, takes the host's normalised features, and leaves what is frozen as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from mate_hf.alignment import Aligner, AlignmentLoss, AlignmentSettings, align
from mate_hf.errors import MateError
from mate_hf.text.encoders import TextEncoder, open_text_encoder
from mate_hf.text.text_features import token_features
from tests.localization.tiny_retriever import make_retrieval_model

CAPTIONS = ["a person walks forward", "a person kicks", "a person kicks", "someone waves"]
LENGTHS = torch.tensor([50, 40, 61, 25])


@pytest.fixture
def run(text_encoders: dict[str, Path], tmp_path: Path) -> Path:
    folder = make_retrieval_model(text_encoders["distilbert"], tmp_path / "run")
    settings = {"sentence_encoder": str(text_encoders["bert"])}
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    return folder


def motions() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(4, 61, 263).requires_grad_(), torch.randn(4, 61, 263)


def test_it_says_what_align_says_of_raw_features(run: Path, text_encoders: dict[str, Path]) -> None:
    mean, std = torch.randn(263), torch.rand(263) + 0.5
    aligner = Aligner.open(run, mean=mean, std=std, settings=AlignmentSettings(similar_captions=0.99))
    generated, real = motions()
    found = aligner(generated, real, LENGTHS, CAPTIONS)
    texts = aligner.retriever.encode_texts(CAPTIONS)
    said = torch.nn.functional.normalize(
        open_text_encoder(str(text_encoders["bert"])).sentence_features(CAPTIONS), dim=-1
    )
    raw = (motion.detach() * std + mean for motion in (generated, real))
    expected = align(*raw, LENGTHS, texts, said @ said.T, aligner.encode, 20.0, aligner.settings)
    torch.testing.assert_close(found.inter, expected.inter, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found.intra, expected.intra, atol=1e-5, rtol=1e-4)
    assert found.total.requires_grad


def test_the_module_is_bit_equal_after_a_step(run: Path) -> None:
    aligner = Aligner.open(run, settings=AlignmentSettings(aligned_motion=1.0))
    model = aligner.retriever.model
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    generated, real = motions()
    optimizer = torch.optim.SGD([generated, *model.parameters()], lr=0.1)
    aligner(generated, real, LENGTHS, CAPTIONS).total.backward()
    optimizer.step()
    assert generated.grad is not None
    assert generated.grad.abs().sum() > 0
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert not model.training


def test_captions_are_read_in_full_precision_and_remembered_so(run: Path) -> None:
    settings = AlignmentSettings(similar_captions=0.99, aligned_motion=1.0)
    generated, real = motions()
    expected = Aligner.open(run, settings=settings)
    before = values(expected(generated, real, LENGTHS, CAPTIONS))
    aligner = Aligner.open(run, settings=settings)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        during = values(aligner(generated, real, LENGTHS, CAPTIONS))
        assert aligner.read(CAPTIONS)[1].dtype == torch.float32
    assert during == before
    for one, other in zip(aligner.read(CAPTIONS), expected.read(CAPTIONS), strict=True):
        assert torch.equal(one, other)


def test_euclidean_distances_are_of_embeddings_as_they_are(run: Path) -> None:
    """Texts of length 1 would be far from every motion alike."""
    aligner = Aligner.open(run, settings=AlignmentSettings(embedding_distance="euclidean", alignment="inter"))
    texts = aligner.read(CAPTIONS)[0]
    model, encoder = aligner.retriever.model, aligner.retriever.encoder
    for row, caption in enumerate(CAPTIONS):
        tokens, mask = token_features(encoder, [caption])
        torch.testing.assert_close(texts[row], model.encode_text(tokens, mask).mean[0], atol=1e-5, rtol=1e-4)
    assert not torch.allclose(texts.norm(dim=-1), torch.ones(4), atol=0.1)


def test_a_models_folder_of_a_run_will_do_and_its_sentence_encoder_has_its_revision(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def opened(name: str, revision: str | None = None) -> TextEncoder:
        asked.append(revision)
        return open_text_encoder(name)

    monkeypatch.setattr("mate_hf.alignment.aligner.open_text_encoder", opened)
    settings = yaml.safe_load((run / "config.yaml").read_text())
    (run / "config.yaml").write_text(yaml.safe_dump(settings | {"sentence_encoder_revision": "abc"}))
    Aligner.open(run / "best")
    Aligner.open(run, sentence_encoder=settings["sentence_encoder"])
    assert asked == ["abc", None]


def test_captions_are_read_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aligner, asked = Aligner.open(run), []
    encode = aligner.retriever.text_means
    monkeypatch.setattr(aligner.retriever, "text_means", lambda texts: asked.append(texts) or encode(texts))
    first = aligner.read(CAPTIONS)
    again = aligner.read([*CAPTIONS, "a person jumps"])
    assert asked == [sorted(set(CAPTIONS)), ["a person jumps"]]
    assert torch.equal(first[0], again[0][:4])
    torch.testing.assert_close(first[1], again[1][:4, :4])
    assert first[1][1, 2].item() == pytest.approx(1, abs=1e-5)


def test_what_does_not_fit_is_named(run: Path, tmp_path: Path, text_encoders: dict[str, Path]) -> None:
    (run / "config.yaml").unlink()
    with pytest.raises(MateError, match="--alignment_sentence_encoder"):
        Aligner.open(run)
    with pytest.raises(MateError, match="mean: 251 numbers"):
        Aligner.open(run, mean=torch.zeros(251), sentence_encoder=str(text_encoders["bert"]))
    aligner = Aligner.open(run, sentence_encoder=str(text_encoders["bert"]))
    with pytest.raises(ValueError, match="captions: 1 of 4 motions"):
        aligner(*motions(), LENGTHS, CAPTIONS[:1])


def values(found: AlignmentLoss) -> list[float]:
    return [found.inter.item(), found.intra.item(), found.total.item()]


def test_the_layout_of_mdm_says_the_same(run: Path) -> None:
    aligner = Aligner.open(run, settings=AlignmentSettings(similar_captions=0.99, aligned_motion=1.0))
    generated, real = motions()
    expected = aligner(generated, real, LENGTHS, CAPTIONS)
    expected.total.backward()
    before = generated.grad
    assert before is not None
    channels = generated.detach().permute(0, 2, 1).unsqueeze(2).contiguous().requires_grad_()
    found = aligner(channels, real.permute(0, 2, 1).unsqueeze(2), LENGTHS.tolist(), tuple(CAPTIONS))
    found.total.backward()
    assert values(found) == pytest.approx(values(expected), abs=1e-6)
    assert channels.grad is not None
    torch.testing.assert_close(channels.grad[:, :, 0].transpose(1, 2), before)
    with pytest.raises(ValueError, match="expected raw features"):
        aligner(generated.unsqueeze(2), real.unsqueeze(2), LENGTHS, CAPTIONS)


def test_windows_have_all_their_frames(run: Path) -> None:
    aligner = Aligner.open(run, settings=AlignmentSettings(similar_captions=0.99, aligned_motion=1.0))
    generated, real = motions()
    found = aligner(generated, real, None, CAPTIONS)
    assert values(found) == values(aligner(generated, real, torch.full((4,), 61), CAPTIONS))
    assert values(found) != values(aligner(generated, real, LENGTHS, CAPTIONS))


def test_one_call_of_three_is_aligned_at_three_times_the_weight(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = AlignmentSettings(similar_captions=0.99, aligned_motion=1.0)
    expected = Aligner.open(run, settings=settings)(*motions(), LENGTHS, CAPTIONS)
    aligner, embedded = Aligner.open(run, settings=settings, every=3), []
    encode = aligner.encode
    monkeypatch.setattr(
        aligner, "encode", lambda motion, there: embedded.append(len(motion)) or encode(motion, there)
    )
    generated, real = motions()
    due = aligner(generated, real, LENGTHS, CAPTIONS)
    assert due.total.item() == pytest.approx(3 * expected.total.item(), rel=1e-5)
    assert due.inter.item() == pytest.approx(expected.inter.item(), rel=1e-5)
    embedded.clear()
    # A validation between two steps is aligned as it is, and moves no step's turn.
    seen = aligner(generated.detach(), real, LENGTHS, CAPTIONS)
    assert seen.total.item() == pytest.approx(expected.total.item(), rel=1e-5)
    embedded.clear()
    for _ in range(2):
        skipped = aligner(generated, real, LENGTHS, CAPTIONS)
        assert values(skipped) == [0, 0, 0]
        assert skipped.inactive == {"inter": 4, "intra": 4}
        assert [len(skipped.hard), len(skipped.proxies.clip), len(skipped.clips.motion)] == [4, 4, 0]
    assert embedded == []
    assert aligner(generated, real, LENGTHS, CAPTIONS).total.item() == pytest.approx(due.total.item())
    with pytest.raises(MateError, match="every: 0"):
        Aligner.open(run, every=0)


def test_statistics_that_the_host_changes_later_stay_as_they_were(run: Path) -> None:
    std = torch.ones(263)
    aligner = Aligner.open(run, std=std)
    std /= 5
    assert torch.equal(aligner.std, torch.ones(263))
