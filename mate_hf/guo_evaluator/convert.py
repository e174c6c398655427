"""The field's published evaluators (`text_mot_match/model/finest.tar`) as a folder that `EvaluatorModel` opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from mate_hf.data.kinds import KINDS
from mate_hf.errors import MateError
from mate_hf.guo_evaluator.evaluator import Evaluator, save_evaluator
from mate_hf.guo_evaluator.vectors import WordVectors
from mate_hf.modeling.configuration_evaluator import EvaluatorConfig
from mate_hf.modeling.modeling_evaluator import CONTACTS, EvaluatorModel
from mate_hf.retrieval_checkpoints.motion_statistics import statistics_from_files
from mate_hf.utils.outputs import MODEL, Output
from mate_hf.utils.pickles import load_pickle, weights_of

PARTS = ("movement_encoder", "motion_encoder", "text_encoder")

_SEQUENCE = {"input_emb.": "embed.", "gru.": "gru.", "output_net.": "output.", "hidden": "start"}
_NAMES: dict[str, dict[str, str]] = {
    "movement_encoder": {
        "main.": "movement_encoder.convolutions.",
        "out_net.": "movement_encoder.output.",
    },
    "motion_encoder": {theirs: f"motion_encoder.{ours}" for theirs, ours in _SEQUENCE.items()},
    "text_encoder": {
        **{theirs: f"text_encoder.{ours}" for theirs, ours in _SEQUENCE.items()},
        "pos_emb.": "tag_embedding.",
    },
}


def convert_evaluator(
    checkpoint: str | Path,
    out: str | Path,
    mean: str | Path,
    std: str | Path,
    glove: str | Path | None = None,
    overwrite: bool = False,
) -> EvaluatorModel:
    """Read a checkpoint of Guo et al. 2022, check it, and write it whole.

    Args:
        checkpoint: `finest.tar`.
        out: folder to write.
        mean, std: of the motions it was trained on, `meta/mean.npy` and `meta/std.npy` beside its `model/` folder.
            They are not the corpus's Mean.npy and Std.npy.
        glove: the field's folder of word vectors, kept beside the weights; without it every evaluation asks for it.
        overwrite: replace an earlier output that stands at `out`.

    Raises:
        MateError: a file that is not such a checkpoint, weights too many or too few, statistics of another width, or `out` exists,
            is read or is being written.
    """
    checkpoint, mean, std = Path(checkpoint), Path(mean), Path(std)
    place = Output(Path(out), MODEL, overwrite, reads=[checkpoint, mean, std, glove])
    place.require_free()
    content = load_pickle(checkpoint)
    if not isinstance(content, dict) or not all(isinstance(content.get(part), dict) for part in PARTS):
        raise MateError(
            f"{checkpoint}: expected {', '.join(PARTS)}, as text_mot_match/model/finest.tar has them."
        )
    state = _renamed(checkpoint, content)
    model = EvaluatorModel(_config(checkpoint, state))
    width = model.config.motion_width
    statistics = statistics_from_files(mean, std, width)
    state |= {"motion_mean": statistics.mean, "motion_std": statistics.std}
    known = model.state_dict()
    wrong = [name for name in state if name not in known or known[name].shape != state[name].shape]
    absent = [name for name in known if name not in state]
    if wrong or absent:
        raise MateError(
            f"{checkpoint}: weights that do not fit: {', '.join([*wrong, *absent][:4])}. Is it an evaluator of Guo et al. 2022?"
        )
    model.load_state_dict(state)
    vectors = None if glove is None else WordVectors.from_glove(Path(glove))
    if vectors is not None:
        Evaluator(model, vectors)
    with place.written() as fresh:
        save_evaluator(model, vectors, fresh)
    return model.eval()


def _renamed(checkpoint: Path, content: dict[str, Any]) -> dict[str, Tensor]:
    state = {}
    for part, names in _NAMES.items():
        for name, value in weights_of(content[part], f"{checkpoint}: {part}").items():
            if not value.is_floating_point() or not bool(value.isfinite().all()):
                raise MateError(
                    f"{checkpoint}: {part}: {name} holds no finite numbers. Use an earlier checkpoint, or download it again."
                )
            ours = next(
                (ours + name[len(theirs) :] for theirs, ours in names.items() if name.startswith(theirs)),
                None,
            )
            if ours is None:
                raise MateError(f"{checkpoint}: {part} holds {name}, which no such evaluator has.")
            state[ours] = value.float()
    return state


def _config(checkpoint: Path, state: dict[str, Tensor]) -> EvaluatorConfig:
    """Sizes, read off the weights; the frame rate, off the width of a frame."""

    def size(name: str, dimension: int, dimensions: int = 2) -> int:
        if name not in state:
            raise MateError(f"{checkpoint}: no {name} among its weights. Was the file written whole?")
        shape = tuple(state[name].shape)
        if len(shape) != dimensions or not all(shape):
            raise MateError(
                f"{checkpoint}: {name} has shape {shape}; expected {dimensions} dimensions. Is it an evaluator of Guo et al. 2022?"
            )
        return shape[dimension]

    motion_width = size("movement_encoder.convolutions.0.weight", 1, 3) + CONTACTS
    sizes = {
        "movement_width": size("movement_encoder.output.weight", 0),
        "motion_hidden": size("motion_encoder.embed.weight", 0),
        "text_hidden": size("text_encoder.embed.weight", 0),
        "feature_width": size("motion_encoder.output.3.weight", 0),
        "word_width": size("tag_embedding.weight", 0),
        "tag_width": size("tag_embedding.weight", 1),
    }
    fps = next((kind.fps for kind in KINDS.values() if kind.width == motion_width), 20.0)
    return EvaluatorConfig(motion_width=motion_width, motion_fps=fps, **sizes)
