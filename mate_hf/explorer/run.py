"""`mate explore`: a run's page, until it is ended."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.explorer.gradio_extra import require_gradio
from mate_hf.explorer.opening import open_explored
from mate_hf.explorer.serving import HOST, served
from mate_hf.utils.terminal import note


def explore(
    run: str | Path,
    generator: str | Sequence[str] = (),
    data: str | Path | None = None,
    retrieval: str | Path | None = None,
    split: str = "test",
    base: str | None = None,
    which: str = "best",
    device: str = "cpu",
    host: str = HOST,
    port: int | None = None,
    no_browser: bool = False,
) -> None:
    """Serve a page on which a run is asked by hand: captions over motions, searches, words and their opposites, generators side by side.

    Returns when it is ended by Ctrl-C.

    Args:
        run: run folder of `mate train`, the folder of a quickstart, or the Hub id of what was pushed with `--format full`.
        generator: one or two runs of `mate train-generator` or `mate train-masked`, pipeline folders or Hub ids, each alone or as NAME=PATH.
        data: corpus whose motions are shown, see `open_corpus`; by default the one of the run; without one the page has
            what needs no motion.
        retrieval: run of `mate train-retrieval`, or a Hub id, that localizes sub-texts; by default `retrieval` beside the run.
        split: train, val or test.
        base: the text encoder the run was trained from, where it does not say or it lies elsewhere now.
        which: `best` or `last`, of all runs.
        device: where models are run: `cpu`, `cuda`, ...
        host: address to listen at; 0.0.0.0 lets other machines see it.
        port: None: the first free one from 7860 on.
        no_browser: say the address and open no browser.

    Raises:
        MateError: gradio is not installed, no run, what was named does not open, or the port is taken.
    """
    require_gradio()
    if port is not None and not 1 <= port <= 65535:
        raise MateError(f"port: {port}; expected 1 to 65535.")
    generators = [generator] if isinstance(generator, str) else list(generator)
    explored = open_explored(run, data, retrieval, generators, split, base, which, device)
    with served(explored, host, port, not no_browser) as address:
        note(f"{explored.name} is at {address} until Ctrl-C.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return
