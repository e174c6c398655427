"""What `mate push --space` uploads: the explorer of a run, as a Space that opens by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from sys import version_info
from typing import Any

from huggingface_hub import SpaceCardData

from mate_hf.errors import MateError
from mate_hf.explorer.acting import MOST_GENERATORS
from mate_hf.explorer.gradio_extra import require_gradio
from mate_hf.explorer.opening import QUICKSTART_RETRIEVAL, open_explored, run_folder
from mate_hf.exports.report import REPORT_FILE, list_files
from mate_hf.generation.pipeline import MotionPipeline
from mate_hf.hub.card import base_name, licence_of_base
from mate_hf.hub.generator_repository import write_with_encoder
from mate_hf.hub.names import is_on_hub
from mate_hf.hub.requirements import requirements
from mate_hf.hub.space_arguments import Argument, Place, as_code, given_here
from mate_hf.hub.space_corpus import SpaceCorpus, choose_corpus
from mate_hf.hub.templates import fill_template
from mate_hf.retrieval.retriever import open_retriever, save_retrieval_model
from mate_hf.runs.fetched import names_folder
from mate_hf.runs.folder import BEST, RunFolder
from mate_hf.runs.model import save_model
from mate_hf.runs.trained import Trained, open_trained
from mate_hf.text.encoder_files import TEXT_ENCODER, write_encoder
from mate_hf.text.encoders import PACKAGE_PREFIX
from mate_hf.utils.files import write_json
from mate_hf.utils.markdown import code, plain
from mate_hf.utils.named_paths import named_path
from mate_hf.utils.terminal import note

CARD, TEMPLATE = "space_card.md", "space_app.py.jinja"
APP, REQUIREMENTS = "app.py", "requirements.txt"
RUN, RETRIEVAL, STOCK, GENERATORS, DATA = "run", "retrieval", "stock", "generators", "data"
"""Folders of the Space; the run's own is called as the Space is."""


@dataclass
class Space:
    """A Space while it is written.

    Attributes:
        repo_id: its name on the Hub.
        folder: that it is written to.
        arguments: of `explore`.
        parts: of the card's table.
        models, datasets: Hub ids for its head.
        encoders: names of text encoders that stay where they are.
    """

    repo_id: str
    folder: Path
    arguments: dict[str, Argument | list[Argument]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    datasets: list[str] = field(default_factory=list)
    encoders: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Without its owner."""
        return self.repo_id.rpartition("/")[2]

    def stays(self, encoder: str | None) -> bool:
        """Whether an encoder is found there by its name alone: on the Hub, or in a package, which then is required."""
        if encoder is None or not (is_on_hub(encoder) or encoder.startswith(PACKAGE_PREFIX)):
            return False
        self.encoders.append(encoder)
        if is_on_hub(encoder):
            self.models.append(encoder)
        return True


def write_space(
    run: str | Path,
    repo_id: str,
    folder: Path,
    which: str = "best",
    base: str | None = None,
    data: str | None = None,
    with_data: bool = False,
    generator: Sequence[str] = (),
    retrieval: str | None = None,
    split: str = "test",
) -> str:
    """Write all of the Space but its README.md to `folder`, and open it as its `app.py` will.

    Args:
        run, which, base, generator, retrieval, split: see `mate_hf.explore`; a generator or a retrieval model of this machine travels,
            one of the Hub is named.
        data: Hub id of the corpus, or, `with_data`, a folder.

    Returns:
        Its README.md.

    Raises:
        MateError: what is named does not open, a corpus that may not travel, or no gradio.
    """
    # Its version stands in the head.
    require_gradio()
    record = run_folder(Path(run))
    corpus = choose_corpus(record, data, with_data)
    trained = open_trained(record.path, which, base)
    space = Space(repo_id, folder)
    folder.mkdir(parents=True)
    _write_run(space, trained)
    _write_stock(space, trained)
    _write_generators(space, generator, which)
    _write_corpus(space, corpus, split)
    if corpus is not None:
        _write_retrieval(space, record, retrieval, which)
    elif retrieval is not None:
        raise MateError(
            f"retrieval {retrieval}: it cuts motions, and the Space has no corpus. Name one: --data."
        )
    given: Any = {name: given_here(value, folder) for name, value in space.arguments.items()}
    explored = open_explored(**given)
    # Where it is built is nobody's business.
    missing = [line.replace(f"{folder}/", "") for line in explored.missing]
    for line in missing:
        note(f"{repo_id}: {line}")
    arguments = {name: as_code(value) for name, value in space.arguments.items()}
    (folder / APP).write_text(fill_template(TEMPLATE, {"arguments": arguments}), encoding="utf-8")
    (folder / REQUIREMENTS).write_text(requirements("explore", space.encoders), encoding="utf-8")
    write_json(folder / REPORT_FILE, {"format": "space", "base": None, "files": list_files(folder)})
    return _card(space, trained, explored.base is None, missing)


def _write_run(space: Space, trained: Trained) -> None:
    if trained.vocabulary is None:
        raise MateError(
            f"{trained.folder}: no vocabulary.json beside the weights; the page needs to know which words were trained."
        )
    run = RunFolder(space.folder / RUN / space.name)
    run.path.mkdir(parents=True)
    model = trained.model
    save_model(model, model.state_dict(), trained.tokenizer, trained.vocabulary, run.path / BEST)
    space.arguments["run"] = Place((RUN, space.name))
    space.parts["tuned encoder, motion encoder, words"] = code(f"{RUN}/{space.name}", in_table=True)
    if space.stays(trained.base_name):
        settings = {"text_encoder": trained.base_name, "text_encoder_revision": trained.base_revision}
        run.write_settings({name: value for name, value in settings.items() if value is not None})


def _write_stock(space: Space, trained: Trained) -> None:
    if trained.base_name is None:
        return
    if trained.base_name in space.encoders:
        space.parts["stock encoder"] = base_name(trained)
        return
    try:
        stock = trained.base
    except MateError:
        # The page says so at its top, and so does the command.
        return
    write_encoder(stock, space.folder / STOCK)
    space.arguments["base"] = Place((STOCK,))
    space.parts["stock encoder"] = code(STOCK, in_table=True)


def _write_generators(space: Space, given: Sequence[str], which: str) -> None:
    if len(given) > MOST_GENERATORS:
        raise MateError(f"generator: {len(given)} given; expected at most {MOST_GENERATORS}.")
    written: list[Argument] = []
    for number, (name, path) in enumerate(map(named_path, given), 1):
        if not names_folder(path):
            written.append(f"{name}={path}")
            space.models.append(path)
            space.parts[f"generator {plain(name)}"] = f"[{path}](https://huggingface.co/{path})"
            continue
        place = f"{GENERATORS}/{number}"
        pipe = MotionPipeline.from_pretrained(path, which)
        reference = write_with_encoder(pipe, RunFolder(Path(path)).model(which), space.folder / place)
        if reference is not None:
            space.models.append(reference.name)
        written.append(Place((GENERATORS, str(number)), f"{name}="))
        space.parts[f"generator {plain(name)}"] = code(place, in_table=True)
    if written:
        space.arguments["generator"] = written


def _write_corpus(space: Space, corpus: SpaceCorpus | None, split: str) -> None:
    if corpus is None:
        return
    space.arguments["split"] = split
    if corpus.hub_id is not None:
        space.datasets.append(corpus.hub_id)
        space.arguments["data"] = corpus.hub_id
        space.parts["motions"] = f"[{corpus.hub_id}](https://huggingface.co/datasets/{corpus.hub_id})"
        return
    corpus.write(space.folder / DATA)
    space.arguments["data"] = Place((DATA,))
    space.parts["motions"] = f"{code(DATA, in_table=True)}, under the licence in it"


def _write_retrieval(space: Space, run: RunFolder, named: str | None, which: str) -> None:
    if named is not None and not names_folder(named):
        space.arguments["retrieval"] = named
        space.models.append(named)
        space.parts["retrieval model"] = f"[{named}](https://huggingface.co/{named})"
        return
    try:
        source = run.path.resolve().parent / QUICKSTART_RETRIEVAL if named is None else Path(named)
        retriever = open_retriever(source, which)
    except MateError:
        if named is not None:
            raise
        return
    model, place = retriever.model, space.folder / RETRIEVAL
    stays = space.stays(model.config.text_encoder)
    if not stays:
        model.config.text_encoder, model.config.text_revision = TEXT_ENCODER, None
    save_retrieval_model(model, place)
    if not stays:
        write_encoder(retriever.encoder, place / TEXT_ENCODER)
    space.arguments["retrieval"] = Place((RETRIEVAL,))
    space.parts["retrieval model"] = code(RETRIEVAL, in_table=True)


def _card(space: Space, trained: Trained, no_base: bool, missing: Sequence[str]) -> str:
    gone = trained.base_name if no_base else None
    head = SpaceCardData(
        title=space.name,
        sdk="gradio",
        sdk_version=version("gradio"),
        python_version=f"{version_info.major}.{version_info.minor}",
        app_file=APP,
        license=licence_of_base(trained),
        models=[name for name in dict.fromkeys(space.models) if name != gone] or None,
        datasets=space.datasets or None,
        tags=["text-to-motion", "motion", "mate"],
    )
    context = {
        "card_data": head.to_yaml(),
        "name": space.name,
        "repo_id": space.repo_id,
        "base_name": base_name(trained),
        "parts": space.parts,
        "missing": [plain(line) for line in missing],
    }
    return fill_template(CARD, context)
