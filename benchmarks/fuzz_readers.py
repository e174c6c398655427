"""Every reader of others' files with a small whole sample of what it reads."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from datasets import Dataset
from safetensors.torch import save_file
from transformers import BertConfig, BertModel
from transformers.models.auto.tokenization_auto import AutoTokenizer

from benchmarks.fuzz_samples import RESULTS, write_json_lines
from mate_hf.ablations.plan import read_plan
from mate_hf.data.captions_file import read_annotations
from mate_hf.data.corpus import open_corpus
from mate_hf.data.kinds import KINDS
from mate_hf.data.preparation import load_prepared, prepare
from mate_hf.data.shards import prepare_shard
from mate_hf.data.split_lists import read_listed
from mate_hf.data.statistics import load_statistics
from mate_hf.data.synthetic import write_synthetic_corpus
from mate_hf.errors import MateError
from mate_hf.evaluation.generation import captions
from mate_hf.evaluation.localization import read_truth
from mate_hf.evaluation.obedience.prompts import read_prompts
from mate_hf.evaluation.obedience.reading import read_obedience
from mate_hf.evaluation.words.unseen_words import read_unseen_words
from mate_hf.exports.report import REPORT_FILE, recorded_base
from mate_hf.generation import MotionPipeline
from mate_hf.guo_evaluator.tokens import read_tokens
from mate_hf.guo_evaluator.vectors import GLOVE_PREFIX, WordVectors
from mate_hf.hub.results_tables import read_result
from mate_hf.localization.join import join
from mate_hf.localization.pieces import pieces_of
from mate_hf.modeling import MaskedConfig, MaskedModel, MDMConfig, MDMModel, VQConfig, VQModel
from mate_hf.modeling.configuration_tmr import TMRConfig
from mate_hf.modeling.modeling_tmr import TMRModel
from mate_hf.motion_files.reading import read_motion
from mate_hf.openai_clip import read_archive, write_archive
from mate_hf.plotting.run_curves import read_log
from mate_hf.plotting.run_obedience import read_shares
from mate_hf.quickstart.stages import LEDGER, Stages
from mate_hf.reports.numbers import read_numbers
from mate_hf.reports.run_report import report
from mate_hf.retrieval_checkpoints.reading import read_checkpoint
from mate_hf.retrieval_checkpoints.run_settings import find_run_settings
from mate_hf.runs.folder import RunFolder
from mate_hf.runs.provenance import data_hash
from mate_hf.text.caption_lines import caption_and_tags, is_annotation
from mate_hf.text.decomposition.answers import read_answer
from mate_hf.text.decomposition.cache import AnswerCache
from mate_hf.text.encoders import open_text_encoder
from mate_hf.text.reading_digest import reading_digest
from mate_hf.text.text_features import cached_text_features, encoder_digest
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.training import checkpoint_files
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.checkpoints import find_checkpoint
from mate_hf.training.parsing import yaml_flags
from mate_hf.training.records import Records
from mate_hf.utils.arrays import array_frames, load_array
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.json_files import read_json
from mate_hf.utils.parts import Parts
from mate_hf.utils.pickles import load_pickle, weights_of
from mate_hf.utils.plain_pickles import read_plain_pickle
from mate_hf.utils.results import results_of
from mate_hf.utils.shards import Share, finish_shard
from mate_hf.utils.text_files import read_lines
from mate_hf.utils.weights import open_whole, read_safetensors
from mate_hf.utils.yaml_files import read_front_matter

CAPTION = "a person walks forward and turns left"
WORDS = tuple(
    dict.fromkeys(
        f"sos eos unk {CAPTION} right then waves sits down stands up kicks with the leg twice slowly".split()
    )
)
TMR_CONFIG = {
    "data": {
        "motion_loader": {"fps": 20, "normalizer": {"base_dir": "stats/humanml3d"}},
        "text_to_token_emb": {"modelname": "distilbert-base-uncased"},
    },
    "model": {
        part: {"activation": "gelu", "num_heads": 4, "dropout": 0.1}
        for part in ("motion_encoder", "text_encoder", "motion_decoder")
    },
}


@dataclass(frozen=True)
class Reader:
    """What is opened, and how.

    Attributes:
        make: writes a whole sample into an empty folder.
        open: reads the folder; raises a `MateError` where it is damaged.
        share: of all cases, relative to others: what takes long has fewer.
    """

    make: Callable[[Path], object]
    open: Callable[[Path], object]
    share: float = 1.0


class DangerError(Exception):
    """What was read came out as something that is obeyed."""


def sample_encoder(folder: Path) -> Path:
    """A tiny BERT at random weights, with words."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    sizes: dict[str, Any] = {
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    BertModel(BertConfig(vocab_size=len(tokens), max_position_embeddings=64, **sizes)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(folder, model_max_length=64).save_pretrained(folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}'
    )
    return folder


def sample_corpus(folder: Path, clips: int = 3) -> None:
    """A HumanML3D folder."""
    random = np.random.default_rng(0)
    for part in ("new_joint_vecs", "texts"):
        (folder / part).mkdir(parents=True)
    names = [f"{number:06d}" for number in range(clips)]
    for name in names:
        np.save(
            folder / "new_joint_vecs" / f"{name}.npy",
            random.normal(size=(44, 263)).astype(np.float32).cumsum(0) / 10,
        )
        tagged = " ".join(f"{word}/X" for word in CAPTION.split())
        (folder / "texts" / f"{name}.txt").write_text(
            f"{CAPTION}#{tagged}#0.0#0.0\nwaves twice#waves/VERB twice/ADV#0.5#1.5\n"
        )
    for split in ("train", "val", "test"):
        (folder / f"{split}.txt").write_text("\n".join(names) + "\n")
    np.save(folder / "Mean.npy", np.zeros(263, np.float32))
    np.save(folder / "Std.npy", np.ones(263, np.float32))


def _sample_run(folder: Path) -> None:
    (folder / "config.yaml").write_text(
        f"text_encoder: bert\ndata: corpus\nepochs: 3\nlr: 0.0003\nclass_rates: a=1\nseed: 0\ncaption: {CAPTION}\n"
    )
    (folder / "results.json").write_text(json.dumps(RESULTS["train"]))
    write_json_lines(
        folder / "log.jsonl", [{"step": step, "train/loss": 1 / step, "val/R@1": 3.0} for step in range(1, 9)]
    )
    for name in ("retrieval", "words", "obedience"):
        (folder / f"{name}.json").write_text(json.dumps(RESULTS[name]))


def _read_run(folder: Path) -> None:
    run = RunFolder(folder)
    run.settings()
    run.results()
    for read in (lambda: Records(run.log).read(), lambda: read_log(folder)):
        _each(read)


def _each(*reads: Callable[[], object]) -> None:
    """All of them, where the first that refuses would hide the others."""
    refused: MateError | None = None
    for read in reads:
        try:
            read()
        except MateError as error:
            refused = refused or error
    if refused is not None:
        raise refused


def _read_lines(folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        read_annotations(folder / name)
        for line in read_lines(folder / name):
            is_annotation(line)
            read_tokens(caption_and_tags(line)[1])


def _read_ids(folder: Path) -> None:
    for name in read_listed(folder / "train.txt"):
        place = inside(folder, name, ".npy")
        if not place.resolve().is_relative_to(folder.resolve()):
            raise DangerError(f"{name!r} leads out of its folder")


def _sample_checkpoint(folder: Path) -> None:
    place = folder / "checkpoints" / "step_00000003"
    place.mkdir(parents=True)
    save_file({"weight": torch.zeros(2, 3)}, place / checkpoint_files.MODEL)
    save_file(
        {"0.step": torch.tensor(3.0), "0.exp_avg": torch.zeros(2, 3)}, place / checkpoint_files.OPTIMIZER
    )
    state = {
        "run": {"epoch": 1},
        "groups": [{"betas": [0.9, 0.999], "params": [0]}],
        "numbers": {},
        "processes": 1,
        "depends_on": {},
    }
    (place / checkpoint_files.STATE).write_text(json.dumps(state))
    checkpoint_files.seal(place)


def _read_torch(folder: Path) -> None:
    weights_of(load_pickle(folder / "weights.pt"), "weights")


def _sample_torch(folder: Path) -> None:
    torch.save({"a": torch.zeros(3, 4), "b": torch.arange(5)}, folder / "weights.pt")


def _sample_glove(folder: Path) -> None:
    np.save(folder / f"{GLOVE_PREFIX}_data.npy", np.ones((len(WORDS), 6)))
    (folder / f"{GLOVE_PREFIX}_words.pkl").write_bytes(pickle.dumps(list(WORDS)))
    (folder / f"{GLOVE_PREFIX}_idx.pkl").write_bytes(
        pickle.dumps({word: place for place, word in enumerate(WORDS)})
    )


def _sample_vectors(folder: Path) -> None:
    WordVectors(list(WORDS), torch.ones(len(WORDS), 6)).save(folder)


def _sample_model(kind: str, folder: Path) -> None:
    torch.manual_seed(0)
    small: dict[str, Any] = {"layers": 1, "heads": 2, "feedforward": 8}
    models: dict[str, Callable[[], Any]] = {
        "tmr": lambda: TMRModel(TMRConfig(text_width=8, latent_size=8, **small)),
        "mdm": lambda: MDMModel(MDMConfig(text_width=8, sentence_width=8, hidden_size=8, **small)),
        "vq": lambda: VQModel(VQConfig(hidden_size=8, code_size=4, codes=6, levels=2, depth=1)),
        "masked": lambda: MaskedModel(
            MaskedConfig(
                text_width=8, sentence_width=8, codes=6, levels=2, hidden_size=8, residual_layers=1, **small
            )
        ),
    }
    models[kind]().save_pretrained(folder)


MODELS = {"tmr": TMRModel, "mdm": MDMModel, "vq": VQModel, "masked": MaskedModel}


def _sample_generator(folder: Path) -> None:
    name = str(sample_encoder(folder.with_name("encoder")))
    encoder = open_text_encoder(name)
    torch.manual_seed(0)
    told: dict[str, Any] = {"text_encoder": name, "text_digest": encoder_digest(encoder)}
    sizes: dict[str, Any] = {"hidden_size": 8, "layers": 1, "heads": 2, "feedforward": 8}
    config = MDMConfig(
        text_width=8, sentence_width=8, text_reading_digest=reading_digest(encoder), **told, **sizes
    )
    MDMModel(config).save_pretrained(folder)


def _sample_features(folder: Path) -> None:
    encoder = open_text_encoder(str(sample_encoder(folder / "encoder")))
    cached_text_features([CAPTION], encoder, encoder, folder / "cache")


def _read_features(folder: Path) -> None:
    [place] = (folder / "cache").iterdir()
    from mate_hf.text import text_features

    text_features._open(place, [CAPTION])


def _sample_parts(folder: Path) -> None:
    parts = Parts(folder / "out", {"a": 1})
    parts.claim()
    parts.write("a", [{"id": "1", "segments": [[0, 4]]}, [1, 2]])
    (folder / LEDGER).write_text('{"prepare": {"command": ["prepare", "a"], "seconds": 3.5}}')


def _read_parts(folder: Path) -> None:
    _each(lambda: Parts(folder / "out", {"a": 1}).read("a"), lambda: Stages(folder, 3, resume=True))
    Parts(folder / "out", {"a": 1}).claim()


def _sample_answers(folder: Path) -> None:
    (folder / "answer.txt").write_text(
        '```json\n{"steps": ["a person walks forward", "turns left"]}\n```\n1. waves\n- sits down\n'
    )
    kept = AnswerCache(folder / "answers.sqlite", "model")
    kept.put(CAPTION, "walks\nturns")
    kept.close()


def _read_answers(folder: Path) -> None:
    def of_cache() -> None:
        kept = AnswerCache(folder / "answers.sqlite", "model")
        try:
            kept.get(CAPTION)
        finally:
            kept.close()

    if (folder / "answer.txt").is_file() and not (folder / "answer.txt").is_symlink():
        read_answer((folder / "answer.txt").read_text(encoding="utf-8", errors="replace"))
    of_cache()


def _sample_results(folder: Path) -> None:
    for name, content in RESULTS.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


def _read_results(folder: Path) -> None:
    for file in sorted(folder.glob("*.json")):
        results_of(file)
    known = {name: folder / f"{name}.json" for name in RESULTS}
    _each(
        *(partial(read_result, known[name]) for name in ("retrieval", "words", "obedience", "generation")),
        *(partial(read_numbers, known[name]) for name in ("retrieval", "words", "localization", "obedience")),
        partial(read_obedience, known["obedience"]),
        partial(read_shares, known["obedience"]),
    )


def _sample_prompts(folder: Path) -> None:
    prompt = {
        "prompt": "a person turns left.",
        "class": "seen",
        "probe": "turn",
        "expected": 1,
        "seconds": 2.2,
        "counterpart": "a person turns right.",
    }
    write_json_lines(
        folder / "prompts.jsonl",
        [
            prompt,
            {
                **prompt,
                "prompt": "a person turns right.",
                "expected": -1,
                "counterpart": "a person turns left.",
            },
        ],
    )
    (folder / "prompts.yaml").write_text(
        "prompts:\n- {prompt: a person turns left., class: seen, probe: turn, expected: 1, seconds: 2.2}\n"
    )
    write_json_lines(
        folder / "words.jsonl",
        [
            {
                "kind": "direction",
                "half": "tune",
                "word": "leftward",
                "text": "walks leftward",
                "alike": "walks left",
                "opposite": "walks right",
            }
        ],
    )


def _sample_tables(folder: Path) -> None:
    write_json_lines(
        folder / "truth.jsonl",
        [
            {
                "id": "1",
                "caption": CAPTION,
                "sub_texts": [CAPTION],
                "segments": [[0, 40]],
                "words": [{"text": "left", "start": 3, "end": 20}],
            }
        ],
    )
    tagged = " ".join(f"{word}/VERB" for word in CAPTION.split())
    write_json_lines(folder / "captions.jsonl", [{"id": "1", "caption": f"{CAPTION}#{tagged}#0.0#0.0"}])
    Vocabulary.from_captions([CAPTION]).save(folder / "vocabulary.json")
    (folder / REPORT_FILE).write_text(
        '{"base": "bert-base-uncased", "files": {"model.safetensors": {"size": 3}}}'
    )


def _read_tables(folder: Path) -> None:
    _each(
        lambda: read_truth(folder / "truth.jsonl"),
        lambda: captions._from_lines(folder / "captions.jsonl"),
        lambda: Vocabulary.load(folder / "vocabulary.json"),
        lambda: recorded_base(folder),
    )


def _sample_retrieval(folder: Path) -> None:
    torch.save(
        {"state_dict": {"a.weight": torch.zeros(3)}, "epoch": 3, "hyper_parameters": {"lr": 0.1}},
        folder / "last.ckpt",
    )
    (folder / "config.json").write_text(json.dumps(TMR_CONFIG))


class _Page(HTMLParser):
    """What a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [
            name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript:")
        ]


def _report(folder: Path) -> None:
    out = folder.with_name("report.html")
    report(folder, out, overwrite=True)
    page = _Page()
    page.feed(out.read_text(encoding="utf-8"))
    if page.handlers or page.scripts > 1:
        raise DangerError(f"{page.scripts} scripts and {page.handlers} in the report")


def _sample_prepared(folder: Path) -> None:
    sample_corpus(folder.with_name("raw"))
    prepare(str(folder.with_name("raw")), folder / "prepared", workers=1)
    shutil.rmtree(folder.with_name("raw"))


def _sample_shards(folder: Path) -> None:
    sample_corpus(folder.with_name("raw"))
    for number in (1, 2):
        prepare_shard(folder.with_name("raw"), folder / str(number), f"{number}/2", workers=1)
    shutil.rmtree(folder.with_name("raw"))


def _sample_cut(folder: Path) -> None:
    _sample_prepared(folder)
    corpus = load_prepared(folder / "prepared").corpus
    pieces = list(pieces_of(corpus.splits))
    told = {"decomposition": {"backend": "rules", "from_cache": 0, "fallbacks": {}}}
    for number in (1, 2):
        share = Share(number, 2)
        (folder / str(number)).mkdir()
        records = [
            {
                "row": row,
                "sub_texts": [corpus.splits[piece.split]["caption"][row]],
                "segments": [[0, 40]],
                "cost": 0.5,
                "margin": float("inf"),
                "merged": 0,
            }
            for piece in share.of(pieces)
            for row in piece.rows
        ]
        write_json_lines(folder / str(number) / "records.jsonl", records)
        agreed = {"corpus": data_hash(corpus), "unit_seconds": 0.5}
        facts = {"data": str(folder / "prepared"), "seconds": 1.0, "parts_found": 0, **told}
        finish_shard(folder / str(number), "localize", share, agreed, facts)


def _join(folder: Path) -> None:
    """Also where files are of another size than they were written: damage is to be met further inside."""
    shards = [folder / str(number) for number in (1, 2)]
    for shard in shards:
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, MateError):
            content = read_json(shard / "shard.json", dict, "")
            sizes = {name: (shard / name).stat().st_size for name in content["files"]}
            (shard / "shard.json").write_text(json.dumps({**content, "files": sizes}))
    prepared = folder / "prepared"
    # What is written names the commit, which git is asked for.
    with patch("mate_hf.runs.provenance.commit", lambda: None):
        join(shards, folder / "joined", prepared if prepared.exists() else None, overwrite=True)


def _sample_download(folder: Path) -> None:
    random = np.random.default_rng(0)
    rows = {
        "id": ["1", "2"],
        "clip": ["1", "2"],
        "caption": [CAPTION, CAPTION],
        "motion": [random.normal(size=(44, 263)).cumsum(0).astype(np.float32) / 10 for _ in range(2)],
    }
    (folder / "data").mkdir()
    Dataset.from_dict(rows).to_parquet(folder / "data" / "train-00000-of-00001.parquet")
    (folder / "README.md").write_text(
        "---\nlicense: mit\nconfigs:\n- config_name: default\n  data_files:\n  - {split: train, path: data/train-*}\n---\n# Motions\n"
    )


def _sample_plan(folder: Path) -> None:
    (folder / "plan.yaml").write_text(
        "config: train.yaml\noptions: {num_workers: 0}\nseeds: [0, 1]\nwhich: last\ncorpora:\n  synthetic: {data: raw}\n"
        "generator: {config: train.yaml, options: {epochs: 3}}\nobedience: {per_prompt: 4}\narms:\n  stock: {train: false}\n  MATE: {lambda_1: 0.1}\n"
        "tables:\n- {title: all, arms: [stock, MATE], against: stock}\n"
    )
    (folder / "train.yaml").write_text(
        "epochs: 3\nlr: 0.0003\nbatch_size: 8\ntext_encoder: bert\nclass_rates: function=0.1\n"
    )


def _sample_truth(folder: Path) -> None:
    write_synthetic_corpus(folder / "synthetic", 20, workers=1, progress=False)


READERS: dict[str, Reader] = {
    "captions": Reader(
        lambda folder: [
            (folder / name).write_text(
                f"{CAPTION}#a/DET person/NOUN walks/VERB#0.0#0.0\nwaves # twice#waves/VERB#1.5#nan\n"
            )
            for name in ("a.txt", "b.txt")
        ],
        _read_lines,
        3,
    ),
    "split lists": Reader(
        lambda folder: (folder / "train.txt").write_text("000001\nhumanml/000002.npy\n./000003\n"),
        _read_ids,
        2,
    ),
    "npy": Reader(
        lambda folder: np.save(folder / "a.npy", np.zeros((5, 263), np.float32)),
        lambda folder: _each(lambda: array_frames(folder / "a.npy"), lambda: load_array(folder / "a.npy")),
        4,
    ),
    "a motion": Reader(
        lambda folder: np.save(
            folder / "a.npy", np.random.default_rng(0).normal(size=(5, 22, 3)).astype(np.float32)
        ),
        lambda folder: read_motion(folder / "a.npy"),
        2,
    ),
    "statistics": Reader(sample_corpus, lambda folder: load_statistics(folder, KINDS["humanml3d"])),
    "a corpus folder": Reader(sample_corpus, lambda folder: open_corpus(str(folder)), 0.2),
    "a prepared corpus": Reader(_sample_prepared, lambda folder: load_prepared(folder / "prepared"), 0.4),
    "shards of a folder": Reader(_sample_shards, _join, 0.2),
    "shards of a corpus": Reader(_sample_cut, _join, 0.2),
    "a downloaded dataset": Reader(
        _sample_download, lambda folder: open_corpus(str(folder), cache_dir=folder.parents[2] / "hub"), 0.2
    ),
    "cards": Reader(_sample_download, lambda folder: read_front_matter(folder / "README.md"), 0.5),
    "a generator": Reader(_sample_generator, MotionPipeline.from_pretrained, 0.2),
    "settings": Reader(
        _sample_plan, lambda folder: yaml_flags(folder / "train.yaml", TrainArguments.parts()), 2
    ),
    "plans": Reader(_sample_plan, lambda folder: read_plan(folder / "plan.yaml"), 2),
    "a run": Reader(_sample_run, _read_run, 2),
    "results": Reader(_sample_results, _read_results, 3),
    "tables of captions": Reader(_sample_tables, _read_tables, 3),
    "prompts": Reader(
        _sample_prompts,
        lambda folder: _each(
            lambda: read_prompts(folder / "prompts.jsonl"),
            lambda: read_prompts(folder / "prompts.yaml"),
            lambda: read_unseen_words(folder / "words.jsonl"),
        ),
        2,
    ),
    "parts and ledgers": Reader(_sample_parts, _read_parts),
    "answers of a language model": Reader(_sample_answers, _read_answers, 2),
    "safetensors": Reader(
        lambda folder: save_file({"a": torch.zeros(3, 4), "b": torch.arange(3)}, folder / "a.safetensors"),
        lambda folder: read_safetensors(folder / "a.safetensors"),
        4,
    ),
    "word vectors": Reader(_sample_vectors, WordVectors.load, 2),
    "the field's word vectors": Reader(_sample_glove, WordVectors.from_glove, 2),
    "pickles": Reader(
        lambda folder: (folder / "a.pkl").write_bytes(pickle.dumps({"a": [1, "b", 2.5, None], "c": (1, 2)})),
        lambda folder: read_plain_pickle(folder / "a.pkl"),
        3,
    ),
    "PyTorch's files": Reader(_sample_torch, _read_torch, 2),
    "TorchScript": Reader(
        lambda folder: write_archive(
            {"a": torch.zeros(3, 4), "visual.b": torch.zeros(2)}, folder / "model.pt"
        ),
        lambda folder: read_archive(folder / "model.pt"),
        2,
    ),
    "retrieval checkpoints": Reader(
        _sample_retrieval,
        lambda folder: _each(lambda: read_checkpoint(folder), lambda: find_run_settings(folder)),
        2,
    ),
    "checkpoints of a training": Reader(
        _sample_checkpoint, lambda folder: find_checkpoint(RunFolder(folder), "last", lambda line: None), 1
    ),
    "an encoder": Reader(sample_encoder, lambda folder: open_text_encoder(str(folder)), 0.5),
    "text features": Reader(_sample_features, _read_features, 1),
    "reports": Reader(_sample_run, _report, 0.02),
    **{
        f"a model ({kind})": Reader(partial(_sample_model, kind), partial(open_whole, MODELS[kind]), 0.2)
        for kind in MODELS
    },
}
