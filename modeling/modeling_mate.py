"""MATE: a text encoder, a motion encoder, and between them words that attend to motions (paper, Fig. 2)."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, BatchEncoding, PreTrainedTokenizerBase
from transformers.utils import logging

# `attention` and `dropout` too: as remote code of a folder, transformers before 5 brings only what this file names.
from .attention import attend  # noqa: F401
from .clip_captions import tokenised
from .configuration_mate import MateConfig
from .dropout import dropout  # noqa: F401
from .motion_autoencoder import MotionDecoder, MotionEncoder
from .motion_model import Motion, MotionModel
from .ragged import encode_grouped
from .text_families import family_of
from .word_attention import WordAttention, span_means
from .word_spans import find_words, token_spans

logger = logging.get_logger(__name__)


class CaptionFeatures(Protocol):
    """Features of captions that need not be read again, for nothing of the text encoder learns."""

    def lookup(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor] | None:
        """Sentence features (B,W) and token features (B,S,W); None where the encoder must read."""


class MateOutput(NamedTuple):
    """One pass over captions, their motions, and N words of each: what the objective compares.

    Attributes:
        text: f^t (B,D), the sentence feature.
        motion: f^m (B,D), the motion feature; `motion_decoder` turns it back into the motion.
        target: (B,T,F), the normalised motion, zero where padded.
        keys, values: F^m (B,T,D) as the word attention reads it.
        word: f^e (B,N,D), the projected word embeddings.
        query: (B,N,D), what the words asked the motion with: `word`, or with `context_queries` the context too.
        word_motion: f_w^m (B,N,D), what each word found in its own motion.
    """

    text: Tensor
    motion: Tensor
    target: Tensor
    keys: Tensor
    values: Tensor
    word: Tensor
    query: Tensor
    word_motion: Tensor


class MateModel(MotionModel):
    """The MATE training model, and the reader of what it learnt.

    Motions are raw HumanML3D or KIT-ML features; the model holds the corpus statistics and normalises them itself.
    """

    config_class = MateConfig
    config: MateConfig
    base_model_prefix = "mate"
    main_input_name = "input_ids"
    _supports_sdpa = True
    _tokenizer: PreTrainedTokenizerBase | None = None

    def __init__(self, config: MateConfig) -> None:
        super().__init__(config)
        self.family = family_of(config.text_config)
        D, motion = config.hidden_size, config.motion_width
        sizes = (config.motion_layers, config.motion_heads, config.motion_feedforward, config.motion_dropout)
        text_width = self.family.sentence_width(config.text_config)

        self.text_encoder = self.family.architecture(config.text_config)
        self.motion_encoder = MotionEncoder(motion, D, *sizes)
        self.motion_decoder = MotionDecoder(motion, D, *sizes)
        self.word_projection = nn.Linear(self.family.embedding_width(config.text_config), D)
        self.sentence_projection = nn.Identity() if text_width == D else nn.Linear(text_width, D)
        self.word_attention_layer = WordAttention(
            D, config.attention_heads, config.attention_dropout, config.prior_strength, config.prior_form
        )
        token_width = self.family.embedding_width(config.text_config)
        self.context_projection = nn.Linear(token_width, D) if config.context_queries else None
        self.prototypes = nn.Embedding(config.prototypes, D)
        self.feature_cache: CaptionFeatures | None = None
        self.hold_statistics(motion)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, MotionEncoder):
            nn.init.normal_(module.summary)

    # -- features -------------------------------------------------------------------------------------------------

    @property
    def embedding_rows(self) -> Tensor:
        """The text encoder's word-embedding table (tokens, width)."""
        return self.text_encoder.get_input_embeddings().get_parameter("weight")

    def sentence_feature(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The text encoder's own sentence feature (B, its width), as its makers define it."""
        return self._read(input_ids, attention_mask)[0]

    def _read(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        if (
            self.feature_cache is not None
            and (known := self.feature_cache.lookup(input_ids, attention_mask)) is not None
        ):
            return known
        return encode_grouped(self._encode, input_ids, attention_mask, self.config.text_config.hidden_size)

    def _encode(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        output = self.text_encoder(input_ids=input_ids, attention_mask=attention_mask)
        sentence = self.family.sentence_feature(output, attention_mask, self.config.pooling)
        return sentence, output.last_hidden_state

    def text_feature(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """f^t (B,D): the sentence feature, through one linear layer where its width is not D."""
        return self.sentence_projection(self.sentence_feature(input_ids, attention_mask))

    def caption_features(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """f^t (B,D), and the text encoder's output for every token (B,S, its width), read once for both."""
        sentence, tokens = self._read(input_ids, attention_mask)
        return self.sentence_projection(sentence), tokens

    def word_query(self, word: Tensor, tokens: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """What words ask a motion with: f^e, and with `context_queries` what the caption says around them.

        Args:
            word: f^e (B,N,D) of N words a caption.
            tokens: of `caption_features` (B,S,W).
            places: where each word's sub-tokens stand in the caption (B,N,P); mask: (B,N,P), which are real.

        Returns:
            (B,N,D).
        """
        if self.context_projection is None:
            return word
        rows = torch.arange(len(tokens), device=tokens.device)[:, None, None]
        weights = mask.unsqueeze(-1).to(tokens.dtype)
        context = (tokens[rows, places] * weights).sum(2) / weights.sum(2).clamp(min=1.0)
        return word + self.context_projection(context)

    def word_feature(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """f^e = Proj(WE(w)) (B,D) of words given as sub-token ids (B,S) and their mask (B,S)."""
        return self.word_projection(span_means(self.text_encoder.get_input_embeddings(), tokens, mask))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        motion: Tensor,
        mask: Tensor,
        word_tokens: Tensor,
        word_mask: Tensor,
        word_places: Tensor,
        prior: Tensor | None = None,
    ) -> MateOutput:
        """N words of each caption, with their motions (Eq. 2-4).

        Args:
            input_ids, attention_mask: tokenised captions (B,S).
            motion: raw features (B,T,F); mask: (B,T), True on real frames.
            word_tokens, word_mask: sub-token ids (B,N,W) of N words a caption, and which are real.
            word_places: (B,N,W), where these stand in the caption.
            prior: AttentionPrior of Eq. 4 (B,N,T), or None.
        """
        target = self.normalise(motion, mask)
        summary, frames = self.motion_encoder(target, mask)
        text, tokens = self.caption_features(input_ids, attention_mask)
        words = word_tokens.shape[:2]
        word = self.word_feature(word_tokens.flatten(0, 1), word_mask.flatten(0, 1)).unflatten(0, words)
        query = self.word_query(word, tokens, word_places, word_mask)
        if self.training and query is not word:
            # A word asks without context too, as it must where it stands alone.
            query = torch.where(torch.rand(*words, 1, device=word.device) < 0.5, query, word)
        keys, values = self.word_attention_layer.project_frames(frames)
        own = self.word_attention_layer(query, keys, values, mask, prior)
        return MateOutput(text, summary, target, keys, values, word, query, own)

    # -- reading a trained model ----------------------------------------------------------------------------------

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The text encoder's tokenizer, opened once from the folder or repository the model came from."""
        if self._tokenizer is None:
            if not self.name_or_path:
                raise ValueError(
                    "this model was not opened from a folder; set `model.tokenizer` before passing text."
                )
            self._tokenizer = AutoTokenizer.from_pretrained(self.name_or_path, trust_remote_code=False)
        return self._tokenizer

    @tokenizer.setter
    def tokenizer(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer

    @torch.no_grad()
    def encode_text(self, captions: str | list[str]) -> Tensor:
        """Captions -> f^t (B,D), comparable by cosine with `encode_motion`.

        Raises:
            ValueError: no captions, or something else than texts.
        """
        single = isinstance(captions, str) or not hasattr(captions, "__iter__")
        listed: list[Any] = [captions] if single else list(captions)
        if not listed or not all(isinstance(caption, str) for caption in listed):
            raise ValueError("captions: expected a text, or a list of one text or more.")
        tokens = self._tokenise(listed)
        return self.text_feature(tokens["input_ids"], tokens["attention_mask"])

    @torch.no_grad()
    def encode_motion(self, motion: Motion, length: Tensor | None = None) -> Tensor:
        """Raw features (T,F) or padded (B,T,F) with length (B,) -> f^m (B,D)."""
        return self._encode_frames(motion, length)[0]

    @torch.no_grad()
    def word_features(self, words: list[str], motion: Motion, length: Tensor | None = None) -> Tensor:
        """What each word finds in each motion: f_w^m (B, len(words), D). No prior: the whole motion is searched."""
        _, frames, mask = self._encode_frames(motion, length)
        keys, values = self.word_attention_layer.project_frames(frames)
        return self.word_attention_layer(self.project_words(words), keys, values, mask)

    @torch.no_grad()
    def word_attention(self, caption: str, motion: Motion) -> dict[str, Tensor | list[str]]:
        """Where each word of a caption looks in one motion (T,F).

        Returns:
            `words`: the caption's words; `weights` (words, T): weight per frame, each row summing to 1.
        """
        if not isinstance(caption, str):
            raise ValueError(f"caption: {type(caption).__name__}; expected one text.")
        words = [text for text, _, _ in find_words(caption)]
        if not words:
            raise ValueError(f"caption {caption!r} holds no word.")
        _, frames, mask = self._encode_frames(motion, None)
        keys, _ = self.word_attention_layer.project_frames(frames)
        weights = self.word_attention_layer.weights(self.query_caption_words(caption), keys, mask)
        return {"words": words, "weights": weights[0]}

    def _encode_frames(self, motion: Motion, length: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        motion = self.as_batch(motion)
        if length is None:
            length = torch.full((len(motion),), motion.shape[1])
        mask = torch.arange(motion.shape[1], device=motion.device) < torch.as_tensor(length).to(
            motion.device
        ).unsqueeze(1)
        summary, frames = self.motion_encoder(self.normalise(motion, mask), mask)
        return summary, frames, mask

    def _tokenise(self, captions: list[str], offsets: bool = False) -> BatchEncoding:
        """`input_ids` and `attention_mask` as tensors (B,S); with `offsets`, `offset_mapping` as lists."""
        limit = self.family.token_limit(self.config.text_config)
        tokens = tokenised(
            self.tokenizer,
            captions,
            padding=True,
            truncation=True,
            max_length=limit,
            return_offsets_mapping=offsets,
        )
        for name in ("input_ids", "attention_mask"):
            tokens[name] = torch.tensor(tokens[name], device=self.motion_mean.device)
        if tokens["input_ids"].shape[1] == limit:
            cut = sum(
                len(ids) > limit for ids in tokenised(self.tokenizer, captions, verbose=False)["input_ids"]
            )
            if cut:
                logger.warning(f"{cut} of {len(captions)} captions were cut to the encoder's {limit} tokens.")
        return tokens

    def project_words(self, words: list[str]) -> Tensor:
        """f^e of words by themselves (len(words),D): what `word_attention_layer` takes as queries."""
        tokens = tokenised(self.tokenizer, words, padding=True, add_special_tokens=False, return_tensors="pt")
        return self.word_feature(
            tokens["input_ids"].to(self.motion_mean.device),
            tokens["attention_mask"].bool().to(self.motion_mean.device),
        )

    def project_caption_words(self, caption: str) -> Tensor:
        """f^e of a caption's words in order (words,D); zero for a word that was lost to the token limit."""
        tokens = self._tokenise([caption], offsets=True)
        spans = token_spans(tokens["offset_mapping"][0], find_words(caption))
        return self._project_spans(tokens["input_ids"][0], spans)

    def query_caption_words(self, caption: str) -> Tensor:
        """What a caption's words ask a motion with, in order (words,D): f^e, or `word_query` with `context_queries`."""
        if self.context_projection is None:
            return self.project_caption_words(caption)
        return self.read_captions([caption])[2][0]

    def read_captions(self, captions: list[str]) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """f^t of captions (B,D), and of each what `project_caption_words` and `query_caption_words` give: the text encoder
        reads it once for all.
        """
        tokens = self._tokenise(captions, offsets=True)
        text, features = self.caption_features(tokens["input_ids"], tokens["attention_mask"])
        words, queries = [], []
        for caption, offsets, ids, context in zip(
            captions, tokens["offset_mapping"], tokens["input_ids"], features, strict=True
        ):
            spans = token_spans(offsets, find_words(caption))
            words.append(self._project_spans(ids, spans))
            queries.append(self._query_spans(words[-1], context, spans))
        return text, words, queries

    def _project_spans(self, ids: Tensor, spans: list[list[int]]) -> Tensor:
        """f^e of the words of one caption (words,D)."""
        table = self.text_encoder.get_input_embeddings()(ids)
        means = [table[span].mean(0) if span else table.new_zeros(table.shape[1]) for span in spans]
        return self.word_projection(torch.stack(means) if means else table[:0])

    def _query_spans(self, words: Tensor, context: Tensor, spans: list[list[int]]) -> Tensor:
        """`word_query` of the words of one caption (words,D)."""
        if not spans:
            return words
        places = [torch.tensor(span, dtype=torch.long, device=words.device) for span in spans]
        padded = nn.utils.rnn.pad_sequence(places, batch_first=True, padding_value=-1).unsqueeze(0)
        return self.word_query(words[None], context[None], padded.clamp(min=0), padded >= 0)[0]
