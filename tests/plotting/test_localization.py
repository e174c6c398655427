"""Segments stand at their seconds, words in the colour of their sub-text, and attention where it was given."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from mate_hf.data.kinds import HUMANML3D
from mate_hf.data.motion_features import joints_to_features
from mate_hf.errors import MateError
from mate_hf.plotting import localization, run_localization
from mate_hf.plotting.localization import NO_PART, PARTS, LocalizedMotion
from mate_hf.plotting.run_localization import plot_localization
from mate_hf.plotting.scene import Attention
from tests.plotting.raising_body import raising

WORDS = ["he", "waves", "then", "sits"]
WEIGHTS = np.random.default_rng(0).dirichlet(np.ones(40), 4).T


def shown() -> LocalizedMotion:
    return LocalizedMotion(
        raising(frames=40),
        HUMANML3D,
        "he waves, then sits",
        ["he waves", "sits"],
        [(0, 10), (10, 40)],
        [0, 0, None, 1],
        Attention(WORDS, WEIGHTS),
    )


def panel() -> tuple[Any, Any]:
    figure = Figure()
    return figure, figure.subplots()


def test_segments_stand_at_their_seconds() -> None:
    _, axes = panel()
    localization._segments(axes, shown(), 20.0)
    bars = [(bar.get_x(), bar.get_width(), to_hex(bar.get_facecolor())) for bar in axes.patches]
    assert bars == [(0.0, 0.5, PARTS[0]), (0.5, 1.5, PARTS[1])]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1. he waves", "2. sits"]
    assert [text.get_text() for text in axes.texts] == ["0.0 to 0.5 s", "0.5 to 2.0 s"]


def test_words_have_the_colour_of_their_part_and_frames_what_the_word_gives_them() -> None:
    figure, axes = panel()
    localization._attention(figure, axes, shown(), Attention(WORDS, WEIGHTS), 20.0)
    [image] = axes.images
    np.testing.assert_allclose(image.get_array(), 40 * WEIGHTS.T)
    assert image.get_array().mean() == pytest.approx(1.0)
    assert image.get_extent() == [0, 2.0, 3.5, -0.5]
    colours = [label.get_color() for label in axes.get_yticklabels()]
    assert colours == [PARTS[0], PARTS[0], NO_PART, PARTS[1]]
    assert [line.get_xdata().tolist() for line in axes.lines] == [[0, 0.5], [0, 0.5], [0.5, 2.0]]


def test_bodies_stand_at_their_times_and_left_is_left() -> None:
    _, axes = panel()
    localization._bodies(axes, shown(), 20.0)
    heads = [
        head.get_center() for head in axes.patches if hasattr(head, "get_center") and hasattr(head, "angle")
    ]
    heads = [centre for centre in heads if centre[1] > 1]
    assert len(heads) == localization.MOST_BODIES
    assert np.diff([x for x, _ in heads]) == pytest.approx(0.2, abs=0.05)
    left = [line for line in axes.lines if line.get_color() == localization.LEFT]
    # At the end the left hand is up, at the right of its head as who stands before it sees it.
    top = max(left, key=lambda line: max(line.get_ydata()))
    assert max(top.get_ydata()) > heads[-1][1]
    assert top.get_xdata()[np.argmax(top.get_ydata())] > heads[-1][0]


def test_as_many_bodies_as_do_not_touch() -> None:
    """Seen from where an arm's breadth is 1 m, in a drawing of 0.1 m a frame."""
    seen = np.zeros((60, 2, 3))
    assert len(localization._moments(seen, 0.1)) == localization.MOST_BODIES
    # Five bodies stand 12 frames apart, and six ten.
    seen[:, 1, 0] = 1.0
    assert np.diff(localization._moments(seen, 0.1)).tolist() == [12] * 4
    seen[:, 1, 0] = 9.0
    assert len(localization._moments(seen, 0.1)) == localization.LEAST_BODIES


class Captions(list[dict[str, Any]]):
    """A localized split."""

    is_localized = True

    @property
    def captions(self) -> Captions:
        return self

    @property
    def motions(self) -> list[np.ndarray]:
        return [joints_to_features(raising(frames=41), HUMANML3D) for _ in self]

    def __getitem__(self, key: Any) -> Any:
        return [row[key] for row in self] if isinstance(key, str) else super().__getitem__(key)


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> Captions:
    rows = Captions(
        [
            {"id": "a", "caption": "he waits", "sub_texts": ["he waits"], "segments": [[0, 40]]},
            {"id": "b", "caption": "he waves, then sits", "sub_texts": ["he waves", "sits"], "segments": [[0, 10], [10, 40]]},
            {"id": "b", "caption": r"$\frac{$", "sub_texts": [r"$\frac{$"], "segments": [[0, 40]]},
        ]
    )  # fmt: skip
    found = SimpleNamespace(splits={"test": rows}, kind=HUMANML3D)
    monkeypatch.setattr(run_localization, "open_corpus", lambda data: found)
    return rows


def test_the_caption_with_most_parts_is_drawn_or_the_one_that_is_named(
    corpus: Captions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[LocalizedMotion] = []
    model = SimpleNamespace(
        word_attention=lambda caption, motion: {"words": WORDS, "weights": torch.tensor(WEIGHTS.T)}
    )
    monkeypatch.setattr("mate_hf.runs.model.open_model", lambda run, which, device: model)
    monkeypatch.setattr(run_localization, "draw_localization", lambda shown, place, fps: drawn.append(shown))
    plot_localization("data", tmp_path / "a.png", run="run")
    plot_localization("data", tmp_path / "a.png", clip="a")
    plot_localization("data", tmp_path / "a.png", row=2)
    assert [shown.caption for shown in drawn] == ["he waves, then sits", "he waits", r"$\frac{$"]
    assert drawn[0].parts == [0, 0, None, 1]
    assert drawn[0].attention is not None
    np.testing.assert_allclose(drawn[0].attention.weights, WEIGHTS)
    assert drawn[1].attention is None
    np.testing.assert_allclose(drawn[0].joints, raising(frames=41)[:40], atol=2e-3)


def test_a_file_is_written_and_strangers_text_is_no_formula(corpus: Captions, tmp_path: Path) -> None:
    assert plot_localization("data", tmp_path / "a.png", row=2).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"out": "a.gif"}, "stands still; expected .png, .svg or .pdf"),
        ({"split": "val"}, "no split 'val'; it has test"),
        ({"row": 3}, "row: 3; data, split test has 3 captions"),
        ({"clip": "c"}, "clip: 'c' is not in data, split test, which begins with 'a'"),
        ({"clip": "a", "row": 0}, "leave one out"),
    ],
)
def test_what_does_not_fit_is_named(
    corpus: Captions, tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    out = tmp_path / settings.pop("out", "a.png")
    with pytest.raises(MateError, match=said):
        plot_localization("data", out, **settings)
    corpus.is_localized = False
    with pytest.raises(MateError, match="mate localize"):
        plot_localization("data", tmp_path / "a.png")
    assert not list(tmp_path.iterdir())
