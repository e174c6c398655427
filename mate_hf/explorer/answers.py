"""What the page shows for each question: an answer in HTML, or a sentence that says why there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from mate_hf.errors import MateError
from mate_hf.explorer import fragments as html
from mate_hf.explorer.acting import Acted, act, scene_of_acted
from mate_hf.explorer.gallery import Found, Gallery
from mate_hf.explorer.opening import Explored
from mate_hf.explorer.reading import read_caption, scene_of_reading
from mate_hf.explorer.swapping import cosines_of, scene_of_swap, swap_of, try_swap
from mate_hf.explorer.typed import typed_sentence, typed_word
from mate_hf.explorer.word_neighbours import Neighbours
from mate_hf.motion_files.reading import Motion
from mate_hf.plotting.scene import MOST_MOTIONS, scene_of

Asked = ParamSpec("Asked")

LISTED = 10
"""Of a search."""

BEST = "the motion that goes with it best"
"""Of the list of motions: none in particular."""


def or_refusal(answer: Callable[Asked, str]) -> Callable[Asked, str]:
    """An answer that says in its place why there is none."""

    @wraps(answer)
    def run(*args: Asked.args, **kwargs: Asked.kwargs) -> str:
        try:
            return answer(*args, **kwargs)
        except MateError as error:
            return html.answer(html.refusal(str(error)))

    return run


def called(gallery: Gallery, place: int) -> str:
    """A clip in the list of motions."""
    clip = gallery.clips[place]
    return f"{clip.name}: {clip.captions[0]}"


def _quoted(gallery: Gallery, place: int) -> str:
    """A clip within a sentence."""
    clip = gallery.clips[place]
    return f"{clip.name} (“{clip.captions[0]}”)"


def place_of(gallery: Gallery, chosen: str | None) -> int | None:
    """The clip that was chosen in the list, or whose name was typed there; None for the best.

    Raises:
        MateError: no such clip.
    """
    named = (chosen or "").strip()
    return None if named in ("", BEST) else gallery.place_of(named.partition(":")[0].strip())


@or_refusal
def caption_answer(explored: Explored, caption: str | None, chosen: str | None) -> str:
    """A caption over a motion."""
    gallery = explored.motions
    sentence = _sentence(explored, caption)
    found = read_caption(gallery, explored.localizer, sentence, place_of(gallery, chosen))
    frames, fps = len(found.motion.joints), found.motion.fps
    parts = [
        html.said(
            f"Over {_quoted(gallery, found.place)}: cosine {found.score:.2f}, rank {found.rank} of {len(gallery.clips)} motions."
        ),
        html.player(scene_of_reading(found), f"A motion: {gallery.clips[found.place].captions[0]}"),
        html.heading("Sub-texts and where they lie"),
    ]
    if found.segments:
        parts.append(html.spans(found.sub_texts, found.segments, frames, fps))
    else:
        parts += [html.said("; ".join(found.sub_texts)), _missing(explored, "Segments")]
    parts += [
        html.heading("Where each word looks"),
        html.looks(found.attention.words, found.attention.weights, found.parts, fps),
        html.quiet(
            "Darker: more attention than if all frames were alike. The dot is the colour of the word's sub-text."
        ),
    ]
    return html.answer(*parts)


@or_refusal
def sentence_search(explored: Explored, sentence: str | None) -> str:
    """Motions for a sentence."""
    gallery = explored.motions
    feature = gallery.sentence_feature(_sentence(explored, sentence))
    found = gallery.motions_for(feature, LISTED)
    shown = found[:MOST_MOTIONS]
    scene = scene_of(
        [gallery.motion(one.place) for one in shown],
        [f"{number}. {gallery.clips[one.place].name}" for number, one in enumerate(shown, 1)],
    )
    rows = [
        (number, f"{one.score:.2f}", gallery.clips[one.place].name, gallery.clips[one.place].captions[0])
        for number, one in enumerate(found, 1)
    ]
    return html.answer(
        html.said(f"The nearest of {len(gallery.clips)} motions; the first {len(shown)} play."),
        html.player(scene, "The nearest motions", tall=True),
        html.table(("rank", "cosine", "motion", "what is told of it"), rows),
    )


@or_refusal
def motion_search(explored: Explored, chosen: str | None) -> str:
    """Sentences for a motion of the split."""
    gallery = explored.motions
    place = place_of(gallery, chosen)
    if place is None:
        raise MateError("No motion is chosen. Choose one of the list.")
    clip = gallery.clips[place]
    found = gallery.sentences_for(gallery.clip_feature(place), LISTED)
    return _sentences(gallery, gallery.motion(place), clip.name, found, clip.captions)


@or_refusal
def file_search(explored: Explored, file: str | None) -> str:
    """Sentences for somebody's own motion, whose file is removed once it is read."""
    if file is None:
        raise MateError("No file came. Choose a .npy of joints or features.")
    path, gallery = Path(file), explored.motions
    try:
        motion, features = gallery.own(path)
    except MateError as error:
        raise MateError(str(error).replace(str(path), path.name)) from error
    finally:
        path.unlink(missing_ok=True)
    found = gallery.sentences_for(gallery.motion_feature(features), LISTED)
    return _sentences(gallery, motion, path.name, found, ())


def _sentences(
    gallery: Gallery, motion: Motion, name: str, found: Sequence[Found], own: Sequence[str]
) -> str:
    said = [(one.score, gallery.sentences[one.place]) for one in found]
    rows = [
        (number, f"{score:.2f}", "yes" if sentence in own else "", sentence)
        for number, (score, sentence) in enumerate(said, 1)
    ]
    told = [html.quiet(f"Told of it: {'; '.join(f'“{caption}”' for caption in own)}.")] if own else []
    return html.answer(
        html.said(f"The nearest of {len(gallery.sentences)} sentences to {name}."),
        html.player(scene_of([motion], [name]), f"The motion {name}"),
        *told,
        html.table(("rank", "cosine", "told of it", "sentence"), rows),
    )


@or_refusal
def swap_answer(explored: Explored, caption: str | None, word: str | None, chosen: str | None) -> str:
    """A caption and its opposite over one motion; without a corpus, as the encoders have them."""
    sentence = _sentence(explored, caption)
    named = typed_word(word) if (word or "").strip() else ""
    gallery = explored.gallery
    if gallery is None:
        alone = swap_of(sentence, named)
        cosines = cosines_of(explored.trained, explored.base, sentence, alone.caption)
        return html.answer(
            html.said(f"“{alone.word}” becomes “{alone.opposite}”: “{alone.caption}”."),
            html.said(_cosines(*cosines)),
        )
    found = try_swap(gallery, explored.trained, explored.base, sentence, named, place_of(gallery, chosen))
    swapped, count = found.swapped, len(gallery.clips)
    sides = [
        (f"{side.score:.2f}", f"{side.rank} of {count}", side.caption) for side in (found.before, found.after)
    ]
    parts = [
        html.said(f"“{swapped.word}” becomes “{swapped.opposite}”, over {_quoted(gallery, found.place)}."),
        html.table(("cosine with the motion", "its rank", "sentence"), sides),
        html.said(_cosines(found.stock_cosine, found.tuned_cosine)),
        html.player(scene_of_swap(found), "The motion twice, with the words of each sentence", tall=True),
    ]
    before, after = found.before.attention, found.after.attention
    words = list(zip(before.words, after.words, strict=True))
    parts += [
        html.heading("Where each word looked, and looks now"),
        html.changes(words, before.weights, after.weights),
        html.quiet(
            "Above as it was, below with the opposite. At the right: how much of a word's attention went elsewhere."
        ),
    ]
    return html.answer(*parts)


def _cosines(stock: float | None, tuned: float) -> str:
    by_tuned = f"{tuned:.3f} by the tuned one"
    by_stock = "" if stock is None else f"{stock:.3f} by the stock encoder, "
    return f"Cosine of both sentences with one another: {by_stock}{by_tuned}."


@or_refusal
def word_answer(explored: Explored, word: str | None) -> str:
    """The neighbours of a word before and after tuning."""
    found = explored.words.neighbours(typed_word(word))
    parts = []
    if not found.known:
        parts.append(
            html.said(
                f"“{found.word}” is in no training caption, so nothing taught it; it is read as {' '.join(found.pieces)}."
            )
        )
    parts.append(_neighbours(found))
    if found.stock is None:
        parts.append(_missing(explored, "The stock encoder"))
    if found.opposites:
        rows = [
            (opposite, "–" if stock is None else f"{stock:.2f}", f"{tuned:.2f}")
            for opposite, (stock, tuned) in found.opposites.items()
        ]
        parts += [
            html.heading(f"Opposites of “{found.word}”"),
            html.table(("opposite", "cosine, stock", "cosine, tuned"), rows),
        ]
    return html.answer(*parts)


def _neighbours(found: Neighbours) -> str:
    lists = [ranked for ranked in (found.stock, found.tuned) if ranked is not None]
    heads = ["", *(["stock encoder"] if found.stock is not None else []), "tuned"]
    rows = [
        (number, *(f"{word} ({cosine:.2f})" for word, cosine in row))
        for number, row in enumerate(zip(*lists, strict=True), 1)
    ]
    return html.table(heads, rows)


def generation_answers(
    explored: Explored, prompt: str | None, seconds: float | None, seed: float | None
) -> Iterator[tuple[int, str]]:
    """How many generators have acted, and what there is to see: after each of them."""
    acted: list[Acted] = []
    try:
        encoder = explored.generators[0].pipe.encoder
        sentence = typed_sentence(prompt, encoder.tokenizer, encoder.max_length)
        for made in act(explored.generators, sentence, seconds, seed):
            acted.append(made)
            yield len(acted), _acted(acted, int(seed or 0))
    except MateError as error:
        yield len(acted), html.answer(html.refusal(str(error)))


def _acted(acted: Sequence[Acted], seed: int) -> str:
    parts = [html.player(scene_of_acted(acted), "What was made", tall=len(acted) > 1)]
    for made in acted:
        name = f"{_file_name(made.name)}_{_file_name(made.prompt)}_{seed}"
        parts += [
            *(html.quiet(f"{made.name}: {line}") for line in made.notes),
            html.download(made.bvh, f"{name}.bvh", "text/plain", f"{made.name}: BVH"),
            html.download(made.glb, f"{name}.glb", "model/gltf-binary", f"{made.name}: GLB"),
        ]
    return html.answer(*parts)


def _file_name(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_")[:40] or "motion"


def _sentence(explored: Explored, given: str | None) -> str:
    trained = explored.trained
    return typed_sentence(given, trained.tokenizer, trained.token_limit)


def _missing(explored: Explored, what: str) -> str:
    return "".join(html.quiet(line) for line in explored.missing if line.startswith(what))
