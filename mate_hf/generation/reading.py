"""Prompts as the generator hears them: tokens, sentence feature, and which tokens are which word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mate_hf.modeling.word_spans import find_words
from mate_hf.text.encoders import TextEncoder

BATCH = 64


@dataclass
class Heard:
    """What the frozen encoder says of prompts, (N, ...) each.

    Attributes:
        text: token features (N,S,W); mask: (N,S), True on real tokens.
        sentence: (N,D).
        silent: (N,), True where the prompt says nothing.
        words: of each prompt, its words with the places of their tokens.
        cut: prompts that were longer than the encoder reads.
        unknown: what the encoder has no token for, by the prompts that say it: emoji, letters of other scripts.
    """

    text: Tensor
    mask: Tensor
    sentence: Tensor
    silent: Tensor
    words: list[list[tuple[str, list[int]]]]
    cut: list[str]
    unknown: dict[str, list[str]]

    def rows(self, chosen: Sequence[int]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Text, mask, sentence and silence of some of them, once or several times each."""
        index = torch.tensor(list(chosen), device=self.text.device)
        longest = max(int(self.mask[index].sum(1).max()), 1)
        return (
            self.text[index, :longest],
            self.mask[index, :longest],
            self.sentence[index],
            self.silent[index],
        )


@torch.no_grad()
def hear(encoder: TextEncoder, prompts: Sequence[str], together: int = BATCH) -> Heard:
    """Read prompts, so many together; the same words in another company give the same features up to rounding."""
    texts, masks, sentences, words, cut, silent = [], [], [], [], [], []
    unknown: dict[str, list[str]] = {}
    for start in range(0, len(prompts), together):
        batch = list(prompts[start : start + together])
        tokens = encoder.tokenise(batch)
        output, mask = encoder.read_tokens(tokens)
        texts.append(output.last_hidden_state)
        masks.append(mask.bool())
        sentences.append(encoder.family.sentence_feature(output, mask, encoder.pooling))
        for prompt, spans, offsets, real, ids in zip(
            batch, tokens.words, tokens.offsets, tokens.attention_mask, tokens.input_ids.tolist(), strict=True
        ):
            named = [word for word, _, _ in find_words(prompt)]
            words.append(list(zip(named, spans, strict=False)))
            # The last token that covers characters ends before the text does.
            reach = max((end for (_, end), there in zip(offsets, real, strict=True) if there), default=0)
            if tokens.truncated and reach < len(prompt.rstrip()):
                cut.append(prompt)
            # Characters that stand for nothing (of no width, say) leave no token either.
            silent.append(reach == 0)
            # CLIP ends every text with its token for what is unknown, which covers no characters, and has no other use for it.
            strange = [
                prompt[start:end]
                for (start, end), one in zip(offsets, ids, strict=True)
                if end > start and one == encoder.tokenizer.unk_token_id
            ]
            if strange:
                unknown[prompt] = strange
    longest = max(text.shape[1] for text in texts)
    text = torch.cat([torch.nn.functional.pad(one, (0, 0, 0, longest - one.shape[1])) for one in texts])
    mask = torch.cat([torch.nn.functional.pad(one, (0, longest - one.shape[1])) for one in masks])
    quiet = torch.tensor(silent, device=text.device)
    return Heard(text.float(), mask, torch.cat(sentences).float(), quiet, words, cut, unknown)
