"""What `mate evaluate words` finds of words that should have been left alone, as a person reads it in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def words(metrics: dict[str, Any], console: Console) -> None:
    """A table a measure, and one sentence; results of earlier versions have none."""
    from mate_hf.evaluation.words.left_alone import left_alone

    if found := metrics.get("displacement"):
        console.print(_displacement(found))
        most = ", ".join(f"{entry['row']} {entry['displacement']:.2f}" for entry in found["most"])
        console.print(f"Moved most: {most}.", markup=False)
    if found := metrics.get("unseen_words"):
        console.print(_unseen(found))
        console.print(_dropped(found["dropped"]))
        for half, kinds in found.get("apart", {}).items():
            if "all" in kinds:
                console.print(_apart(half, kinds["all"]))
    if found := metrics.get("retention"):
        console.print(_retention(found))
    if sentence := left_alone(metrics):
        console.print(sentence)


def _displacement(found: dict[str, Any]) -> Table:
    table = Table("class of word", "rows", "mean", "median", "largest", "common %", "of all %")
    table.title = "How far rows moved, in lengths of a row"
    for name, of_class in found["classes"].items():
        lengths = (f"{of_class[what]:.2f}" for what in ("mean", "median", "largest"))
        shares = (_share(of_class[what]) for what in ("common", "common of all"))
        table.add_row(name, str(of_class["rows"]), *lengths, *shares)
    return table


def _share(percent: float | None) -> str:
    return "-" if percent is None else f"{percent:.1f}"


def _unseen(found: dict[str, Any]) -> Table:
    table = Table("half", "kind", "probes", "stock %", "tuned %", "points", "95 %")
    table.title = "Unseen words: nearer to their synonym's sentence than to the antonym's"
    for half, kinds in found["halves"].items():
        for kind, of_kind in kinds.items():
            cells = [_percent(of_kind.get("before")), _percent(of_kind["after"])]
            difference = of_kind.get("difference")
            cells += [_percent(difference, "+.1f"), _between(difference)]
            table.add_row(half if kind == "all" else "", kind, str(of_kind["after"]["probes"]), *cells)
        table.add_section()
    return table


def _percent(found: dict[str, Any] | None, form: str = ".1f") -> str:
    return "-" if found is None else f"{found['mean']:{form}}"


def _between(found: dict[str, Any] | None) -> str:
    if found is None or found["low"] is None:
        return "-"
    return f"{found['low']:+.1f} to {found['high']:+.1f}"


def _dropped(found: dict[str, int]) -> str:
    return (
        f"Left out: {found['word trained']} whose word the captions hold, {found['contrast untrained']} with other words that they "
        "do not."
    )


def _apart(half: str, whole: dict[str, Any]) -> str:
    return (
        f"Of the latter, {whole['after']['probes']} of {half}: right in {_percent(whole['after'])} % (stock "
        f"{_percent(whole.get('before'))} %)."
    )


def _retention(found: dict[str, Any]) -> Table:
    table = Table(
        "measure",
        "value",
        "95 %",
        title=f"{found['sentences']} sentences of general English, stock and tuned",
    )
    for name, what, form in (
        ("cosine", "mean cosine with the stock self", ".4f"),
        ("cosine_p5", "its 5th percentile", ".4f"),
        ("rank_correlation", "rank correlation of all pairs' cosines", ".4f"),
        ("neighbours", "nearest 10 in common, %", ".1f"),
        ("common", "of their displacement one common shift, %", ".1f"),
    ):
        value = found[name]
        table.add_row(what, f"{value['mean']:{form}}", f"{value['low']:{form}} to {value['high']:{form}}")
    return table
