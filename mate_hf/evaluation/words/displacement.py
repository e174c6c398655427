"""How far training moved the rows of the embedding table, by class of word, and how much of it all rows share."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mate_hf.errors import MateError
from mate_hf.text.encoders import TextEncoder
from mate_hf.text.row_classes import MARKS, rows_of_words
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.text.word_classes import CLASSES

SHOWN = 10


def displacement_metrics(before: TextEncoder, after: TextEncoder, vocabulary: Vocabulary) -> dict[str, Any]:
    """How far rows moved; see `displacement` for what is counted.

    Raises:
        MateError: tables of different shapes.
    """
    stock, tuned = (encoder.embedding_rows.float().cpu().numpy() for encoder in (before, after))
    if stock.shape != tuned.shape:
        raise MateError(
            f"embedding tables of {stock.shape[0]} x {stock.shape[1]} and {tuned.shape[0]} x {tuned.shape[1]}: not the same "
            "encoder before and after. Name the base the run was trained from: --base."
        )
    rows = rows_of_words(after.tokenizer, vocabulary, np.flatnonzero((stock != tuned).any(1)).tolist())
    names = {row: str(after.tokenizer.convert_ids_to_tokens(row)) for row in rows}
    return displacement(stock, tuned, rows, names)


def displacement(
    stock: NDArray[np.floating[Any]],
    tuned: NDArray[np.floating[Any]],
    rows: dict[int, str],
    names: dict[int, str],
) -> dict[str, Any]:
    """Lengths of displacements over the median length of the stock table's rows, and what of them is one common shift.

    Args:
        stock, tuned: the table (tokens, width).
        rows: row -> class; classes of `CLASSES` and `MARKS`. names: row -> how it is shown.

    Returns:
        `scale`, that median length; `classes`: `all` and each class that has rows, with `rows`, `mean`, `median` and `largest`
        displacement, `common`, the percent of the rows' squared displacement that one shift of them all explains best (their
        mean displacement; 100 where all move alike, about 100 / rows where none knows of the other; None where nothing moved), and
        `common of all`, the percent explained by the mean displacement of all rows (below 0 where that leads away);
        `most`, the rows that moved most; `function over direction`, the ratio of the two means, None where either is absent or the second 0.
    """
    if not rows:
        return {}
    lengths = np.linalg.norm(stock.astype(np.float64), axis=1)
    scale = float(np.median(lengths)) or 1.0
    chosen = sorted(rows)
    moved = (tuned[chosen].astype(np.float64) - stock[chosen]) / scale
    distance = np.linalg.norm(moved, axis=1)
    shift = moved.mean(0)
    places: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(chosen):
        places[rows[row]].append(place)
    groups = {"all": list(range(len(chosen)))}
    groups |= {name: places[name] for name in (*CLASSES, MARKS) if name in places}
    classes = {
        name: {
            "rows": len(group),
            "mean": float(distance[group].mean()),
            "median": float(np.median(distance[group])),
            "largest": float(distance[group].max()),
            "common": _explained(moved[group], moved[group].mean(0)),
            "common of all": _explained(moved[group], shift),
        }
        for name, group in groups.items()
    }
    order = np.argsort(-distance, kind="stable")[:SHOWN].tolist()
    return {
        "scale": scale,
        "classes": classes,
        "most": [
            {
                "row": names[chosen[place]],
                "class": rows[chosen[place]],
                "displacement": float(distance[place]),
            }
            for place in order
        ],
        "function over direction": _ratio(classes, "function", "direction"),
    }


def _explained(moved: NDArray[np.float64], shift: NDArray[np.float64]) -> float | None:
    total = float((moved**2).sum())
    return None if total == 0 else 100 * (1 - float(((moved - shift) ** 2).sum()) / total)


def _ratio(classes: dict[str, dict[str, Any]], first: str, second: str) -> float | None:
    if first not in classes or second not in classes or classes[second]["mean"] == 0:
        return None
    return float(classes[first]["mean"] / classes[second]["mean"])
