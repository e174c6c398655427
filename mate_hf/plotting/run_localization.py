"""`mate plot localization`: a caption of a localized corpus over its motion, and where a MATE run's words look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mate_hf.data.corpus import open_corpus
from mate_hf.data.motion_features import recover
from mate_hf.data.split import Split
from mate_hf.errors import MateError
from mate_hf.plotting.localization import LocalizedMotion, draw_localization
from mate_hf.plotting.run_skeleton import STRIPS, picture_output
from mate_hf.plotting.scene import Attention
from mate_hf.text.sub_text_words import sub_text_of_words


def plot_localization(
    data: str | Path,
    out: str | Path,
    run: str | Path | None = None,
    split: str = "test",
    clip: str | None = None,
    row: int | None = None,
    which: str = "best",
    device: str = "cpu",
    overwrite: bool = False,
) -> Path:
    """Draw which part of a motion each part of its caption tells of.

    Args:
        data: Dataset of `mate localize`.
        out: `.png`, `.svg` or `.pdf`.
        run: run of `mate train`; its words' attention over time is drawn as well.
        split: train, val or test.
        clip: name of a motion, of which the caption with most sub-texts is drawn; None: the first caption of the split that has the most.
        row: of the split, from 0, in place of a clip.
        which: `best` or `last`, of the run.
        device: where the run's model is computed.
        overwrite: replace the file that stands at `out`.

    Returns:
        The file.

    Raises:
        MateError: no such corpus, split, clip, row or run, a corpus that was not localized, another ending, or a file that exists.
    """
    place = picture_output(out, overwrite, [data, run])
    if place.path.suffix.lower() not in STRIPS:
        raise MateError(
            f"{out}: a localization stands still; expected {', '.join(STRIPS[:-1])} or {STRIPS[-1]}."
        )
    corpus = open_corpus(data)
    if split not in corpus.splits:
        raise MateError(f"{data}: no split {split!r}; it has {', '.join(corpus.splits)}.")
    captions = corpus.splits[split]
    number = _row(captions, f"{data}, split {split}", clip, row)
    motion = np.asarray(captions.motions[number], dtype=np.float32)
    told = captions.captions[number]
    caption, sub_texts = told["caption"], told["sub_texts"]
    shown = LocalizedMotion(
        joints=recover(motion.astype(np.float64), corpus.kind) / corpus.kind.metre,
        kind=corpus.kind,
        caption=caption,
        sub_texts=sub_texts,
        segments=[(start, end) for start, end in told["segments"]],
        parts=sub_text_of_words(caption, sub_texts),
        attention=None if run is None else _attention(run, which, device, caption, motion),
    )
    draw_localization(shown, place, corpus.kind.fps)
    return place.path


def _row(captions: Split, where: str, clip: str | None, row: int | None) -> int:
    if not captions.is_localized:
        raise MateError(
            f"{where}: no sub-texts and segments in it. Make them: mate localize DATA --retrieval RUN --out OUT."
        )
    if row is not None and clip is not None:
        raise MateError("row, clip: both name a caption; leave one out.")
    if row is not None:
        if not 0 <= row < len(captions):
            raise MateError(f"row: {row}; {where} has {len(captions)} captions, counted from 0.")
        return row
    rows = [place for place, name in enumerate(captions["id"]) if clip in (None, name)]
    if not rows:
        raise MateError(f"clip: {clip!r} is not in {where}, which begins with {captions['id'][0]!r}.")
    sizes = [len(texts) for texts in captions["sub_texts"]]
    return max(rows, key=lambda place: (sizes[place], -place))


def _attention(run: str | Path, which: str, device: str, caption: str, motion: np.ndarray) -> Attention:
    from mate_hf.runs.model import open_model

    found = open_model(run, which, device).word_attention(caption, motion)
    weights = torch.as_tensor(found["weights"]).T.cpu().numpy()
    return Attention([str(word) for word in found["words"]], weights)
