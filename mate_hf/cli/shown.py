"""Results as a person reads them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from mate_hf.cli import shown_left_alone

if TYPE_CHECKING:
    from mate_hf.evaluation.words.neighbours import Comparison


def retrieval(results: dict[str, Any], console: Console) -> None:
    """A column a protocol."""
    protocols = results["protocols"]
    console.print(f"{'':20}" + "".join(f"{f'({name})':>10}" for name in protocols))
    for metric in results["metrics"]:
        console.print(f"{metric:20}" + "".join(f"{scores[metric]:10.2f}" for scores in protocols.values()))


def localization(results: dict[str, Any], console: Console) -> None:
    """A line a way of cutting."""
    for name, spread in results["metrics"]["seconds"].items():
        console.print(
            f"{name:16} {spread['mean']:6.3f} s  median {spread['median']:6.3f} s  of {spread['count']}"
        )


def words(metrics: dict[str, Any], console: Console) -> None:
    """Two tables, what was left alone, and a sentence for each further probe."""
    before = metrics.get("cosines_before", {})
    cosines = Table("mean cosine", "before", "after", title="Words and sentences")
    for name, probe in metrics["cosines"].items():
        was = f"{before[name]['mean']:.3f}" if before else "-"
        cosines.add_row(name.replace("_", " "), was, f"{probe['mean']:.3f}")
    swaps = Table("caption or its antonym negative", "choices", "right %", "margin", title="Swaps")
    for name, scores in metrics["swaps"].items():
        swaps.add_row(name, str(scores["count"]), f"{scores['accuracy']:.1f}", f"{scores['margin']:.3f}")
    console.print(cosines, swaps)
    shown_left_alone.words(metrics, console)
    for name, sentences in (
        ("paraphrases", _paraphrases),
        ("disentanglement", _disentanglement),
        ("grounding", _grounding),
    ):
        for line in sentences(metrics.get(name, {})):
            console.print(line)


def _paraphrases(found: dict[str, Any]) -> list[str]:
    if "R@1" not in found:
        return []
    return [
        f"Told in words that training never saw, {found['count']} captions find their motion among 32 in {found['R@1']:.1f} % "
        f"(in their own words {found['R@1 before']:.1f} %)."
    ]


def _disentanglement(found: dict[str, Any]) -> list[str]:
    if "auc" not in found:
        return []
    said, unsaid = found["contained"]["nearest"], found["absent"]["nearest"]
    return [
        f"What a word finds in a motion lies nearest to its own prototype in {said:.1f} % where the caption says the word, and "
        f"in {unsaid:.1f} % where it does not; said from unsaid is told with an AUC of {found['auc']:.1f} %."
    ]


def _grounding(found: dict[str, Any]) -> list[str]:
    if "pointing" not in found:
        return []
    lines = [
        f"A word's attention peaks inside the frames it speaks of in {found['pointing']:.1f} % of {found['words']} words (chance "
        f"{found['chance']:.1f} %)."
    ]
    if "pointing in context" in found:
        lines.append(
            f"With its caption around it: {found['pointing in context']:.1f} % (the order of the words alone would give "
            f"{found['pointing by order']:.1f} %)."
        )
    return lines


def generation(results: dict[str, Any], console: Console) -> None:
    """A line a metric, generated beside real."""
    console.print(
        f"{results['items']} motions, {results['dropped']} left out for their length; mean ± 95 % of the repeats"
    )
    for name, found in results["metrics"]["generated"].items():
        of_real = results["metrics"]["real"].get(name)
        beside = "" if of_real is None else f"   real {of_real['mean']:.3f} ± {of_real['half_width']:.3f}"
        console.print(f"{name:20} {found['mean']:8.3f} ± {found['half_width']:.3f}{beside}")
    for warning in results["warnings"]:
        console.print(f"warning: {warning}", markup=False)


def obedience(results: dict[str, Any], console: Console) -> None:
    """A line a class of prompt and probe, then how clean the motions are."""
    table = Table("kind of prompt", "probe", "prompts", "motions", "obeyed %", "95 %", title="Obedience")
    for name, whole in results["classes"].items():
        table.add_row(name, "all", *_estimate(whole))
        for probe, found in results["probes"][name].items():
            table.add_row("", probe, *_estimate(found))
        table.add_section()
    console.print(table)
    for name, found in results["told_apart"].items():
        console.print(
            f"{name}: of {found['prompts']} opposite prompts, {found['mean']:.1f} % of the bodies from the same noise differ as the words do"
        )
    for whose, found in results["quality"].items():
        console.print(
            f"{whose}: feet skate in {found['skating']['mean']:.1f} % of frames and slide {found['sliding']['mean']:.2f} cm a frame, "
            f"jerk {found['jerk']['mean']:.0f} m/s^3"
        )


def compared_obedience(results: dict[str, Any], console: Console) -> None:
    """A line a class of prompt and probe: each generator, and by how many points it differs from the first."""
    from mate_hf.evaluation.obedience.tables import part_of

    generators, differences = results["generators"], results["differences"]
    table = Table("kind of prompt", "probe", "prompts", "motions", title="Obedience, %")
    for generator in generators:
        table.add_column(generator["name"], justify="right")
        if generator is not generators[0]:
            table.add_column("points", justify="right")
            table.add_column("95 %")

    def row(of_class: str, probe: str | None) -> list[str]:
        found = [part_of(part, of_class, probe) for part in generators]
        cells = [*_estimate(found[0])[:3]]
        for whole, difference in zip(found[1:], differences, strict=True):
            cells += [
                _estimate(whole)[2],
                *_estimate(part_of(difference, of_class, probe), signed=True)[2:],
            ]
        return cells

    for name, probes in generators[0]["probes"].items():
        table.add_row(name, "all", *row(name, None))
        for probe in probes:
            table.add_row("", probe, *row(name, probe))
        table.add_section()
    console.print(table)
    for warning in results["warnings"]:
        console.print(f"warning: {warning}", markup=False)


def _estimate(found: dict[str, Any], signed: bool = False) -> list[str]:
    form = "+.1f" if signed else ".1f"
    between = "-" if found["low"] is None else f"{found['low']:{form}} to {found['high']:{form}}"
    return [str(found["prompts"]), str(found["motions"]), f"{found['mean']:{form}}", between]


def comparison(found: Comparison, console: Console) -> None:
    """Nearest words, and sentence pairs, before and after."""
    nearest = Table("word", "nearest before", "nearest after", title="Nearest words in the embedding table")
    for word, (before, after) in found.neighbours.items():
        nearest.add_row(
            word, *(", ".join(f"{other} {cosine:.2f}" for other, cosine in side) for side in (before, after))
        )
    pairs = Table("sentence pair", "cosine before", "after", title="Sentences that differ in one word")
    for (first, second), cosines in found.pairs.items():
        pairs.add_row(f"{first} / {second}", *(f"{cosine:.3f}" for cosine in cosines))
    console.print(nearest, pairs)
