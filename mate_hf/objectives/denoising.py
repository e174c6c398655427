"""The generator's objective: a noisy motion and its caption -> the motion, and the running mean of the weights that does it best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from mate_hf.data.kinds import MotionKind
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.modeling.noise import NoiseProcess
from mate_hf.modeling.patches import Patches
from mate_hf.objectives.averaged import AveragedArguments, AveragedObjective
from mate_hf.utils.settings import option


@dataclass
class DenoisingArguments(AveragedArguments):
    """How the generator's loss is weighed, and how its weights are averaged."""

    root_weight: float = option(
        5.0,
        "Weight of the root's turn, travel and height: four channels that say where the body goes.",
        above=0,
    )
    position_weight: float = option(1.0, "Weight of joint positions.", above=0)
    rotation_weight: float = option(1.0, "Weight of joint rotations, which positions say already.", above=0)
    velocity_weight: float = option(1.0, "Weight of joint velocities.", above=0)
    contact_weight: float = option(0.5, "Weight of foot contacts.", above=0)
    noise_shift: float = option(
        1.0,
        "How many times noisier than even times of training are: where motions are nearly noise, only words say what they are.",
        above=0,
        most=1000,
    )
    shifted_share: float = option(
        1.0, "How many of the times are so moved; the others stay even.", least=0, most=1
    )

    def channels(self, kind: MotionKind) -> Tensor:
        """The weight of each feature (width,), their mean 1."""
        weights = torch.ones(kind.width)
        for group, place in kind.feature_slices.items():
            weights[place] = {
                "joint_positions": self.position_weight,
                "joint_rotations": self.rotation_weight,
                "joint_velocities": self.velocity_weight,
                "contacts": self.contact_weight,
            }.get(group, self.root_weight)
        return weights / weights.mean()


Aligned = Callable[[Tensor, Tensor, Tensor, Tensor], dict[str, Tensor]]
"""Generated and real motions (B,T,F), raw; frames of each (B,); `caption_id` (B,) -> further losses, of which `total` is added."""


class DenoisingObjective(AveragedObjective):
    """Noises the motions of a batch and asks the model for what `config.prediction` names.

    In evaluation the running mean of the weights is asked, at noise that is the same every time, and every caption is said.

    Args:
        align: holds the clean motions that the model guesses at against real ones; only in training, and only of captions that were said.
        most_noise: share of all timesteps; motions at later ones are not aligned.

    Attributes:
        root: features that say where the body goes, the first of a frame.
    """

    model: MDMModel
    average: MDMModel
    channels: Tensor

    def __init__(
        self,
        model: MDMModel,
        settings: DenoisingArguments,
        kind: MotionKind,
        align: Aligned | None = None,
        most_noise: float = 1.0,
    ) -> None:
        super().__init__(model, settings)
        self.settings, self.align, self.most_noise = settings, align, most_noise
        self.root = kind.feature_slices["joint_positions"].start
        self.register_buffer("channels", settings.channels(kind), persistent=False)

    def forward(
        self,
        motion: Tensor,
        mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        sentence: Tensor,
        caption_id: Tensor | None = None,
        **unused: Tensor,
    ) -> dict[str, Tensor]:
        """One batch of captioned motions -> `loss`, its share from `root` and `body`, and what `align` found.

        Args:
            motion: raw features (B,T,F); mask: (B,T), True on real frames.
            text: token features (B,S,W) of the frozen text encoder; text_mask: (B,S), True on real tokens.
            sentence: its sentence features (B,D).
            caption_id: number of the caption (B,), see `caption_number`; for `align`.
        """
        model = self.model if self.training else self.average
        process, patches = model.process, Patches(mask, model.config.patch)
        clean = model.normalise(patches.cut(motion), patches.real)
        time, noise = self._draw(process, motion, patches)
        silent = self.silence(motion) if self.training else None
        at = time[patches.rows]
        noisy = process.noisy(clean, noise, at)
        predicted = model.denoise(noisy, time, patches, text, text_mask, sentence, silent)
        with torch.autocast(motion.device.type, enabled=False):
            error = (predicted.float() - process.target(clean, noise, at)).square()
            error = (error * patches.real.unsqueeze(-1)).sum((0, 1))
            channels = self.mean(error * self.channels, mask.sum())
        width = len(channels)
        losses = {
            "loss": channels.sum() / width,
            "root": channels[: self.root].sum() / width,
            "body": channels[self.root :].sum() / width,
        }
        if silent is None or self.align is None or caption_id is None:
            return losses
        clear = time <= self.most_noise * process.timesteps
        said = (clear & ~silent).nonzero().squeeze(1)
        guessed = patches.join(model.denormalise(process.clean(predicted, noisy, at).float()))
        aligned = self.align(guessed[said], motion[said], mask[said].sum(1), caption_id[said])
        losses["loss"] = losses["loss"] + aligned.pop("total")
        return losses | aligned

    def _draw(self, process: NoiseProcess, motion: Tensor, patches: Patches) -> tuple[Tensor, Tensor]:
        """The time of each motion (B,), and noise of each number of its patches (N,size,F)."""
        rows, settings = len(motion), self.settings
        if self.training:
            first, whole = self.place(motion)
            time = process.draw_times(whole, None, settings.noise_shift, settings.shifted_share)
            return time[first : first + rows].to(motion.device), self._noise(motion, patches)
        # Of all frames, so that a GPU, which cuts none out, is asked the same.
        fixed = torch.Generator().manual_seed(0)
        time = process.draw_times(rows, fixed)
        noise = torch.randn(motion.shape, generator=fixed)
        return time.to(motion.device), patches.cut(noise.to(motion.device))

    def _noise(self, motion: Tensor, patches: Patches) -> Tensor:
        """Noise of each number of the patches (N,size,F)."""
        device, shape = motion.device, (patches.size, motion.shape[-1])
        if patches.cuts:
            # Patches of several processes are those of one, one process's after the other's.
            first, whole = self.place(patches.real)
            return torch.randn(whole, *shape, device=device)[first : first + len(patches.real)]
        rows, places = patches.there.shape
        first, whole = self.place(motion)
        noise = torch.randn(whole, self.longest(patches.there), *shape, device=device)
        return noise[first : first + rows, :places].flatten(0, 1)
