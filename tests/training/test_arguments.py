"""Flags over YAML over defaults; nothing misspelt passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mate_hf.errors import MateError
from mate_hf.training import (
    configs,
    evaluator_arguments,
    generator_arguments,
    masked_arguments,
    retrieval_arguments,
    vq_arguments,
)
from mate_hf.training.arguments import TrainArguments, parse_arguments
from mate_hf.training.parsing import make_parser

REQUIRED = ["--data", "d", "--output_dir", "o"]
CONFIGS = sorted(Path(configs.__file__).parent.glob("*.yaml"))


def write(folder: Path, text: str) -> list[str]:
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    return ["--config", str(folder / "c.yaml")]


def test_flags_override_yaml_and_yaml_overrides_defaults(tmp_path: Path) -> None:
    config = write(
        tmp_path, "batch_size: 12\ntau: 0.07\nguard_lemmas: false\nreport_to: [tensorboard]\nmax_steps:\n"
    )
    arguments = parse_arguments([*config, *REQUIRED, "--batch_size", "20"])
    assert arguments.data.batch_size == 20
    assert arguments.objective.tau == 0.07
    assert arguments.objective.guard_lemmas is False
    assert arguments.run.report_to == ["tensorboard"]
    assert arguments.run.max_steps is None


def test_an_unknown_yaml_key_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"c\.yaml: unknown key embeding_lr\. Known keys: .*embedding_lr"):
        parse_arguments([*write(tmp_path, "embeding_lr: 1"), *REQUIRED])


@pytest.mark.parametrize(("text", "said"), [("- 1\n- 2\n", "expected lines"), ("a: [", "could not be read")])
def test_a_broken_yaml_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MateError, match=said):
        parse_arguments([*write(tmp_path, text), *REQUIRED])


def test_missing_data_and_output_are_asked_for() -> None:
    with pytest.raises(MateError, match="--data"):
        parse_arguments(["--output_dir", "o"])
    with pytest.raises(MateError, match="--output_dir"):
        parse_arguments(["--data", "d"])


@pytest.mark.parametrize("flag", [["--tauu", "1"], ["--batch_size", "many"], ["--trainable", "some"]])
def test_wrong_flags_are_wrong_usage(flag: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments([*REQUIRED, *flag])
    assert ended.value.code == 2


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_config_parses(config: Path) -> None:
    scripts = {
        "retrieval": retrieval_arguments,
        "evaluator": evaluator_arguments,
        "generator": generator_arguments,
        "vq": vq_arguments,
        "masked": masked_arguments,
    }
    named = (module.parse_arguments for word, module in scripts.items() if word in config.stem)
    parse_ours = next(named, parse_arguments)
    codes = ["--vq", "v"] if "masked" in config.stem else []
    parse_ours(["--config", str(config), *REQUIRED, *codes])


def test_the_paper_is_the_default_and_the_config() -> None:
    for given in ([], ["--config", str(Path(configs.__file__).parent / "humanml3d_clip.yaml")]):
        flat = parse_arguments([*given, *REQUIRED]).flat()
        assert (flat["batch_size"], flat["epochs"], flat["embedding_lr"], flat["lr"]) == (64, 100, 1e-5, 1e-4)
        assert (flat["tau"], flat["lambda_1"], flat["lambda_2"], flat["prior_strength"]) == (
            0.05,
            0.1,
            0.1,
            0.1,
        )
        assert (flat["hidden_size"], flat["attention_heads"], flat["cross_negatives"]) == (512, 8, 8)


def test_every_knob_has_help() -> None:
    silent = [action.dest for action in make_parser(TrainArguments.parts())._actions if not action.help]
    assert not silent


def test_a_configuration_that_comes_with_the_package_is_known_by_name(tmp_path: Path) -> None:
    named = parse_arguments(["--config", "humanml3d_clip", "--data", "d", "--output_dir", "o"])
    assert named.model.text_encoder == "openai/clip-vit-base-patch32"
    (tmp_path / "humanml3d_clip").write_text("tau: 0.5\n")
    own = parse_arguments(["--config", str(tmp_path / "humanml3d_clip"), "--data", "d", "--output_dir", "o"])
    assert own.objective.tau == 0.5
    with pytest.raises(MateError, match=r"nowhere\.yaml could not be read"):
        parse_arguments(["--config", "nowhere.yaml", "--data", "d", "--output_dir", "o"])


def test_a_wrong_flag_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for flag in (["--nonsense", "3"], ["--epochs", "many"], ["--prior_form", "x"]):
        with pytest.raises(SystemExit) as ended:
            parse_arguments(["--data", "d", "--output_dir", "o", *flag])
        assert ended.value.code == 2
        [line] = capsys.readouterr().err.splitlines()
        assert flag[0].lstrip("-") in line
        assert "--help" in line


def test_a_switch_that_is_on_says_what_switches_it_off() -> None:
    helps = {action.option_strings[0]: action.help for action in make_parser(TrainArguments.parts())._actions}
    assert helps["--no_guard_lemmas"] == "The same as --guard_lemmas false."
    assert helps["--no_guard_lemmas"] != helps["--guard_lemmas"]


@pytest.mark.parametrize("flag", [("num_workers", 257), ("words_per_caption", 65)])
def test_what_no_machine_could_do_is_refused(flag: tuple[str, int]) -> None:
    name, value = flag
    with pytest.raises(MateError, match=rf"{name}: {value}; expected .* at most {value - 1}"):
        parse_arguments(["--data", "d", "--output_dir", "o", f"--{name}", str(value)])


def test_the_papers_preset_is_the_papers_and_refuses_anything_else() -> None:
    """Sec. 3, 4.1 and App. C, written down here once more."""
    flat = parse_arguments(["--preset", "paper", *REQUIRED, "--hidden_size", "64", "--epochs", "2"]).flat()
    paper = {
        "trainable": "embeddings",
        "words_per_caption": 1,
        "word_sampling": "uniform",
        "attention_prior": "gaussian",
        "prior_form": "keys",
        "prior_strength": 0.1,
        "context_queries": False,
        "tau": 0.05,
        "lambda_1": 0.1,
        "lambda_2": 0.1,
        "ground_weight": 0.0,
        "hold_weight": 0.0,
        "contraries": "none",
        "embedding_lr": 1e-5,
        "lr": 1e-4,
        "update": "uniform",
        "class_rates": "",
        "stock_decay": 0.0,
    }
    assert {name: flat[name] for name in paper} == paper
    others = (["--tau", "0.1"], ["--config", "quickstart"], ["--lr", "1e-3"], ["--contraries", "both"])
    for flags in (*others, ["--scheduler", "cosine"], ["--warmup_steps", "9"], ["--max_grad_norm", "1"]):
        with pytest.raises(MateError, match=r"preset paper: \w+ is .*; the paper's is"):
            parse_arguments(["--preset", "paper", *REQUIRED, *flags])
    # Eq. 6 to the letter, and our reading of it, are both the paper's.
    printed = ["--guard_lemmas", "false", "--guard_captions", "false"]
    assert not parse_arguments(["--preset", "paper", *REQUIRED, *printed]).objective.guard_lemmas
    with pytest.raises(MateError, match=r"preset: 'tmr'; expected one of paper"):
        parse_arguments(["--preset", "tmr", *REQUIRED])
