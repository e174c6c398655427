"""`MotionPipeline`: sentences in, bodies out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from mate_hf.data.kinds import MotionKind
from mate_hf.errors import MateError
from mate_hf.generation.acting import Asked, Job, Sampling
from mate_hf.generation.actors import GeneratorModel, actor_of
from mate_hf.generation.attention import require_words
from mate_hf.generation.clips import as_clip
from mate_hf.generation.editing import Holder, Kept
from mate_hf.generation.generated import Generated
from mate_hf.generation.opening import open_generator
from mate_hf.generation.reading import Heard, hear
from mate_hf.generation.saving import write_generator
from mate_hf.generation.seams import report_edit
from mate_hf.generation.settings import (
    MOST_FRAMES,
    is_number,
    lengths_of,
    require_count,
    seeds_of,
    sentences,
    told,
)
from mate_hf.generation.solvers import DEFAULT_STEPS
from mate_hf.modeling.modeling_vq import VQModel
from mate_hf.text.encoders import TextEncoder
from mate_hf.utils.devices import device_of
from mate_hf.utils.files import written_whole
from mate_hf.utils.json_files import brief
from mate_hf.utils.terminal import note

SECONDS = 6.0
GUIDANCE, MOST_GUIDANCE = 1.5, 100.0
LONGEST_SECONDS = 600.0
FEW = 3
"""Prompts of which it is said what an encoder does not know."""
OWN = 1_000_003
"""Between the seeds of one motion and the next."""


class MotionPipeline:
    """A generator, of diffusion or of masked codes, with the frozen encoder it was trained on.

    Args:
        vq: of a masked generator, the VQ-VAE that its codes are of.

    Attributes:
        model, encoder: see there; both on `device`.
        actor: what a generator of this kind does.
        kind: of the motions it makes.
    """

    def __init__(
        self,
        model: GeneratorModel,
        encoder: TextEncoder,
        device: torch.device | str = "cpu",
        vq: VQModel | None = None,
    ) -> None:
        place = device_of(device)
        for network in (model, encoder.model, *([] if vq is None else [vq.eval()])):
            torch.nn.Module.to(network, place)
        self.model, self.encoder = model.eval(), encoder
        self.actor = actor_of(model, vq)
        self.kind: MotionKind = self.actor.kind

    @classmethod
    def from_pretrained(
        cls,
        model: str | Path,
        which: str = "best",
        device: torch.device | str = "cpu",
        text_encoder: str | None = None,
        any_encoder: bool = False,
        revision: str | None = None,
    ) -> MotionPipeline:
        """Open a run of `mate train-generator` or `mate train-masked`, what `save_pretrained` wrote, or a Hub repository of that.

        Args:
            model: run folder, pipeline folder, or Hub id.
            which: `best` or `last`, of a run.
            text_encoder: where its encoder lies now, if not where the generator's configuration says.
            any_encoder: make motions with an encoder other than the one it was trained with.
            revision: of the Hub repository.

        Raises:
            MateError: no generator there, or no encoder, or another one than it was trained with; the same of a VQ-VAE.
        """
        opened = open_generator(model, which, text_encoder, any_encoder, revision)
        return cls(opened.model, opened.encoder, device, opened.vq)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.model.device

    @property
    def hears_words(self) -> bool:
        """Whether its motions look at words, which `return_attention` shows; else it was told sentences alone."""
        return bool(self.model.config.conditions == "words")

    def save_pretrained(self, folder: str | Path, overwrite: bool = False) -> None:
        """Write generator and encoder as one folder that `from_pretrained` opens anywhere."""
        with written_whole(folder, overwrite) as fresh:
            write_generator(self.actor, self.encoder, fresh)

    def __call__(
        self,
        prompt: str | Sequence[str],
        seconds: float | Sequence[float] = SECONDS,
        num: int = 1,
        seed: int | Sequence[int] = 0,
        *,
        steps: int = DEFAULT_STEPS,
        guidance: float = GUIDANCE,
        solver: str | None = None,
        return_attention: bool = False,
        progress: bool = False,
    ) -> Generated:
        """Act out prompts.

        Longer motions than the generator was trained on are made in windows that overlap and fade into each other.

        Args:
            prompt: a sentence, or several; an empty one lets the body do what it likes.
            seconds: of every motion, or of each prompt's.
            num: motions of each prompt. The n-th of every prompt begins from the same noise.
            seed: fixes everything; of all prompts, or of each.
            steps: evaluations of the generator; about 10 suffice. A masked one is asked once more for each further level of codes.
            guidance: how much more is made of the prompt than of none; 1 is none.
            solver: see `mate_hf.generation.solvers`; a masked generator has none.
            return_attention: also how much each frame looks at each word.
            progress: show a bar.

        Raises:
            MateError: no prompt, or a number out of range.
        """
        prompts = sentences(prompt)
        _require(prompts, num, guidance)
        seeds, lengths = seeds_of(seed, len(prompts)), lengths_of(seconds, len(prompts), "a prompt")
        jobs = [
            Job([place], [self.frames_of(length)], own * OWN + number)
            for place, (length, own) in enumerate(zip(lengths, seeds, strict=True))
            for number in range(num)
        ]
        return self._make(prompts, jobs, Sampling(steps, guidance, solver), return_attention, progress)

    def sequence(
        self,
        prompts: Sequence[str],
        seconds: float | Sequence[float] = 3.0,
        num: int = 1,
        seed: int = 0,
        *,
        steps: int = DEFAULT_STEPS,
        guidance: float = GUIDANCE,
        solver: str | None = None,
        return_attention: bool = False,
        progress: bool = False,
    ) -> Generated:
        """Act out prompts one after another in one motion, each as long as `seconds` says; see `__call__`."""
        prompts = sentences(prompts)
        _require(prompts, num, guidance)
        [own] = seeds_of(seed, 1)
        frames = [self.frames_of(length) for length in lengths_of(seconds, len(prompts), "an action")]
        jobs = [Job(list(range(len(prompts))), frames, own * OWN + number) for number in range(num)]
        return self._make(prompts, jobs, Sampling(steps, guidance, solver), return_attention, progress)

    def edit(
        self,
        prompt: str,
        clip: Any,
        keep: Kept | None = None,
        num: int = 1,
        seed: int = 0,
        *,
        strength: float = 1.0,
        steps: int = DEFAULT_STEPS,
        guidance: float = GUIDANCE,
        solver: str | None = None,
        progress: bool = False,
    ) -> Generated:
        """Act out a prompt around what is given of a clip: in-between, prefix, suffix, single joints, or a start (MATE Table 8).

        Args:
            clip: one's own, joints (T,J,3) or features (T,width), numpy or torch, in the unit and frame rate of the corpus.
            keep: what of it stays as it is; nothing by default.
            strength: how much of the rest is made anew: 1 all of it, less begins from the clip itself.

        Raises:
            MateError: a clip that is none, too long, or not finite; something to keep that it has not.
        """
        prompts = sentences([prompt])
        _require(prompts, num, guidance)
        [own] = seeds_of(seed, 1)
        features, odd = as_clip(clip, self.kind)
        if len(features) > self.model.config.longest:
            raise MateError(
                f"clip: {len(features)} frames (as features; joints have one more); the generator edits at most {self.model.config.longest} at "
                "once. Cut it."
            )
        keep = Kept() if keep is None else keep
        if not isinstance(keep, Kept):
            raise MateError(
                f"keep: {type(keep).__name__}; expected Kept(frames=[(0, 40)], joints=['legs']), or one of them."
            )
        if not keep and strength == 1:
            raise MateError(
                "nothing of the clip is given: name frames or joints to keep, or a strength below 1 to begin from it."
            )
        sampling = Sampling(steps, guidance, solver, strength)
        self.actor.require(sampling, keep)
        given = keep.places(self.kind, len(features))
        hold = Holder(features, given, self.kind, self.actor.mean, self.actor.std)
        jobs = [Job([0], [len(features)], own * OWN + number) for number in range(num)]
        found = self._make(prompts, jobs, sampling, False, progress, hold)
        found.edits = [report_edit(made, features, given, self.kind) for made in found.features]
        found.notes += odd
        for line in odd:
            note(line)
        return found

    def frames_of(self, seconds: float) -> int:
        """Frames of a motion, or of an action of several, of so many seconds.

        Raises:
            MateError: too few or too many.
        """
        least = self.model.config.patch / self.kind.fps
        if not math.isfinite(seconds) or not least <= seconds <= LONGEST_SECONDS:
            raise MateError(f"seconds: {told(seconds)}; expected {least:g} to {LONGEST_SECONDS:g}.")
        return round(seconds * self.kind.fps)

    # ---------------------------------------------------------------------------------------------------------------

    def _make(
        self,
        prompts: list[str],
        jobs: list[Job],
        sampling: Sampling,
        attention: bool,
        progress: bool,
        hold: Holder | None = None,
    ) -> Generated:
        self.actor.require(sampling)
        if attention:
            require_words(self.model.config.conditions)
        frames = sum(job.length for job in jobs)
        if frames > MOST_FRAMES:
            raise MateError(
                f"{len(jobs)} motions of {frames} frames in all; expected at most {MOST_FRAMES}. Ask for the rest in another call."
            )
        heard = hear(self.encoder, prompts, self.actor.together)
        notes = _notes(heard, self.encoder)
        for line in notes:
            note(line)
        asked = Asked(prompts, heard, sampling, attention, hold)
        return self.actor.make(jobs, asked, notes, progress)


def _require(prompts: Sequence[str], num: int, guidance: float) -> None:
    require_count(num, len(prompts))
    if not is_number(guidance) or not 0 <= guidance <= MOST_GUIDANCE:
        raise MateError(f"guidance: {told(guidance)}; expected 0 to {MOST_GUIDANCE:g}; 1 is none.")


def _notes(heard: Heard, encoder: TextEncoder) -> list[str]:
    lines = [
        f"prompt {prompt[:40]!r}… is longer than the {encoder.max_length} tokens that {encoder.name} reads; the rest was not heard."
        for prompt in heard.cut
    ]
    lines += [
        f"prompt {brief(prompt)}: {encoder.name} has no word for {brief(', '.join(dict.fromkeys(strange)))}, and reads it as something unknown."
        for prompt, strange in list(heard.unknown.items())[:FEW]
    ]
    if len(heard.unknown) > FEW:
        lines.append(f"{len(heard.unknown) - FEW} prompts more say something that it has no word for.")
    if bool(heard.silent.any()):
        lines.append("an empty prompt says nothing: the body does what it likes.")
    return lines
