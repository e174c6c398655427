"""Small whole corpora, lists and tables of captions, and their readers."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import numpy as np
from datasets import Dataset

from benchmarks.fuzz_reader import CAPTION, DangerError, read_each
from benchmarks.fuzz_samples import write_json_lines
from mate_hf.data.captions_file import read_annotations
from mate_hf.data.preparation import load_prepared, prepare
from mate_hf.data.shards import prepare_shard
from mate_hf.data.split_lists import read_listed
from mate_hf.errors import MateError
from mate_hf.evaluation.generation import captions
from mate_hf.evaluation.localization import read_truth
from mate_hf.exports.report import REPORT_FILE, recorded_base
from mate_hf.guo_evaluator.tokens import read_tokens
from mate_hf.localization.join import join
from mate_hf.localization.pieces import pieces_of
from mate_hf.runs.provenance import data_hash
from mate_hf.text.caption_lines import caption_and_tags, is_annotation
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.utils.foreign_paths import inside
from mate_hf.utils.json_files import read_json
from mate_hf.utils.shards import Share, finish_shard
from mate_hf.utils.text_files import read_lines


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


def sample_prepared(folder: Path) -> None:
    sample_corpus(folder.with_name("raw"))
    prepare(str(folder.with_name("raw")), folder / "prepared", workers=1)
    shutil.rmtree(folder.with_name("raw"))


def sample_shards(folder: Path) -> None:
    sample_corpus(folder.with_name("raw"))
    for number in (1, 2):
        prepare_shard(folder.with_name("raw"), folder / str(number), f"{number}/2", workers=1)
    shutil.rmtree(folder.with_name("raw"))


def sample_cut(folder: Path) -> None:
    sample_prepared(folder)
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


def read_shards(folder: Path) -> None:
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


def sample_download(folder: Path) -> None:
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


def read_captions(folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        read_annotations(folder / name)
        for line in read_lines(folder / name):
            is_annotation(line)
            read_tokens(caption_and_tags(line)[1])


def read_ids(folder: Path) -> None:
    for name in read_listed(folder / "train.txt"):
        place = inside(folder, name, ".npy")
        if not place.resolve().is_relative_to(folder.resolve()):
            raise DangerError(f"{name!r} leads out of its folder")


def sample_tables(folder: Path) -> None:
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


def read_tables(folder: Path) -> None:
    read_each(
        lambda: read_truth(folder / "truth.jsonl"),
        lambda: captions._from_lines(folder / "captions.jsonl"),
        lambda: Vocabulary.load(folder / "vocabulary.json"),
        lambda: recorded_base(folder),
    )
