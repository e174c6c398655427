"""Pictures of words show the numbers that they are given, each class in its look, contraries joined, no name over another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from mate_hf.plotting import (
    cosine_map,
    displacement_bars,
    feature_map,
    labels,
    word_frequencies,
    word_map,
)
from mate_hf.plotting.palette import CLASS_LOOKS, OKABE_ITO, in_order
from mate_hf.text.row_classes import MARKS
from mate_hf.text.word_classes import CLASSES
from mate_hf.utils.outputs import FILE, Output
from tests.plotting.pictures import kept_of

PLACE = Output(Path("none.png"), FILE)


def test_every_class_has_a_look_of_its_own() -> None:
    assert set(CLASS_LOOKS) == {*CLASSES, MARKS}
    for looks in zip(*CLASS_LOOKS.values(), strict=True):
        assert len(set(looks)) == len(CLASS_LOOKS)
    assert in_order(["zzz", "count", "motion", "count"]) == ["motion", "count", "zzz"]


def words(count: int = 12) -> word_map.MappedWords:
    random = np.random.default_rng(0)
    before, after = random.normal(size=(2, count, 6))
    before[1] = before[0] + [0.0, 0, 0, 0, 0, 0.1]
    after[1] = -after[0]
    names = ["left", "right", "$a_b$", *(f"word{number}" for number in range(count - 3))]
    classes = ["direction", "direction", *["motion"] * (count - 2)]
    return word_map.MappedWords(names, classes, before, after, [(0, 1)])


def test_a_map_shows_both_tables_joins_contraries_and_tells_their_cosine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = kept_of(word_map, monkeypatch)
    planes = np.random.default_rng(1).normal(size=(2, 12, 2))
    layout = word_map.lay_out(words().after)
    monkeypatch.setattr(word_map, "lay_out", lambda *tables: type(layout)(tuple(planes), "some t-SNE"))
    word_map.draw_word_map(words(), PLACE, "a title")
    panels = kept.figure.axes
    for panel, plane in zip(panels, planes, strict=True):
        [line] = panel.lines
        np.testing.assert_array_equal(line.get_xydata(), plane[:2])
        motion, direction = panel.collections
        np.testing.assert_array_equal(direction.get_offsets(), plane[:2])
        np.testing.assert_array_equal(motion.get_offsets(), plane[2:])
        assert to_hex(direction.get_facecolor()[0]) == CLASS_LOOKS["direction"][0]
    heading = [panel.get_title(loc="left") for panel in panels]
    cosine = float(np.dot(*words().before[:2]) / np.prod(np.linalg.norm(words().before[:2], axis=1)))
    assert heading == [
        f"stock encoder: contraries' cosine {cosine:.2f} on average",
        "after tuning: contraries' cosine -1.00 on average",
    ]
    assert any("some t-SNE, by cosine, 12 words, both from one start" in text for text in kept.texts)
    assert "$a_b$" in kept.texts


def test_without_a_stock_encoder_a_map_has_one_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(word_map, monkeypatch)
    whole = words()
    word_map.draw_word_map(word_map.MappedWords(whole.words, whole.classes, None, whole.after), PLACE)
    [panel] = kept.figure.axes
    assert panel.get_title(loc="left") == "after tuning"
    assert not any("one start" in text for text in kept.texts)


def test_no_name_covers_another_or_a_foreign_point() -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 4))
    panel = figure.subplots()
    points = np.array([[0.5, 0.5], [0.501, 0.5], [0.5, 0.501], [0.501, 0.501], [0.1, 0.1], [0.499, 0.5]])
    panel.set_xlim(0, 1)
    panel.set_ylim(0, 1)
    names = [f"a long name {number}" for number in range(6)]
    figure.draw_without_rendering()
    placed = labels.place_labels(panel, points, range(6), names)
    boxes = [text.get_window_extent() for text in panel.texts]
    assert "a long name 4" in placed
    assert len(boxes) == len(placed) < 6
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])


def test_a_map_of_cosines_has_each_where_its_words_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(cosine_map, monkeypatch)
    before = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0], [-3.0, 0.0]])
    cosine_map.draw_cosine_map(["up", "down", "left", "right"], before, -before, PLACE)
    stock, tuned, _ = kept.figure.axes
    half = 0.5**0.5
    expected = [[1, half, 0, -1], [half, 1, half, -half], [0, half, 1, 0], [-1, -half, 0, 1]]
    np.testing.assert_allclose(stock.images[0].get_array(), expected, atol=1e-12)
    np.testing.assert_allclose(tuned.images[0].get_array(), expected, atol=1e-12)
    frames = [(patch.get_x(), patch.get_y(), patch.get_width()) for patch in stock.patches]
    assert frames == [(-0.5, -0.5, 2), (1.5, 1.5, 2)]
    assert stock.get_title(loc="left") == f"stock encoder: framed contraries {half / 2:.2f} on average"
    assert [text.get_text() for text in stock.texts[:4]] == ["1.0", "0.7", "0.0", "-1.0"]


def test_displacement_has_a_bar_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(displacement_bars, monkeypatch)
    classes = {
        name: {"rows": rows, "mean": mean, "median": mean / 2, "largest": 2 * mean}
        for name, rows, mean in (("all", 9, 0.3), ("function", 4, 0.1), ("direction", 5, 0.5))
    }
    displacement_bars.draw_displacement({"classes": classes}, PLACE)
    [axes] = kept.figure.axes
    assert [bar.get_width() for bar in axes.patches] == [0.5, 0.1]
    median, largest = (points.get_offsets()[:, 0].tolist() for points in axes.collections)
    assert (median, largest) == ([0.25, 0.05], [1.0, 0.2])
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "direction (5 rows)",
        "function (4 rows)",
    ]
    assert "mean of all rows, 0.30" in kept.texts


def test_frequencies_are_bars_and_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(word_frequencies, monkeypatch)
    lemmas = [f"w{number}" for number in range(40)]
    counts = list(range(400, 0, -10))
    word_frequencies.draw_frequencies(lemmas, counts, ["motion", "count"] * 20, PLACE)
    bars, ranks = kept.figure.axes
    assert [bar.get_width() for bar in bars.patches] == counts[:30]
    assert [label.get_text() for label in bars.get_yticklabels()] == lemmas[:30]
    points = {tuple(point) for group in ranks.collections for point in group.get_offsets().tolist()}
    assert points == {(rank, count) for rank, count in enumerate(counts, 1)}
    share = 100 * sum(counts[::2]) / sum(counts)
    assert f"motion: 20 lemmas, {share:.0f} % of words" in kept.texts


def test_features_have_the_colour_of_their_lemma_and_its_prototype(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(feature_map, monkeypatch)
    plane = np.random.default_rng(0).normal(size=(8, 2))
    monkeypatch.setattr(
        feature_map, "lay_out", lambda rows, what: type("L", (), {"planes": (plane,), "method": "m"})()
    )
    features, prototypes = np.ones((6, 4)), np.zeros((2, 4))
    feature_map.draw_feature_map(["kick", "jog"], features, [0, 0, 1, 0, 1, 1], prototypes, [3, 9], PLACE)
    [axes] = kept.figure.axes
    kicks, kick, jogs, jog, _ = axes.collections
    np.testing.assert_array_equal(kicks.get_offsets(), plane[[0, 1, 3]])
    np.testing.assert_array_equal(jogs.get_offsets(), plane[[2, 4, 5]])
    np.testing.assert_array_equal(np.concatenate([kick.get_offsets(), jog.get_offsets()]), plane[6:])
    assert to_hex(kick.get_facecolor()[0]) == OKABE_ITO[0] == to_hex(kicks.get_facecolor()[0])
    assert {"kick (3)", "jog (3 of 9)", "prototype"} <= set(kept.texts)
