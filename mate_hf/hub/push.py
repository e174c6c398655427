"""`mate push` and `mate pull`: an export or a generator with its card on the Hub, in one commit, and back."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from huggingface_hub import HfApi, constants, get_token, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import validate_repo_id

from mate_hf.errors import MateError
from mate_hf.exports.formats import export_trained
from mate_hf.exports.report import REPORT_FILE, list_files
from mate_hf.hub.card import render_card
from mate_hf.hub.generator_repository import is_generator, write_generator_repository
from mate_hf.hub.names import is_on_hub
from mate_hf.hub.pictures import FOLDER as PICTURES
from mate_hf.hub.pictures import draw_pictures
from mate_hf.runs.trained import Trained, open_trained
from mate_hf.utils.files import write_json
from mate_hf.utils.json_files import brief, read_json
from mate_hf.utils.outputs import EXPORT, Output
from mate_hf.utils.scratch import scratch_folder
from mate_hf.utils.terminal import note

README = "README.md"

MODEL, SPACE = "model", "space"
"""Kinds of repositories."""

_NETWORK_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    *(import_module(name).TransportError for name in ("httpx", "httpx2") if find_spec(name)),
)
"""What huggingface_hub lets through, by version: requests' errors are OSErrors, those of its later clients are not."""

_UPLOAD_ERRORS: tuple[type[Exception], ...] = (*_NETWORK_ERRORS, RuntimeError)


def push(
    run: str | Path,
    repo_id: str,
    format: str = "hf",
    which: str = "best",
    private: bool = False,
    revision: str | None = None,
    create_pr: bool = False,
    base: str | None = None,
    visual: str = "base",
    results: Sequence[Path] = (),
    replace_card: bool = False,
    prompt: str | None = None,
    space: bool = False,
    generator: Sequence[str] = (),
    data: str | None = None,
    with_data: bool = False,
    retrieval: str | None = None,
    split: str = "test",
) -> str:
    """Export a run, render its card, and upload both in one commit: a repository that opens, or none.

    A generator is uploaded with the text encoder that it was trained with; one that stands on the Hub itself is named instead.
    With `space` it is the run's page that is uploaded, as a Space (see `mate_hf.explore`).

    Args:
        run, format, which, base, visual: see `mate_hf.exports.export`. Of a generator, `base` is where its text encoder lies now,
            or by what Hub id it is to be known; `format` and `visual` have no meaning.
        repo_id: `organisation/name`; made where it does not exist.
        private: for a repository that is made now.
        revision: branch; made where it does not exist.
        create_pr: as a pull request.
        results: files of `mate evaluate` for the card, beside the run's own `retrieval.json`.
        replace_card: replace a README.md that stands on the Hub already.
        prompt: of a generator: what the picture on its card acts out.
        space: upload the page of `mate explore` as a Space, with all that it needs.
        generator, retrieval, split: of a Space, see `mate_hf.explore`. What lies on this machine travels, what is named by a Hub id stays there.
        data: of a Space, the Hub id of the dataset whose motions it shows; without one it has what needs no motion.
        with_data: of a Space: upload a corpus, the folder `data` or that of the run, which must say that it may be passed on.

    Returns:
        Where to look at it.

    Raises:
        MateError: no token, no right to that repository, no network, an invalid name, or an export that fails.
    """
    _validate(repo_id)
    token = _token()
    with scratch_folder("push") as scratch:
        folder = scratch / "export"
        if space:
            _require_none_of_an_export(format, visual, results, prompt)
            # Gradio's side of the house, which a model's upload has no need of.
            from mate_hf.hub.space import write_space

            card = write_space(
                run, repo_id, folder, which, base, data, with_data, generator, retrieval, split
            )
            what = "explorer"
        elif data or with_data or generator or retrieval:
            raise MateError(
                "push: --data, --with-data, --generator and --retrieval are of a Space. Add --space, or leave them out."
            )
        elif is_generator(run, which):
            _require_no_format(format)
            card = write_generator_repository(run, repo_id, folder, which, base, results, prompt)
            what = "generator"
        else:
            trained = open_trained(run, which, base)
            if format == "adapter":
                _require_base_on_hub(trained)
            report = export_trained(trained, folder, format, visual=visual)
            pictures = draw_pictures(trained, repo_id.rpartition("/")[2], folder)
            # A later push removes what this list names.
            report.files |= list_files(folder / PICTURES, folder)
            write_json(folder / REPORT_FILE, asdict(report))
            card = render_card(repo_id, trained, report, Path(run), results, pictures)
            what = f"{format} export"
        (folder / README).write_text(card, encoding="utf-8")
        kind = SPACE if space else MODEL
        return _upload(folder, kind, repo_id, token, what, private, revision, create_pr, replace_card)


def _upload(
    folder: Path,
    kind: str,
    repo_id: str,
    token: str,
    what: str,
    private: bool,
    revision: str | None,
    create_pr: bool,
    replace_card: bool,
) -> str:
    with _explained(repo_id):
        api = HfApi(token=token)
        # Asked for, not created blindly: who may only open pull requests may not create the repository.
        stood = api.repo_exists(repo_id, repo_type=kind)
        if not stood:
            sdk = "gradio" if kind == SPACE else None
            api.create_repo(repo_id, private=private, repo_type=kind, space_sdk=sdk)
        if revision is not None and not create_pr:
            api.create_branch(repo_id, branch=revision, exist_ok=True, repo_type=kind)
        where = None if create_pr else revision
        # The Hub begins a Space with a card of its own, which nobody wrote.
        keep = stood and not replace_card and api.file_exists(repo_id, README, repo_type=kind, revision=where)
        commit = api.upload_folder(
            repo_id=repo_id,
            repo_type=kind,
            folder_path=folder,
            commit_message=f"Upload the {what} of mate-hf",
            revision=revision,
            create_pr=create_pr,
            ignore_patterns=[README] if keep else None,
            delete_patterns=_earlier_export(api, kind, repo_id, where),
        )
    if keep and kind == SPACE:
        note(
            f"{repo_id}: its {README} stands, with the versions that its head names; --replace-card replaces it."
        )
    return commit.pr_url or f"{constants.ENDPOINT}/{'spaces/' if kind == SPACE else ''}{repo_id}"


def _require_none_of_an_export(format: str, visual: str, results: Sequence[Path], prompt: str | None) -> None:
    given = {"format": format != "hf", "visual": visual != "base", "results": results, "prompt": prompt}
    if said := [f"--{name}" for name, value in given.items() if value]:
        raise MateError(
            f"push --space: {', '.join(said)} of a model's upload; a Space has its page alone. Leave it out."
        )


def _require_no_format(format: str) -> None:
    if format != "hf":
        raise MateError(f"format {format}: of encoders; a generator has one form. Leave out --format.")


def _require_base_on_hub(trained: Trained) -> None:
    if not is_on_hub(trained.base_name):
        raise MateError(
            f"format adapter: its base encoder {trained.base_name} lies on this machine alone, and an adapter opens only where "
            "its base does. Name the base by its Hub id: --base."
        )


def _earlier_export(api: HfApi, kind: str, repo_id: str, revision: str | None) -> list[str]:
    """The files of an export that stands there already: left beside another format's, they would open in its place."""
    if not api.file_exists(repo_id, REPORT_FILE, repo_type=kind, revision=revision):
        return []
    report = api.hf_hub_download(repo_id, REPORT_FILE, repo_type=kind, revision=revision)
    remedy = f"Remove {REPORT_FILE} from {repo_id} on the Hub and push again."
    files = read_json(report, dict, remedy).get("files", {})
    if not isinstance(files, dict):
        raise MateError(f"{repo_id}: files in {REPORT_FILE} is {brief(files)}; expected an object. {remedy}")
    return [glob.escape(name) for name in files]


def pull(repo_id: str, out: str | Path, revision: str | None = None, overwrite: bool = False) -> Path:
    """Download a repository to the folder `out`, whole or not at all; from the cache where the Hub is offline.

    Args:
        repo_id: `organisation/name`.
        revision: branch, tag or commit.
        overwrite: replace an earlier output that stands at `out`.

    Raises:
        MateError: no such repository or revision, no network and nothing cached, or `out` exists.
    """
    _validate(repo_id)
    with Output(Path(out), EXPORT, overwrite).written() as fresh:
        # By way of the cache, where a broken download goes on and a finished one serves offline.
        with _explained(repo_id):
            cached = snapshot_download(repo_id, revision=revision)
        shutil.copytree(cached, fresh)
    return Path(out)


def _validate(repo_id: str) -> None:
    try:
        validate_repo_id(repo_id)
    except HFValidationError as error:
        raise MateError(
            f"{repo_id!r}: not a name on the Hub: {error}. Expected organisation/name."
        ) from error
    if "/" not in repo_id:
        raise MateError(f"{repo_id!r}: no organisation or user. Expected organisation/name.")


def _token() -> str:
    if constants.HF_HUB_OFFLINE:
        raise MateError("push: HF_HUB_OFFLINE is set. Unset it to reach the Hub.")
    token = get_token()
    if token is None:
        raise MateError("push: no token. Run `hf auth login`, or set HF_TOKEN to a token with write access.")
    return token


@contextmanager
def _explained(repo_id: str) -> Iterator[None]:
    """The Hub's failures as sentences that say what to do."""
    try:
        yield
    except RevisionNotFoundError as error:
        raise MateError(f"{repo_id}: no such revision on the Hub. Look at its branches and tags.") from error
    except RepositoryNotFoundError as error:
        raise MateError(
            f"{repo_id}: no such repository on {constants.ENDPOINT}, or a private one that your token may not see."
        ) from error
    except (OfflineModeIsEnabled, LocalEntryNotFoundError) as error:
        why = (
            "HF_HUB_OFFLINE is set, and it is not cached. Unset it."
            if constants.HF_HUB_OFFLINE
            else f"{constants.ENDPOINT} could not be reached, and it is not cached. Is the network up?"
        )
        raise MateError(f"{repo_id}: {why}") from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else None
        advice = {
            401: "the token is invalid. Run `hf auth login` again",
            403: "your token may not write there. Choose a repository of yours, take a token with write access, or pass "
            "--create-pr",
            409: "it was changed at the same time. Push again",
        }.get(status or 0, "the Hub refused. Nothing was changed there")
        raise MateError(
            f"{repo_id}: HTTP {status}: {advice}. {error.server_message or ''}".rstrip()
        ) from error
    except _UPLOAD_ERRORS as error:
        # A file that could not be uploaded is reported as a RuntimeError with its cause.
        if not isinstance(error.__cause__ if isinstance(error, RuntimeError) else error, _NETWORK_ERRORS):
            raise
        raise MateError(
            f"{repo_id}: {constants.ENDPOINT} could not be reached ({type(error).__name__}). Is the network up? Nothing was "
            "changed there; push again."
        ) from error
