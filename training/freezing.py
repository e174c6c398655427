"""Which parameters learn (paper, Table 4), and at which rate."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import PreTrainedModel

from mate_hf.errors import MateError
from mate_hf.modeling.modeling_mate import MateModel
from mate_hf.modeling.trainable_rows import TrainableRows

TRAINABLE = ("embeddings", "none", "layers", "all", "lora")

LORA_TARGETS = {
    "clip_text_model": ["q_proj", "v_proj"],
    "distilbert": ["q_lin", "v_lin"],
    "bert": ["query", "value"],
    "mpnet": ["q", "v"],
}


def choose_trainable(
    model: MateModel, mode: str, token_ids: list[int], lora_rank: int = 8, first_layers: int = 0
) -> None:
    """Freeze the text encoder but for what `mode` names; everything outside it learns always.

    Args:
        mode: `embeddings` rows of `token_ids` in the word-embedding table (MATE); `none`; `layers` all but the
            word-embedding table; `all` both; `lora` adapters on the attention of a frozen encoder.
        token_ids: tokens that occur in the training captions. Rows of others never change.
        first_layers: beside the rows of `embeddings`, this many of the encoder's first layers (not in the paper).

    Raises:
        MateError: a mode that is none; layers beside another mode; more of them than the encoder has.
    """
    if mode not in TRAINABLE:
        raise MateError(f"trainable: {mode!r}; expected one of {', '.join(TRAINABLE)}.")
    encoder = model.text_encoder
    for name, parameter in encoder.named_parameters():
        # BERT's pooler has no part in the sentence feature, so it would wait for a gradient that never comes.
        parameter.requires_grad = mode in ("layers", "all") and not name.startswith("pooler.")
    table = cast(nn.Embedding, encoder.get_input_embeddings()).requires_grad_(False)
    if mode in ("embeddings", "all"):
        encoder.set_input_embeddings(TrainableRows(table, token_ids))
    for layer in _first_layers(encoder, mode, first_layers):
        layer.requires_grad_(True)
    if mode == "lora":
        targets = LORA_TARGETS[model.config.text_config.model_type]
        config = LoraConfig(r=lora_rank, lora_alpha=2 * lora_rank, target_modules=targets)
        # An adapted encoder is called as the encoder was.
        model.text_encoder = cast(PreTrainedModel, get_peft_model(encoder, config))


def _first_layers(encoder: PreTrainedModel, mode: str, count: int) -> list[nn.Module]:
    if count == 0:
        return []
    if mode != "embeddings":
        raise MateError(
            f"first_layers: {count} with trainable: {mode}; they learn beside rows alone. Leave it out."
        )
    depth = encoder.config.num_hidden_layers
    if count > depth:
        raise MateError(f"first_layers: {count}; {encoder.config.model_type} has {depth} here.")
    stacks = [part for part in encoder.modules() if isinstance(part, nn.ModuleList) and len(part) == depth]
    return list(stacks[0])[:count]


def keep_frozen(model: MateModel, mode: str) -> None:
    """After `train()`: a frozen text encoder, and one whose first layers learn beside the rows, stays in evaluation mode, for it learns to
    be used without dropout.
    """
    if mode in ("embeddings", "none"):
        model.text_encoder.eval()


def parameter_groups(
    model: MateModel, lr: float, embedding_lr: float, weight_decay: float, layers_lr: float | None = None
) -> list[dict[str, Any]]:
    """AdamW groups: embedding rows (no decay), the rest of the text encoder (at the rows' rate, if no own), everything else."""
    layers_lr = embedding_lr if layers_lr is None else layers_lr
    rows = [module.rows for module in model.modules() if isinstance(module, TrainableRows)]
    inside = [
        p for p in model.text_encoder.parameters() if p.requires_grad and not any(p is row for row in rows)
    ]
    encoder = {id(p) for p in model.text_encoder.parameters()}
    outside = [p for p in model.parameters() if p.requires_grad and id(p) not in encoder]
    groups: list[dict[str, Any]] = [
        {"params": rows, "lr": embedding_lr, "weight_decay": 0.0, "name": "embedding_rows"},
        {"params": inside, "lr": layers_lr, "weight_decay": weight_decay, "name": "text_encoder"},
        {"params": outside, "lr": lr, "weight_decay": weight_decay, "name": "motion_and_heads"},
    ]
    return [group for group in groups if group["params"]]


def stock_state(model: MateModel) -> dict[str, Tensor]:
    """The state dict as `MateModel.from_pretrained` reads it: adapters merged into the weights they adapt.

    (Trained rows merge by themselves, see `TrainableRows`.) The model is left as it is.
    """
    state = model.state_dict()
    if isinstance(model.text_encoder, PeftModel):
        state = {name: value for name, value in state.items() if not name.startswith("text_encoder.")}
        merged = deepcopy(model.text_encoder).merge_and_unload()
        state |= {f"text_encoder.{name}": value for name, value in merged.state_dict().items()}
    return state
