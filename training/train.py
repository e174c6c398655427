"""Train MATE: teach the word embeddings of a text encoder what bodies do.

    accelerate launch training/train.py --config training/configs/humanml3d_clip.yaml --data HumanML3D --output_dir runs/mate
    accelerate launch training/train.py --config training/configs/humanml3d_clip.yaml --data HumanML3D --output_dir runs/mate \
        --resume last

Every flag can stand in the YAML file; flags override it. The run folder holds checkpoints/ best/ last/ results.json
vocabulary.json config.yaml; `mate export RUN OUT` turns it into a stock text encoder.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mate_hf.utils.last_words import script


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, record."""
    with script():
        from mate_hf.training import entry

        entry.train(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    main()
