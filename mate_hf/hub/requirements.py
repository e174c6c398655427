"""What pip installs on another machine, so that the same code and the same encoders are there."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import distribution, packages_distributions, version
from typing import Any
from urllib.parse import urlsplit

from mate_hf.text.encoders import PACKAGE_PREFIX
from mate_hf.utils.json_files import parse_json
from mate_hf.utils.terminal import note

OURS = "mate-hf"


def requirements(extra: str, encoders: Iterable[str | None]) -> str:
    """Lines of a `requirements.txt`.

    Args:
        extra: of this package.
        encoders: names of text encoders; those of packages are required.
    """
    packages = [
        name.removeprefix(PACKAGE_PREFIX) for name in encoders if name and name.startswith(PACKAGE_PREFIX)
    ]
    lines = [own_requirement(extra), *sorted({_package(name) for name in packages})]
    return "".join(f"{line}\n" for line in lines)


def own_requirement(extra: str) -> str:
    """This package as it is installed here: the commit that pip took it from, or its version."""
    found = _origin()
    commit = found.get("vcs_info", {}).get("commit_id")
    address = str(found.get("url", ""))
    # An address may carry a token, which belongs into no file.
    if commit and "@" not in urlsplit(address).netloc:
        return f"{OURS}[{extra}] @ git+{address}@{commit}"
    if "dir_info" in found or commit:
        note(
            f"requirements.txt asks for {OURS} {version(OURS)} of PyPI; what was changed in the checkout that runs here is not in it."
        )
    return f"{OURS}[{extra}]=={version(OURS)}"


def _origin() -> dict[str, Any]:
    """PEP 610: where pip installed this from, unless from an index."""
    recorded = distribution(OURS).read_text("direct_url.json")
    where = f"{OURS}: its direct_url.json"
    return {} if recorded is None else parse_json(recorded, where, dict, "Install it again.")


def _package(name: str) -> str:
    known = packages_distributions().get(name)
    return f"{known[0]}=={version(known[0])}" if known else name.replace("_", "-")
