"""A chat model of `transformers` on this machine as a backend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from mate_hf.errors import MateError
from mate_hf.text.decomposition.openai_api import NoAnswerError
from mate_hf.text.decomposition.prompt import messages
from mate_hf.utils.devices import device_of
from mate_hf.utils.first_bytes import require_weights
from mate_hf.utils.reasons import reason
from mate_hf.utils.weights import require_plain

BATCH = 16
SPARE_TOKENS = 32
"""A step list repeats the caption's words and adds line breaks."""


class LocalChat:
    """Asks a model by its Hub id or folder, greedily, in batches of captions of like length.

    Args:
        model: an instruction-tuned causal language model whose tokenizer has a chat template.
        device: by default the accelerator where there is one.

    Raises:
        MateError: it does not open, or has no chat template.
    """

    def __init__(self, model: str, device: str | None = None) -> None:
        require_weights(model)
        try:
            require_plain(model)
            options = {"trust_remote_code": False}
            self._tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left", **options)
            # Asked before gigabytes are read.
            if self._tokenizer.chat_template is None:
                raise MateError(f"model {model!r} has no chat template; choose an instruction-tuned model.")
            self._model = AutoModelForCausalLM.from_pretrained(model, **options).eval()
        except MateError:
            raise
        # A configuration that is none ends in whatever its class meets first.
        except Exception as error:
            raise MateError(
                f"model {model!r} could not be opened: {reason(error)}.\nGive the Hub id or folder of a chat model."
            ) from error
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._device = device_of(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        torch.nn.Module.to(self._model, self._device)

    def answers(self, captions: Sequence[str]) -> Iterator[tuple[str, str | NoAnswerError]]:
        """(caption, answer), in order of length."""
        ordered = sorted(captions, key=len)
        for start in range(0, len(ordered), BATCH):
            batch = ordered[start : start + BATCH]
            yield from zip(batch, self._generate(batch), strict=True)

    @torch.no_grad()
    def _generate(self, captions: list[str]) -> list[str]:
        chats = [
            self._tokenizer.apply_chat_template(messages(caption), add_generation_prompt=True, tokenize=False)
            for caption in captions
        ]
        # The template writes the special tokens itself.
        tokens = self._tokenizer(chats, padding=True, add_special_tokens=False, return_tensors="pt")
        tokens = tokens.to(self._device)
        longest = max(len(ids) for ids in self._tokenizer(captions)["input_ids"])
        answers = self._model.generate(
            input_ids=tokens["input_ids"],
            attention_mask=tokens["attention_mask"],
            do_sample=False,
            max_new_tokens=2 * longest + SPARE_TOKENS,
            pad_token_id=self._tokenizer.pad_token_id,
        )
        start = tokens["input_ids"].shape[1]
        return self._tokenizer.batch_decode(answers[:, start:], skip_special_tokens=True)
