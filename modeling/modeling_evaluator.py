"""The field's feature extractors (Guo et al. 2022): what R-Precision, MM-Dist, FID and Diversity are measured with."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from .configuration_evaluator import EvaluatorConfig
from .dropout import Dropout
from .motion_model import MotionModel

FRAMES_PER_MOVEMENT = 4
CONTACTS = 4
"""Foot contacts at the end of each frame's features, which the extractors do not read."""


class MovementEncoder(nn.Module):
    """Frames -> one feature a movement of 4 frames: two convolutions of stride 2."""

    def __init__(self, motion_width: int, width: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv1d(motion_width, width, 4, stride=2, padding=1),
            Dropout(0.2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(width, width, 4, stride=2, padding=1),
            Dropout(0.2),
            nn.LeakyReLU(0.2),
        )
        self.output = nn.Linear(width, width)

    def forward(self, motion: Tensor) -> Tensor:
        """(B,T,F) -> (B,T//4,D)."""
        found: Tensor = self.output(self.convolutions(motion.transpose(1, 2)).transpose(1, 2))
        return found


class SequenceEncoder(nn.Module):
    """A bidirectional GRU over real steps; the two last states become one feature."""

    def __init__(self, width: int, hidden: int, feature_width: int) -> None:
        super().__init__()
        self.embed = nn.Linear(width, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True, bidirectional=True)
        self.start = nn.Parameter(torch.randn(2, 1, hidden))
        self.output = nn.Sequential(
            nn.Linear(2 * hidden, hidden),
            nn.LayerNorm(hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, feature_width),
        )

    def forward(self, steps: Tensor, length: Tensor) -> Tensor:
        """(B,S,W) and how many steps are real (B,), at least 1 -> (B, feature_width)."""
        packed = pack_padded_sequence(self.embed(steps), length.cpu(), batch_first=True, enforce_sorted=False)
        _, last = self.gru(packed, self.start.expand(-1, len(steps), -1).contiguous())
        found: Tensor = self.output(torch.cat([last[0], last[1]], dim=-1))
        return found


class EvaluatorModel(MotionModel):
    """Motions and captions in one space, where a caption's own motion is the nearest by Euclidean distance.

    Motions are raw features; the model holds the statistics it was trained with and normalises them itself.
    """

    config_class = EvaluatorConfig
    config: EvaluatorConfig
    base_model_prefix = "evaluator"
    main_input_name = "motion"

    def __init__(self, config: EvaluatorConfig) -> None:
        super().__init__(config)
        self.movement_encoder = MovementEncoder(config.motion_width - CONTACTS, config.movement_width)
        self.motion_encoder = SequenceEncoder(
            config.movement_width, config.motion_hidden, config.feature_width
        )
        self.tag_embedding = nn.Linear(config.tag_width, config.word_width)
        self.text_encoder = SequenceEncoder(config.word_width, config.text_hidden, config.feature_width)
        self.hold_statistics(config.motion_width)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        # As in the field: Xavier where a layer is linear or a convolution, PyTorch's own elsewhere.
        if isinstance(module, (nn.Linear, nn.Conv1d)):
            nn.init.xavier_normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.GRU):
            module.reset_parameters()
        elif isinstance(module, SequenceEncoder):
            nn.init.normal_(module.start)
        else:
            super()._init_weights(module)

    def motion_feature(self, motion: Tensor, length: Tensor) -> Tensor:
        """Raw features (B,T,F), padded, with their lengths (B,) in frames -> (B,D).

        A remainder of fewer than 4 frames is not read, as in the field.

        Raises:
            ValueError: another width, or a motion of fewer than 4 frames.
        """
        if motion.shape[-1] != self.config.motion_width:
            raise ValueError(
                f"motion: {motion.shape[-1]} features a frame; expected {self.config.motion_width}."
            )
        movements = length // FRAMES_PER_MOVEMENT
        if len(movements) and int(movements.min()) < 1:
            raise ValueError(f"motion: {int(length.min())} frames; expected {FRAMES_PER_MOVEMENT} or more.")
        # Zeros behind the end, as many as the field has: the convolutions look beyond it, and a motion's feature must not
        # depend on its batch.
        missing = max(0, self.config.longest_motion - motion.shape[1])
        motion = nn.functional.pad(motion, (0, 0, 0, missing))
        end = (movements * FRAMES_PER_MOVEMENT).to(motion.device)
        real = torch.arange(motion.shape[1], device=motion.device) < end.unsqueeze(1)
        movement = self.movement_encoder(self.normalise(motion, real)[..., :-CONTACTS])
        return self.motion_encoder(movement, movements)

    def text_feature(self, words: Tensor, tags: Tensor, length: Tensor) -> Tensor:
        """Word vectors (B,W,word_width), one-hot tags (B,W,tag_width), how many are real (B,) -> (B,D)."""
        return self.text_encoder(words + self.tag_embedding(tags), length)

    def forward(
        self, motion: Tensor, motion_length: Tensor, words: Tensor, tags: Tensor, text_length: Tensor
    ) -> tuple[Tensor, Tensor]:
        """A batch of pairs -> caption features and motion features, both (B,D)."""
        return self.text_feature(words, tags, text_length), self.motion_feature(motion, motion_length)
