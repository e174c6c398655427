"""What TMR's `config.json` knows and the weights do not show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mate_hf.errors import MateError
from mate_hf.retrieval_checkpoints.reading import PARTS
from mate_hf.utils.json_files import brief, read_json

LEVELS = 2
"""A run's config.json lies at most this many folders above its weights (logs/checkpoints/last.ckpt)."""

CANONICAL_NAMES = {"distilbert-base-uncased": "distilbert/distilbert-base-uncased"}
"""Hub names from before models had owners -> today's."""


_REMEDY = "Put the run's own config.json there, or move this one away."


@dataclass(frozen=True)
class RunSettings:
    """Of one TMR run.

    Attributes:
        file: the config.json.
        statistics: folder of mean.pt and std.pt, relative to TMR's checkout.
    """

    file: Path
    heads: int
    dropout: float
    fps: float
    text_encoder: str
    statistics: str


def find_run_settings(folder: Path) -> RunSettings | None:
    """Read the config.json of the run whose weights lie in `folder`; None where there is none.

    Raises:
        MateError: not TMR's, or of a network that `TMRModel` is not.
    """
    folder = folder.resolve()
    for place in (folder, *folder.parents[:LEVELS]):
        if (place / "config.json").is_file():
            return _read(place / "config.json")
    return None


def _read(file: Path) -> RunSettings:
    try:
        config = read_json(file, dict, _REMEDY)
        if (activation := _agreed(file, config, "activation")) != "gelu":
            raise MateError(f"{file}: activation {activation!r}; expected 'gelu', as TMR was published.")
        loader = config["data"]["motion_loader"]
        name = _text(config["data"]["text_to_token_emb"]["modelname"])
        return RunSettings(
            file=file,
            heads=int(_agreed(file, config, "num_heads")),
            dropout=_between(_agreed(file, config, "dropout"), 0.0, 1.0),
            fps=_between(loader["fps"], 1.0, 1000.0),
            text_encoder=CANONICAL_NAMES.get(name, name),
            statistics=_text(loader["normalizer"]["base_dir"]),
        )
    except MateError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MateError(
            f"{file}: not the configuration of a TMR run ({type(error).__name__}: {error}). {_REMEDY}"
        ) from error


def _between(value: Any, least: float, most: float) -> float:
    number = float(value)
    if not least <= number <= most:
        raise ValueError(f"{brief(value)} where a number from {least:g} to {most:g} belongs")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{brief(value)} where a name belongs")
    return value


def _agreed(file: Path, config: dict[str, Any], setting: str) -> Any:
    values = {part: config["model"][part][setting] for part in PARTS}
    if len(set(values.values())) > 1:
        raise MateError(f"{file}: {setting} differs: {brief(values)}; expected one value for all three.")
    return values[PARTS[0]]
