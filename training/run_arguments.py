"""The knobs that every training script has."""

from __future__ import annotations

from dataclasses import dataclass, field

from mate_hf.text.text_features import DTYPES
from mate_hf.utils.settings import option

PRECISIONS = ("no", "fp16", "bf16")
SCHEDULERS = (
    *(
        "constant",
        "constant_with_warmup",
        "linear",
        "cosine",
        "cosine_with_restarts",
        "polynomial",
        "inverse_sqrt",
    ),
)
"""Those of `transformers.get_scheduler` that need no numbers of their own."""


@dataclass
class DataArguments:
    """What is read."""

    data: str = option("", "A HumanML3D/KIT-ML folder, a prepared Dataset on disk, or a Hub dataset id.")
    batch_size: int = option(
        64,
        "Captioned motions a step over all processes: the batch in which InfoNCE finds its negatives. It must be a "
        "multiple of the number of processes.",
        least=2,
    )
    num_workers: int = option(
        1, "Processes that read and collate batches; 0 does it in the training process.", least=0, most=256
    )
    train_share: float = option(
        1.0,
        "Share of the training motions to learn from, the same ones whatever the seed: how much data does it take?",
        above=0,
        most=1,
    )


@dataclass
class FrozenTextArguments(DataArguments):
    """What is read, where a frozen text encoder's features are computed once and kept."""

    text_cache: str | None = option(
        None, "Folder for the frozen encoders' features; by default text_features/ in mate's cache folder."
    )
    text_cache_dtype: str = option(
        "float32", "Token features on disk; float16 halves HumanML3D's 4 GB.", DTYPES
    )


@dataclass
class RunArguments:
    """How it is trained."""

    output_dir: str = option(
        "", "Run folder: checkpoints/ best/ last/ results.json vocabulary.json config.yaml."
    )
    resume: str | None = option(None, "`last`, or a folder under checkpoints/: continue that run exactly.")
    overwrite: bool = option(
        False, "Remove the run that output_dir holds; without it a new run there is refused."
    )
    epochs: int = option(100, "Passes over the clips of the training split.", least=1)
    max_steps: int | None = option(
        None, "Stop after this many optimizer steps, whatever the epochs.", least=1
    )
    lr: float = option(1e-4, "Learning rate (the paper's 1e-4).", least=0)
    weight_decay: float = option(
        0.01, "AdamW's weight decay; never on word-embedding rows, which it would pull to zero.", least=0
    )
    adam_beta2: float = option(
        0.999,
        "AdamW's memory of squared gradients; less (0.99) lets a short run take larger steps.",
        above=0,
        below=1,
    )
    scheduler: str = option("constant", "Learning-rate schedule of transformers.", SCHEDULERS)
    warmup_steps: int = option(0, "Steps of linear warm-up.", least=0)
    max_grad_norm: float | None = option(
        None, "Clip the gradient norm to this; the paper does not say.", above=0
    )
    gradient_accumulation_steps: int = option(
        1,
        "Batches a step. Negatives are found within one batch: 4 batches of 16 are not a batch of 64 to InfoNCE. To "
        "see more negatives raise batch_size, or add processes.",
        least=1,
    )
    mixed_precision: str | None = option(
        None,
        "Autocast precision; by default what accelerate was configured or launched with. Losses stay in float32.",
        PRECISIONS,
    )
    cpu_threads: int | None = option(
        None,
        "Threads of torch where there is no accelerator. By default this machine's cores, shared among its processes: "
        "`accelerate launch` would leave each process one.",
        least=1,
        most=4096,
    )
    seed: int = option(0, "Fixes everything.", least=0, most=2**32 - 1)
    checkpoint_steps: int | None = option(
        None, "Steps between checkpoints; by default one an epoch.", least=1
    )
    validation_epochs: int = option(
        1, "Epochs between validations, and between the checkpoints that come with them.", least=1
    )
    keep_checkpoints: int = option(
        2, "Checkpoints kept (0: all); older ones are removed once a newer one is whole.", least=0
    )
    best_metric: str = option(
        "mean_recall", "Validation metric that `best/` follows.", ("mean_recall", "loss")
    )
    early_stop: int | None = option(
        None, "Stop after this many epochs without a better validation metric.", least=1
    )
    log_steps: int = option(10, "Steps between log lines and tracker records.", least=1)
    report_to: list[str] = field(
        default_factory=list, metadata={"help": "Trackers by name: trackio, tensorboard, wandb."}
    )
