"""CLIP's text tower with the attributes that text-to-motion code reaches for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.modeling.clip_captions import tokenised
from mate_hf.utils.json_files import brief

HEAD_WIDTH = 64
"""OpenAI's code reads the number of heads off the width."""


MOST_LAYERS = 200

NO_IMAGES = (
    "this is CLIP's text encoder alone, without the tower that reads images. Export with --format openai-clip and open its "
    "model.pt by clip.load, or with --format hf-clip and open the folder by transformers' CLIPModel."
)

_NUMBERS = ("input_resolution", "context_length", "vocab_size")
"""What OpenAI's own files hold beside weights."""


class LayerNorm(nn.LayerNorm):
    """Computes in the precision of its weights and gives back that of its input.

    OpenAI's `convert_weights` halves every layer but this one.
    """

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.to(self.weight.dtype)).to(input.dtype)


class NoVisual(nn.Module):
    """Stands where CLIP has its visual tower: without weights, and with the reason where it is asked."""

    def forward(self, image: object) -> Tensor:
        raise MateError(f"visual: {NO_IMAGES}")


def no_preprocess(image: object) -> Tensor:
    """Stands where `clip.load` gives the transform of images.

    Raises:
        MateError: always.
    """
    raise MateError(f"preprocess: {NO_IMAGES}")


class QuickGelu(nn.Module):
    """x * sigmoid(1.702 x), what OpenAI trained CLIP with."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    """One causal layer: tokens (S,B,W) -> (S,B,W)."""

    def __init__(self, width: int, heads: int, inner: int, activation: nn.Module) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads)
        self.ln_1, self.ln_2 = LayerNorm(width), LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, inner))
        self.mlp.add_module("gelu", activation)
        self.mlp.add_module("c_proj", nn.Linear(inner, width))

    def forward(self, x: Tensor) -> Tensor:
        length = len(x)
        unseen = torch.full((length, length), float("-inf"), dtype=x.dtype, device=x.device).triu(1)
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=unseen)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    """Layers in sequence: tokens (S,B,W) -> (S,B,W)."""

    def __init__(self, width: int, layers: int, heads: int, inner: int, activation: nn.Module) -> None:
        super().__init__()
        self.width, self.layers = width, layers
        blocks = (Block(width, heads, inner, deepcopy(activation)) for _ in range(layers))
        self.resblocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        return self.resblocks(x)


class ClipText(nn.Module):
    """A CLIP text encoder of OpenAI's shape.

    `model, preprocess = encoder` takes it apart as what `clip.load` returns: itself, and a transform that says why it
    cannot be used; so does `encoder[0]`.

    Attributes:
        token_embedding, positional_embedding, transformer, ln_final, text_projection, logit_scale: as in OpenAI's
            `CLIP`; `transformer` takes and gives (S,B,W).
        visual: a module without weights, see `NoVisual`.
        context_length: tokens it takes, 77. vocab_size: rows of the embedding table.
    """

    def __init__(
        self,
        vocab_size: int,
        context_length: int,
        width: int,
        layers: int,
        heads: int,
        inner: int,
        projection: int,
        activation: nn.Module,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> None:
        super().__init__()
        self.context_length, self.vocab_size, self.tokenizer = context_length, vocab_size, tokenizer
        self.token_embedding = nn.Embedding(vocab_size, width)
        self.positional_embedding = nn.Parameter(torch.empty(context_length, width))
        self.transformer = Transformer(width, layers, heads, inner, activation)
        self.ln_final = LayerNorm(width)
        self.text_projection = nn.Parameter(torch.empty(width, projection))
        self.logit_scale = nn.Parameter(torch.empty(()))
        self.visual = NoVisual()

    def __iter__(self) -> Iterator[Any]:
        return iter((self, no_preprocess))

    def __getitem__(self, place: int) -> Any:
        return (self, no_preprocess)[place]

    @property
    def dtype(self) -> torch.dtype:
        """What the layers compute in."""
        return self.text_projection.dtype

    def tokenize(
        self, texts: str | Sequence[str], context_length: int | None = None, truncate: bool = True
    ) -> Tensor:
        """Token ids (B, context_length), padded with 0, as `clip.tokenize` gives them.

        Args:
            context_length: tokens of a text; by default the encoder's own, 77.
            truncate: cut longer texts before their end token. `clip.tokenize` has it off.

        Raises:
            MateError: a text that is too long and may not be cut, or an encoder without a tokenizer.
        """
        if self.tokenizer is None:
            raise MateError(
                "this encoder came without a tokenizer: give token ids, or load the whole export folder."
            )
        texts = [texts] if isinstance(texts, str) else list(texts)
        length = self.context_length if context_length is None else context_length
        ids = torch.zeros(len(texts), length, dtype=torch.long)
        if not texts:
            return ids
        longest = length if truncate else None
        rows = tokenised(self.tokenizer, texts, truncation=truncate, max_length=longest, verbose=False)
        for place, row in enumerate(rows["input_ids"]):
            if len(row) > length:
                raise MateError(
                    f"tokenize: {brief(texts[place])} is {len(row)} tokens long; expected at most {length}. Shorten it, or "
                    "pass truncate=True."
                )
            ids[place, : len(row)] = torch.tensor(row)
        return ids

    def encode_image(self, image: object) -> Tensor:
        """Says why not.

        Raises:
            MateError: always; the visual tower is not there.
        """
        raise MateError(f"encode_image: {NO_IMAGES}")

    def encode_text(self, text: str | Sequence[str] | Tensor) -> Tensor:
        """Sentence features (B,P) of texts or of token ids (B,S): the state at the end token, projected."""
        ids = text if isinstance(text, Tensor) else self.tokenize(text)
        ids = ids.to(self.token_embedding.weight.device)
        x = self.token_embedding(ids).to(self.dtype) + self.positional_embedding[: ids.shape[1]].to(
            self.dtype
        )
        x = self.transformer(x.transpose(0, 1)).transpose(0, 1)
        x = self.ln_final(x).to(self.dtype)
        # The end token has the largest id.
        return x[torch.arange(len(x)), ids.argmax(-1)] @ self.text_projection

    def forward(self, text: str | Sequence[str] | Tensor, *more: object) -> Tensor:
        """`encode_text`; where it is called as CLIP is, with an image before the text, it says why not.

        Raises:
            MateError: an image and a text.
        """
        return self.encode_image(text) if more else self.encode_text(text)


def clip_text(
    state: Mapping[str, Tensor],
    activation: str = "quick_gelu",
    heads: int | None = None,
    tokenizer: PreTrainedTokenizerBase | None = None,
    where: str = "weights",
) -> ClipText:
    """A `ClipText` with these weights (OpenAI's names; a visual tower is left out), in float32 and evaluation mode.

    Args:
        activation: `quick_gelu` (OpenAI) or `gelu` (most OpenCLIP models).
        heads: by default width / 64.
        where: whose weights they are, the first words of every error.

    Raises:
        MateError: weights that are missing, left over, of another shape, or no numbers; or an unknown activation.
    """
    text = {
        name: value
        for name, value in state.items()
        if not name.startswith("visual.") and name not in _NUMBERS
    }
    activations: dict[str, nn.Module] = {"quick_gelu": QuickGelu(), "gelu": nn.GELU()}
    if activation not in activations:
        raise MateError(
            f"{where}: activation {activation!r}; expected one of {', '.join(activations)}, as CLIP models have."
        )
    vocab_size, width = _shape(text, "token_embedding.weight", where)
    inner, _ = _shape(text, "transformer.resblocks.0.mlp.c_fc.weight", where)
    heads = heads or max(1, width // HEAD_WIDTH)
    layers = sum(name.endswith(".attn.in_proj_weight") for name in text)
    if width % heads or layers > MOST_LAYERS:
        raise MateError(
            f"{where}: not a CLIP text tower: {heads} heads, a width of {width}, {layers} layers; expected heads that divide "
            f"the width, and at most {MOST_LAYERS} layers."
        )
    with torch.device("meta"):
        model = ClipText(
            vocab_size,
            _shape(text, "positional_embedding", where)[0],
            width,
            layers,
            heads,
            inner,
            _shape(text, "text_projection", where)[1],
            activations[activation],
            tokenizer,
        )
    expected = model.state_dict()
    wrong = sorted(name for name in expected.keys() & text.keys() if text[name].shape != expected[name].shape)
    wrong += sorted(expected.keys() ^ text.keys())
    wrong += sorted(name for name, value in text.items() if not value.is_floating_point())
    if wrong:
        raise MateError(
            f"{where}: not a CLIP text tower: {', '.join(wrong[:3])} missing, left over or not its shape."
        )
    model.load_state_dict({name: value.float() for name, value in text.items()}, assign=True)
    return model.eval()


def _shape(text: Mapping[str, Tensor], name: str, where: str) -> tuple[int, ...]:
    shape = tuple(text[name].shape) if name in text else None
    if shape is None or len(shape) != 2 or not all(shape):
        raise MateError(f"{where}: not a CLIP text tower: {name} is {shape or 'missing'}; expected a matrix.")
    return shape
