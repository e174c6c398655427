"""Where a number comes from: the command, the commit, the data, the seed, the versions."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mate_hf.data.corpus import Corpus
from mate_hf.utils.masked import masked
from mate_hf.utils.versions import commit, versions


def provenance(argv: Sequence[str], corpus: Corpus, seed: int) -> dict[str, Any]:
    """What every results file begins with; the command is empty where the library was called without one."""
    return provenance_of(argv, data_hash(corpus), seed)


def provenance_of(argv: Sequence[str], data: str, seed: int) -> dict[str, Any]:
    """`provenance` of data that is no corpus, by its own hash."""
    return {
        "command": masked(shlex.join([*map(_program, argv[:1]), *argv[1:]])),
        "commit": commit(),
        "data_hash": data,
        "seed": seed,
        "versions": versions(),
    }


def _program(path: str) -> str:
    """How a user calls it: `mate`, or a script of the checkout by its place there."""
    program, checkout = Path(path).resolve(), Path(__file__).resolve().parents[2]
    if program.name == "mate" or program.parent == checkout / "mate_hf" / "cli":
        return "mate"
    return str(program.relative_to(checkout)) if program.is_relative_to(checkout) else path


def data_hash(corpus: Corpus) -> str:
    """sha256 over ids, captions and lengths of every split and the feature statistics, which depend on every frame."""
    digest = hashlib.sha256()
    for name, split in sorted(corpus.splits.items()):
        digest.update(name.encode())
        for column in ("id", "caption", "length"):
            digest.update("\n".join(map(str, split[column])).encode())
    digest.update(corpus.mean.tobytes())
    digest.update(corpus.std.tobytes())
    return digest.hexdigest()
