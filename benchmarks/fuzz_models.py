"""Small whole models, weights and vectors, and their readers."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel
from transformers.models.auto.tokenization_auto import AutoTokenizer

from benchmarks.fuzz_reader import CAPTION, WORDS
from mate_hf.guo_evaluator.vectors import GLOVE_PREFIX, WordVectors
from mate_hf.modeling import MaskedConfig, MaskedModel, MDMConfig, MDMModel, VQConfig, VQModel
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import cached_text_features, encoder_digest
from mate_hf.training import checkpoint_files
from mate_hf.utils.pickles import load_pickle, weights_of

TMR_CONFIG = {
    "data": {
        "motion_loader": {"fps": 20, "normalizer": {"base_dir": "stats/humanml3d"}},
        "text_to_token_emb": {"modelname": "distilbert-base-uncased"},
    },
    "model": {
        part: {"activation": "gelu", "num_heads": 4, "dropout": 0.1}
        for part in ("motion_encoder", "text_encoder", "motion_decoder")
    },
}


MODELS = {"tmr": TMRModel, "mdm": MDMModel, "vq": VQModel, "masked": MaskedModel}


def sample_encoder(folder: Path) -> Path:
    """A tiny BERT at random weights, with words."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    sizes: dict[str, Any] = {
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    BertModel(BertConfig(vocab_size=len(tokens), max_position_embeddings=64, **sizes)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(folder, model_max_length=64).save_pretrained(folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}'
    )
    return folder


def sample_checkpoint(folder: Path) -> None:
    place = folder / "checkpoints" / "step_00000003"
    place.mkdir(parents=True)
    save_file({"weight": torch.zeros(2, 3)}, place / checkpoint_files.MODEL)
    save_file(
        {"0.step": torch.tensor(3.0), "0.exp_avg": torch.zeros(2, 3)}, place / checkpoint_files.OPTIMIZER
    )
    state = {
        "run": {"epoch": 1},
        "groups": [{"betas": [0.9, 0.999], "params": [0]}],
        "numbers": {},
        "processes": 1,
        "depends_on": {},
    }
    (place / checkpoint_files.STATE).write_text(json.dumps(state))
    checkpoint_files.seal(place)


def sample_torch(folder: Path) -> None:
    torch.save({"a": torch.zeros(3, 4), "b": torch.arange(5)}, folder / "weights.pt")


def read_torch(folder: Path) -> None:
    weights_of(load_pickle(folder / "weights.pt"), "weights")


def sample_glove(folder: Path) -> None:
    np.save(folder / f"{GLOVE_PREFIX}_data.npy", np.ones((len(WORDS), 6)))
    (folder / f"{GLOVE_PREFIX}_words.pkl").write_bytes(pickle.dumps(list(WORDS)))
    (folder / f"{GLOVE_PREFIX}_idx.pkl").write_bytes(
        pickle.dumps({word: place for place, word in enumerate(WORDS)})
    )


def sample_vectors(folder: Path) -> None:
    WordVectors(list(WORDS), torch.ones(len(WORDS), 6)).save(folder)


def sample_model(kind: str, folder: Path) -> None:
    torch.manual_seed(0)
    small: dict[str, Any] = {"layers": 1, "heads": 2, "feedforward": 8}
    models: dict[str, Callable[[], Any]] = {
        "tmr": lambda: TMRModel(TMRConfig(text_width=8, latent_size=8, **small)),
        "mdm": lambda: MDMModel(MDMConfig(text_width=8, sentence_width=8, hidden_size=8, **small)),
        "vq": lambda: VQModel(VQConfig(hidden_size=8, code_size=4, codes=6, levels=2, depth=1)),
        "masked": lambda: MaskedModel(
            MaskedConfig(
                text_width=8, sentence_width=8, codes=6, levels=2, hidden_size=8, residual_layers=1, **small
            )
        ),
    }
    models[kind]().save_pretrained(folder)


def sample_generator(folder: Path) -> None:
    name = str(sample_encoder(folder.with_name("encoder")))
    encoder = open_text_encoder(name)
    torch.manual_seed(0)
    told: dict[str, Any] = {"text_encoder": name, "text_digest": encoder_digest(encoder)}
    sizes: dict[str, Any] = {"hidden_size": 8, "layers": 1, "heads": 2, "feedforward": 8}
    config = MDMConfig(
        text_width=8, sentence_width=8, text_reading_digest=reading_digest(encoder), **told, **sizes
    )
    MDMModel(config).save_pretrained(folder)


def sample_features(folder: Path) -> None:
    encoder = open_text_encoder(str(sample_encoder(folder / "encoder")))
    cached_text_features([CAPTION], encoder, encoder, folder / "cache")


def read_features(folder: Path) -> None:
    [place] = (folder / "cache").iterdir()
    from mate_hf.text import text_features

    text_features._open(place, [CAPTION])


def sample_retrieval(folder: Path) -> None:
    torch.save(
        {"state_dict": {"a.weight": torch.zeros(3)}, "epoch": 3, "hyper_parameters": {"lr": 0.1}},
        folder / "last.ckpt",
    )
    (folder / "config.json").write_text(json.dumps(TMR_CONFIG))


def sample_pickle(folder: Path) -> None:
    (folder / "a.pkl").write_bytes(pickle.dumps({"a": [1, "b", 2.5, None], "c": (1, 2)}))
