"""Command lines of training scripts: dataclasses, with a YAML file for defaults that flags override."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn, get_type_hints

from transformers import HfArgumentParser

from mate_hf.errors import MateError
from mate_hf.training import configs
from mate_hf.utils.settings import require_in_range
from mate_hf.utils.yaml_files import read_yaml, require_settings


@dataclass
class Arguments:
    """All knobs of a script, in groups: each field of a subclass is a dataclass of options."""

    @classmethod
    def parts(cls) -> list[Any]:
        """The groups' classes, in order."""
        hints = get_type_hints(cls)
        return [hints[entry.name] for entry in fields(cls)]

    def flat(self) -> dict[str, Any]:
        """As one dictionary, the form of the YAML files."""
        return flat_settings(*(getattr(self, entry.name) for entry in fields(self)))


class _Parser(HfArgumentParser):
    """Says what is wrong in a line: usage is a screen of flags, and nobody would find the reason below it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}. `{self.prog} --help` lists the flags.\n")


def make_parser(classes: Sequence[Any]) -> HfArgumentParser:
    """The command line of a script whose knobs are these dataclasses."""
    parser = _Parser(list(classes))
    parser.add_argument(
        "--config",
        help="YAML file of settings, or the name of one that comes with the package "
        f"({', '.join(shipped_configs())}); flags override them.",
    )
    for action in parser._actions:
        # HfArgumentParser repeats the text of the option that these switch off.
        if action.option_strings[0].startswith("--no_"):
            action.help = f"The same as --{action.dest} false."
    return parser


def shipped_configs() -> dict[str, Path]:
    """The configurations that come with the package, by name."""
    return {path.stem: path for path in sorted(Path(configs.__file__).parent.glob("*.yaml"))}


def parse(classes: Sequence[Any], argv: Sequence[str] | None, base: Sequence[str] = ()) -> list[Any]:
    """Flags over the YAML file of `--config` over the flags `base` over defaults: one instance a class.

    Raises:
        MateError: an unknown YAML key, a file that is not a mapping, a number out of range, `data` or `output_dir` missing.
        SystemExit(2): wrong usage of the flags.
    """
    first = ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config")
    known, flags = first.parse_known_args(argv)
    defaults = [] if known.config is None else yaml_flags(_config(known.config), classes)
    parser = make_parser(classes)
    *parts, unknown = parser.parse_args_into_dataclasses(
        args=[*base, *defaults, *flags], look_for_args_file=False, return_remaining_strings=True
    )
    if unknown:
        parser.error(f"unknown: {' '.join(unknown)}")
    parts = parts[: len(classes)]
    for part in parts:
        require_in_range(part)
    settings = flat_settings(*parts)
    for name in ("data", "output_dir"):
        if not settings[name]:
            raise MateError(f"{name} is not set. Give --{name}, or a line `{name}:` in the YAML file.")
    return parts


def take_preset(
    classes: Sequence[Any], argv: Sequence[str] | None, presets: Sequence[str], told: str
) -> tuple[str | None, list[str]]:
    """The name that `--preset` gives, and the other flags; prints the help where that is asked for.

    Raises:
        MateError: no such preset.
    """
    first = ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--preset")
    known, flags = first.parse_known_args(argv)
    if "-h" in flags or "--help" in flags:
        parser = make_parser(classes)
        parser.add_argument("--preset", choices=presets, help=told)
        parser.parse_args(flags)
    if known.preset is not None and known.preset not in presets:
        raise MateError(f"preset: {known.preset!r}; expected one of {', '.join(presets)}.")
    return known.preset, flags


def _config(name: str) -> Path:
    """A file, else what comes with the package under that name."""
    path = Path(name)
    return path if path.exists() else shipped_configs().get(path.stem, path)


def flat_settings(*parts: Any) -> dict[str, Any]:
    """Dataclass instances as one dictionary, the form of the YAML files."""
    return {entry.name: getattr(part, entry.name) for part in parts for entry in fields(part)}


def yaml_flags(path: Path, classes: Sequence[Any]) -> list[str]:
    """A YAML file's entries as flags, each checked against the known names."""
    content = read_yaml(path)
    names = [entry.name for part in classes for entry in fields(part)]
    unknown = [str(name) for name in content if name not in names]
    if unknown:
        raise MateError(
            f"config {path}: unknown key {', '.join(unknown)}. Known keys: {', '.join(sorted(names))}."
        )
    return as_flags(require_settings(content, f"config {path}"))


def as_flags(settings: Mapping[str, Any]) -> list[str]:
    """Settings as the flags that give them; what is None or an empty list is left to its default."""
    flags: list[str] = []
    for name, value in settings.items():
        if value is not None and value != []:
            values = value if isinstance(value, list) else [value]
            flags += [f"--{name}", *map(str, values)]
    return flags
