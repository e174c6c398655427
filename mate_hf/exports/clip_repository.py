"""Format `hf-clip`: the shape of the stock CLIP repository, for code that loads all of CLIP (MLD, transformers 4.30)."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from transformers import CLIPModel

from mate_hf.exports.base_clip import open_base_clip
from mate_hf.exports.stock import probe_tokens, require_equal
from mate_hf.exports.tokenizer_files import save_tokenizer
from mate_hf.runs.trained import Trained
from mate_hf.utils.weights import open_weights

_IMAGE_FILES = ("preprocessor_config.json", "processor_config.json")


def write_clip_repository(trained: Trained, folder: Path) -> None:
    """A whole `CLIPModel`: the base's visual tower bit for bit, the trained text tower.

    Raises:
        MateError: not CLIP, no whole base CLIP at hand, or what was written does not give the trained features.
    """
    whole = open_base_clip(trained, "hf-clip")
    text = trained.model.text_encoder.state_dict()
    state = {name: text.get(name, value) for name, value in whole.state_dict().items()}
    whole.load_state_dict(state)
    whole.save_pretrained(folder)
    save_tokenizer(trained, folder)
    for name in _IMAGE_FILES:
        if (found := trained.base_file(name)) is not None:
            shutil.copyfile(found, folder / name)
    _verify(trained, folder, state)


@torch.no_grad()
def _verify(trained: Trained, folder: Path, state: dict[str, torch.Tensor]) -> None:
    model, _ = open_weights(CLIPModel, folder)
    for name, value in model.state_dict().items():
        require_equal(value, state[name], f"CLIPModel ({name})", tolerance=0.0)
    inputs = probe_tokens(trained)
    found = model.text_projection(model.text_model(**inputs).pooler_output)
    require_equal(found, trained.model.text_encoder(**inputs).text_embeds, "CLIPModel")
