"""How TMR and OpenTMA name the weights of a `TMRModel`, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mate_hf.errors import MateError
from mate_hf.retrieval_checkpoints.reading import Checkpoint


@dataclass(frozen=True)
class Family:
    """One repository's layout.

    Attributes:
        modules: its names of text encoder, motion encoder and motion decoder.
        prefixes: our prefix -> its prefix.
        tokens: our name -> its names, stacked.
        unused: its names, under `modules`, that hold no learned weight of the model.
        text_relu: see `TMRConfig`.
        std_epsilon: added to Std before dividing.
    """

    name: str
    modules: tuple[str, str, str]
    prefixes: dict[str, str]
    tokens: dict[str, tuple[str, ...]]
    unused: tuple[str, ...]
    text_relu: bool
    std_epsilon: float

    def sources(self, ours: str) -> tuple[str, ...]:
        """Its names of the weights that, stacked where there are several, are our weight `ours`."""
        if ours in self.tokens:
            return self.tokens[ours]
        prefix = next(prefix for prefix in self.prefixes if ours.startswith(prefix))
        return (self.prefixes[prefix] + ours.removeprefix(prefix),)

    def owns(self, theirs: str) -> bool:
        """Whether its weight `theirs` belongs into a `TMRModel`."""
        return theirs.split(".")[0] in self.modules and not theirs.startswith(self.unused)


TMR = Family(
    name="TMR",
    modules=("text_encoder", "motion_encoder", "motion_decoder"),
    prefixes={
        "text_encoder.embed.": "text_encoder.projection.",
        "text_encoder.transformer.": "text_encoder.seqTransEncoder.",
        "motion_encoder.embed.": "motion_encoder.projection.",
        "motion_encoder.transformer.": "motion_encoder.seqTransEncoder.",
        "motion_decoder.transformer.": "motion_decoder.seqTransDecoder.",
        "motion_decoder.read_out.": "motion_decoder.final_layer.",
    },
    tokens={
        "text_encoder.distribution": ("text_encoder.tokens",),
        "motion_encoder.distribution": ("motion_encoder.tokens",),
    },
    unused=(),
    text_relu=False,
    std_epsilon=1e-12,
)

OPENTMA = Family(
    name="OpenTMA",
    modules=("textencoder", "motionencoder", "motiondecoder"),
    prefixes={
        "text_encoder.embed.": "textencoder.projection.1.",
        "text_encoder.transformer.": "textencoder.seqTransEncoder.",
        "motion_encoder.embed.": "motionencoder.skel_embedding.",
        "motion_encoder.transformer.": "motionencoder.seqTransEncoder.",
        "motion_decoder.transformer.": "motiondecoder.seqTransDecoder.",
        "motion_decoder.read_out.": "motiondecoder.final_layer.",
    },
    tokens={
        "text_encoder.distribution": ("textencoder.mu_token", "textencoder.logvar_token"),
        "motion_encoder.distribution": ("motionencoder.mu_token", "motionencoder.logvar_token"),
    },
    # The sinusoids, and the frozen text encoder.
    unused=(
        "textencoder.sequence_pos_encoding.pe",
        "motionencoder.sequence_pos_encoding.pe",
        "motiondecoder.sequence_pos_encoding.pe",
        "textencoder.text_model.",
    ),
    text_relu=True,
    std_epsilon=0.0,
)

TEXT_MODEL = "textencoder.text_model."
"""Where OpenTMA saves the frozen text encoder along."""


def family_of_checkpoint(checkpoint: Checkpoint) -> Family:
    """The repository that a checkpoint comes from.

    Raises:
        MateError: neither, or one part of a TMR checkpoint.
    """
    modules = _tops(checkpoint.state)
    for family in (TMR, OPENTMA):
        if modules & set(family.modules):
            return family
    if modules & {"seqTransEncoder", "seqTransDecoder"}:
        raise MateError(
            f"{checkpoint.source}: one part of a TMR checkpoint. Pass the folder that holds "
            f"{', '.join(f'{module}.pt' for module in TMR.modules)}."
        )
    expected = " or ".join(f"{', '.join(family.modules)} ({family.name})" for family in (TMR, OPENTMA))
    raise MateError(
        f"{checkpoint.source}: not a retrieval checkpoint. It holds {', '.join(sorted(modules)[:8])}; "
        f"expected {expected}."
    )


def _tops(names: Iterable[str]) -> set[str]:
    return {str(name).split(".")[0] for name in names}
