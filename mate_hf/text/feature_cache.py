"""What a frozen text encoder says of known captions, so that it never runs again."""

from __future__ import annotations

import torch
from torch import Tensor

from mate_hf.text.encoders import TextEncoder, token_batches
from mate_hf.text.text_features import TextFeatures


class CaptionFeatureCache:
    """Sentence and token features by token ids, up to the rounding that other padding brings; always the same ones.

    Args:
        features: of captions; encoder: whose they are.
    """

    def __init__(self, features: TextFeatures, encoder: TextEncoder) -> None:
        self.features = features
        self.captions: dict[bytes, str] = {}
        for batch in token_batches(encoder, list(features.rows)):
            self.captions |= zip(_keys(batch.input_ids, batch.attention_mask), batch.texts, strict=True)

    def lookup(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor] | None:
        """Sentence features (B,W) and token features (B,S,W), zero where padded, on the device of `input_ids` (B,S).

        None where one of the captions is not known.
        """
        known = [self.captions.get(key) for key in _keys(input_ids, attention_mask)]
        captions = [caption for caption in known if caption is not None]
        if len(captions) < len(known):
            return None
        sentences = torch.stack([torch.tensor(self.features.sentence_of(caption)) for caption in captions])
        tokens = torch.zeros(*input_ids.shape, self.features.tokens.shape[1])
        tokens[attention_mask.cpu().bool()] = torch.cat(
            [torch.tensor(self.features.tokens_of(caption)) for caption in captions]
        )
        return sentences.to(input_ids.device), tokens.to(input_ids.device)


def _keys(input_ids: Tensor, attention_mask: Tensor) -> list[bytes]:
    pairs = zip(input_ids.cpu(), attention_mask.cpu().bool(), strict=True)
    return [ids[real].numpy().tobytes() for ids, real in pairs]
