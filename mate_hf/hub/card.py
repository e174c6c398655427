"""The model card, rendered from what the run and its evaluations recorded: no number is typed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCardData

from mate_hf.errors import MateError
from mate_hf.evaluation.words.neighbours import WORDS, Comparison, Ranked, compare_encoders
from mate_hf.exports.report import SHOWN, ExportReport
from mate_hf.hub.names import is_on_hub
from mate_hf.hub.pictures import CardPicture
from mate_hf.hub.results_tables import Result, read_result
from mate_hf.hub.templates import fill_template
from mate_hf.hub.training_facts import cell, provenance_rows, setting_rows
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.trained import Trained
from mate_hf.text.encoders import PACKAGE_PREFIX
from mate_hf.training.arguments import unlike_paper
from mate_hf.utils.markdown import plain
from mate_hf.utils.visible import one_line
from mate_hf.utils.yaml_files import read_front_matter

TEMPLATE = "model_card.md"
"""It stands at the top of a checkout, too."""

SHOWN_WORDS = 40


def render_card(
    repo_id: str,
    trained: Trained,
    report: ExportReport,
    run: Path,
    results: Sequence[Path] = (),
    pictures: Sequence[CardPicture] = (),
) -> str:
    """The card of an export.

    Args:
        repo_id: its name on the Hub.
        report: of the export.
        run: the run folder: `results.json`, `config.yaml`, and `retrieval.json` and `words.json` where it was evaluated.
        results: further files of `mate evaluate`.
        pictures: that lie in the repository.

    Raises:
        MateError: a results file that cannot be read.
    """
    beside = [path for path in (run / "retrieval.json", run / "words.json") if path.is_file()]
    evaluations = [read_result(path) for path in [*beside, *results]]
    licence = licence_of_base(trained)
    comparison: tuple[Comparison, int] | None = None
    not_compared = ""
    try:
        comparison = _comparison(trained)
    except MateError as error:
        not_compared = plain(str(error).splitlines()[0])
    known = RunFolder(run).settings()
    context = {
        "name": repo_id.rpartition("/")[2],
        "base_name": base_name(trained),
        "card_data": _card_data(repo_id, trained, evaluations, licence).to_yaml(),
        "difference": _difference(report, known),
        "doors": _doors(repo_id, trained, report.format),
        "training": _training(trained, known, RunFolder(run).results()),
        "results": evaluations,
        "changed": None if comparison is None else _changed(comparison, report, trained),
        "not_compared": not_compared,
        "pictures": pictures,
        "words": _words(trained),
        "half_precision": _half_precision(report),
        "licence": f"That of the base model: {plain(licence)}." if licence else "That of the base model.",
    }
    return fill_template(TEMPLATE, context)


def _card_data(
    repo_id: str, trained: Trained, evaluations: Sequence[Result], licence: str | None
) -> ModelCardData:
    results = [entry for evaluation in evaluations for entry in evaluation.model_index()]
    return ModelCardData(
        language="en",
        license=licence,
        library_name="transformers",
        base_model=trained.base_name if is_on_hub(trained.base_name) else None,
        tags=["text-to-motion", "motion", "mate", "text-encoder"],
        model_name=repo_id.rpartition("/")[2] if results else None,
        eval_results=results or None,
    )


def base_name(trained: Trained) -> str:
    """The base encoder in Markdown: a link where it stands on the Hub, and never the way to a folder."""
    if trained.base_name is None:
        return f"A {trained.model.config.text_config.model_type} text encoder"
    name = trained.base_name.removeprefix(PACKAGE_PREFIX)
    return (
        f"[{name}](https://huggingface.co/{name})" if is_on_hub(trained.base_name) else plain(Path(name).name)
    )


def _difference(report: ExportReport, settings: Mapping[str, Any]) -> str:
    if report.compared:
        if settings.get("trainable", "embeddings") == "embeddings" and not settings.get("first_layers"):
            return "Only embedding rows of words that occur in the training captions were trained."
        return "More than its embedding rows was trained (below)."
    rows = (
        f"{report.rows_changed:,} of its {report.rows:,} embedding rows, those of words that occur in the training captions, "
        "differ from the base model's"
    )
    layers = f"; so do {report.weights_changed:,} weights of its layers" if report.weights_changed else ""
    return f"{rows}{layers}."


def _doors(repo_id: str, trained: Trained, format: str) -> str:
    opened = f'from_pretrained("{repo_id}"'
    tokenizer = f"tokenizer = AutoTokenizer.{opened})"
    inside = _python("import mate_hf", f'clip_model = mate_hf.load("{repo_id}")')
    inside = f"Code that reaches inside CLIP:\n\n{inside}"
    sentence = _python(
        "from sentence_transformers import SentenceTransformer", f'SentenceTransformer("{repo_id}")'
    )
    doors = {
        "hf": [
            _python(
                "from transformers import AutoModel, AutoTokenizer", tokenizer, f"model = AutoModel.{opened})"
            ),
            *([inside] if trained.is_clip else []),
            sentence,
        ],
        "hf-clip": [
            _python(
                "from transformers import CLIPModel, AutoTokenizer", tokenizer, f"model = CLIPModel.{opened})"
            ),
            inside,
        ],
        "openai-clip": [
            _python(
                "import clip\nfrom huggingface_hub import hf_hub_download",
                f'clip_model, preprocess = clip.load(hf_hub_download("{repo_id}", "model.pt"), device="cpu", jit=False)',
            ),
            "Code that reads a file by `torch.load` takes the twin, `model.safetensors`:\n\n"
            + _python(
                "from huggingface_hub import hf_hub_download\nfrom safetensors.torch import load_file",
                f'state = load_file(hf_hub_download("{repo_id}", "model.safetensors"))',
            ),
            inside,
        ],
        "adapter": [
            _python(
                "from transformers import AutoModel", f"model = AutoModel.{opened})  # with peft installed"
            )
        ],
        "full": [
            _python(
                "from transformers import AutoModel", f"model = AutoModel.{opened}, trust_remote_code=True)"
            )
        ],
    }
    return "\n\n".join(doors[format])


def _python(imports: str, *lines: str) -> str:
    return "\n".join(["```python", imports, "", *lines, "```"])


def _training(trained: Trained, known: dict[str, Any], recorded: dict[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = {"base model": base_name(trained)}
    if trained.base_revision:
        rows["its revision"] = cell(trained.base_revision)
    rows |= setting_rows(known, ("trainable", "attention_prior", "epochs", "seed"))
    if known and (other := unlike_paper(known)):
        rows["settings that are not the paper's"] = ", ".join(
            f"{cell(f'{name}: {value}')} (paper: {papers})" for name, (value, papers) in other.items()
        )
    if recorded:
        rows["data hash"] = cell(recorded["data_hash"])
        rows["localized"] = "yes" if recorded.get("localized") else "no: a word's segment is the whole motion"
        rows |= provenance_rows(recorded)
    return rows


def _comparison(trained: Trained) -> tuple[Comparison, int]:
    among = (
        [] if trained.vocabulary is None else [word for word in trained.vocabulary.lemmas if word.isalpha()]
    )
    words = [word for word in WORDS if word in among]
    if not words:
        raise MateError("none of the words whose neighbours are shown occurs in the training captions.")
    return compare_encoders(trained.base, trained.encoder, words, among), len(among)


def _changed(found: tuple[Comparison, int], report: ExportReport, trained: Trained) -> dict[str, Any]:
    comparison, among = found
    most = ", ".join(
        f"{plain(word)} ({change:.2f})" for word, change in list(report.word_change.items())[:SHOWN]
    )

    def listed(ranked: Ranked) -> str:
        return plain(", ".join(f"{word} {cosine:.2f}" for word, cosine in ranked))

    return {
        "rows": f"Words that moved most, by the change of their embedding over its length: {most}."
        if most
        else "",
        "neighbours": [(plain(word), listed(b), listed(a)) for word, (b, a) in comparison.neighbours.items()],
        "pairs": [(" / ".join(pair), f"{b:.3f}", f"{a:.3f}") for pair, (b, a) in comparison.pairs.items()],
        "among": among,
    }


def _words(trained: Trained) -> str:
    if trained.vocabulary is None:
        return ""
    content = [word for word in trained.vocabulary.lemmas if word in trained.vocabulary.content]
    shown = plain(", ".join(content[:SHOWN_WORDS]))
    return f"Trained lemmas: {len(trained.vocabulary)}, most frequent first {shown}{', …' if len(content) > SHOWN_WORDS else ''}."


def _half_precision(report: ExportReport) -> str:
    if report.changed_entries_in_fp16 is None or report.changed_entries_in_fp16 > 99.5:
        return ""
    return f"In half precision {report.changed_entries_in_fp16:.1f} % of the changed entries still differ from the base model's."


def licence_of_base(trained: Trained) -> str | None:
    """What the base model's card says."""
    if (found := trained.base_file("README.md")) is None:
        return None
    try:
        licence = read_front_matter(found).get("license")
    except MateError:
        return None
    return one_line(licence) if isinstance(licence, str) else None
