"""Train a masked text-to-motion generator on the codes of a frozen VQ-VAE, on any text encoder.

    accelerate launch training/train_masked.py --config masked_base --data data/humanml3d --vq runs/vq \
        --text_encoder openai/clip-vit-base-patch32 --output_dir runs/masked-stock
    accelerate launch training/train_masked.py --config masked_base --data data/humanml3d --vq runs/vq \
        --text_encoder exports/mate-clip --output_dir runs/masked-mate --resume last

Every flag can stand in a YAML file given with --config; flags override it. The run folder holds checkpoints/ best/ last/
results.json config.yaml; `mate generate --model RUN` reads it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mate_hf.utils.last_words import script


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, record."""
    with script():
        from mate_hf.training import entry

        entry.train_masked(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    main()
