"""Train a text-motion retrieval model (TMR): what `mate localize` cuts motions with.

    accelerate launch training/train_retrieval.py --preset tmr --data HumanML3D --output_dir runs/retrieval
    accelerate launch training/train_retrieval.py --preset tmr --data HumanML3D --output_dir runs/retrieval --resume last

Presets: `tmr`, `opentma` (the MATE paper's), `atm` (ATM's alignment module). Every flag can stand in a YAML file given
with --config; flags override it, and both override the preset. The run folder holds checkpoints/ best/ last/
results.json config.yaml; best/ opens with `TMRModel.from_pretrained`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mate_hf.utils.last_words import script


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, record."""
    with script():
        from mate_hf.training import entry

        entry.train_retrieval(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    main()
