"""The page: a tab a question, each with its fields above and its answer below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mate_hf.explorer import fragments as html
from mate_hf.explorer.acting import LONGEST, SHORTEST
from mate_hf.explorer.answers import (
    BEST,
    called,
    caption_answer,
    file_search,
    generation_answers,
    motion_search,
    sentence_search,
    swap_answer,
    word_answer,
)
from mate_hf.explorer.gallery import Gallery
from mate_hf.explorer.gradio_extra import open_gradio
from mate_hf.explorer.localizing import rules
from mate_hf.explorer.opening import Explored
from mate_hf.explorer.swapping import swaps_of

PROMPT, WORD = "a person raises the left arm", "left"
SECONDS, SEED = 6, 0

MOST_LISTED = 500
"""Motions in a list; others can be named."""


class Asking:
    """Fields, a button and an answer; a question waits for those before it of the same `turn`.

    Every question carries all that it needs and leaves nothing behind, so that pages know nothing of one another.
    """

    def __init__(self, gr: Any, turn: str) -> None:
        self.gr, self.turn = gr, turn

    def answer(self, initial: str = "") -> Any:
        """Where an answer comes to stand."""
        return self.gr.HTML(initial, apply_default_css=False)

    def when(self, events: Sequence[Any], ask: Any, fields: Sequence[Any], answer: Any, name: str) -> None:
        """Ask when something happens."""
        self.gr.on(
            list(events),
            ask,
            list(fields),
            answer,
            api_name=name,
            api_visibility="undocumented",
            concurrency_id=self.turn,
            concurrency_limit=1,
            show_progress="full",
        )


def build_page(explored: Explored) -> Any:
    """A `gradio.Blocks` that is not served yet."""
    gr = open_gradio()
    with gr.Blocks(
        title=f"{explored.name} · mate explore", analytics_enabled=False, delete_cache=(60, 600)
    ) as page:
        missing = map(html.quiet, explored.missing)
        _said(gr, f"<h1>{html.text(explored.name)}</h1>", *_counts(explored.gallery), *missing)
        reading, acting = Asking(gr, "reading"), Asking(gr, "acting")
        with gr.Tabs():
            if explored.gallery is not None:
                with gr.Tab("Caption"):
                    _caption_tab(reading, explored)
                with gr.Tab("Search"):
                    _search_tab(reading, explored)
            with gr.Tab("Words"):
                _words_tab(reading, explored)
            if explored.generators:
                with gr.Tab("Generate"):
                    _generation_tab(acting, explored)
    # In a Space gradio would set the Hub's header above the page, which asks other machines for fonts and for the Space.
    page.space_id = None
    return page


def _counts(gallery: Gallery | None) -> list[str]:
    if gallery is None:
        return []
    said = f"{len(gallery.clips)} motions and {len(gallery.sentences)} sentences of the {gallery.split_name} split."
    return [html.quiet(said)]


def first_caption(explored: Explored) -> str:
    """One to begin with: short, of several sub-texts, and with a word that has an opposite."""
    if explored.gallery is None:
        return PROMPT
    captions = [clip.captions[0] for clip in explored.gallery.clips[:200]]
    can = sorted((caption for caption in captions if swaps_of(caption)), key=len) or captions
    sizes = [len(found) for found in rules().decompose(can)]
    return next((caption for caption, size in zip(can, sizes, strict=True) if size > 1), can[0])


def _caption_tab(asking: Asking, explored: Explored) -> None:
    gr, first = asking.gr, first_caption(explored)
    caption = _line(gr, "Caption", first)
    motion = _motions(gr, explored)
    button = gr.Button("Read", variant="primary")
    answer = asking.answer(caption_answer(explored, first, BEST))

    def ask(caption: str, motion: str) -> str:
        return caption_answer(explored, caption, motion)

    asking.when([button.click, caption.submit], ask, [caption, motion], answer, "caption")


def _search_tab(asking: Asking, explored: Explored) -> None:
    gr = asking.gr
    _said(gr, html.heading("Motions for a sentence"))
    sentence = _line(gr, "Sentence", PROMPT)
    button = gr.Button("Find motions", variant="primary")
    motions = asking.answer()

    def find_motions(sentence: str) -> str:
        return sentence_search(explored, sentence)

    asking.when([button.click, sentence.submit], find_motions, [sentence], motions, "motions")

    _said(gr, html.heading("Sentences for a motion"))
    motion = _motions(gr, explored, best=False)
    with gr.Row():
        chosen = gr.Button("Find sentences", variant="primary")
        own = gr.UploadButton("Of a motion of your own (.npy)", file_types=[".npy"])
    sentences = asking.answer()

    def find_sentences(motion: str) -> str:
        return motion_search(explored, motion)

    def find_for_file(file: str | None) -> str:
        return file_search(explored, file)

    asking.when([chosen.click], find_sentences, [motion], sentences, "sentences")
    asking.when([own.upload], find_for_file, [own], sentences, "sentences_for_file")


def _words_tab(asking: Asking, explored: Explored) -> None:
    gr = asking.gr
    _said(gr, html.heading("A word turned into its opposite"))
    caption = _line(gr, "Caption", first_caption(explored))
    word = _line(gr, "Word to swap", "", "empty: the first that has an opposite")
    motions = [] if explored.gallery is None else [_motions(gr, explored)]
    swap = gr.Button("Swap", variant="primary")
    changed = asking.answer()

    def swap_word(caption: str, word: str, motion: str = BEST) -> str:
        return swap_answer(explored, caption, word, motion)

    events = [swap.click, caption.submit, word.submit]
    asking.when(events, swap_word, [caption, word, *motions], changed, "swap")

    _said(gr, html.heading("Neighbours of a word"))
    asked = _line(gr, "Word", WORD)
    button = gr.Button("Show neighbours", variant="primary")
    near = asking.answer(word_answer(explored, WORD))

    def neighbours(word: str) -> str:
        return word_answer(explored, word)

    asking.when([button.click, asked.submit], neighbours, [asked], near, "neighbours")


def _generation_tab(asking: Asking, explored: Explored) -> None:
    gr = asking.gr
    names = [generator.name for generator in explored.generators]
    same = ", each from the same noise" if len(names) > 1 else ""
    _said(gr, html.quiet(f"By {' and '.join(names)}{same}."))
    prompt = _line(gr, "Sentence", PROMPT)
    seconds = gr.Slider(SHORTEST, LONGEST, SECONDS, step=0.5, label="Seconds")
    seed = gr.Number(SEED, label="Seed", precision=0)
    button = gr.Button("Generate", variant="primary")
    made = asking.answer()

    def generate(prompt: str, seconds: float, seed: float, progress: Any = gr.Progress()) -> Iterator[str]:  # noqa: B008
        progress(0, desc=f"{names[0]} is acting")
        for done, answer in generation_answers(explored, prompt, seconds, seed):
            if done < len(names):
                progress(done / len(names), desc=f"{names[done]} is acting")
            yield answer

    asking.when([button.click, prompt.submit], generate, [prompt, seconds, seed], made, "generate")


def _said(gr: Any, *parts: str) -> None:
    gr.HTML(html.answer(*parts), apply_default_css=False)


def _line(gr: Any, label: str, value: str, info: str | None = None) -> Any:
    return gr.Textbox(value, label=label, info=info, lines=1, max_lines=1)


def _motions(gr: Any, explored: Explored, best: bool = True) -> Any:
    gallery = explored.motions
    listed = [called(gallery, place) for place in range(min(len(gallery.clips), MOST_LISTED))]
    more = len(gallery.clips) - len(listed)
    return gr.Dropdown(
        [BEST, *listed] if best else listed,
        value=BEST if best else listed[0],
        label="Motion",
        info=f"{more} more can be named" if more else None,
        allow_custom_value=True,
    )
