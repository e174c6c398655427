"""Train a residual VQ-VAE of motions; with `--alignment`, what it reconstructs is aligned with its captions (ATM).

    accelerate launch training/train_vq.py --config vq_base --data data/humanml3d --output_dir runs/vq
    accelerate launch training/train_vq.py --config vq_base --data data/humanml3d --alignment inter,intra \
        --alignment_module runs/atm --output_dir runs/vq-atm --resume last

Every flag can stand in a YAML file given with --config; flags override it. The run folder holds checkpoints/ best/ last/
results.json config.yaml; `VQModel.from_pretrained` opens best/ and last/.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mate_hf.utils.last_words import script


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, record."""
    with script():
        from mate_hf.training import entry

        entry.train_vq(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    main()
