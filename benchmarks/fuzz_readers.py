"""Every reader of others' files with a small whole sample of what it reads."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from safetensors.torch import save_file

from benchmarks.fuzz_corpora import (
    read_captions,
    read_ids,
    read_shards,
    read_tables,
    sample_corpus,
    sample_cut,
    sample_download,
    sample_prepared,
    sample_shards,
    sample_tables,
)
from benchmarks.fuzz_models import (
    MODELS,
    read_features,
    read_torch,
    sample_checkpoint,
    sample_encoder,
    sample_features,
    sample_generator,
    sample_glove,
    sample_model,
    sample_pickle,
    sample_retrieval,
    sample_torch,
    sample_vectors,
)
from benchmarks.fuzz_reader import CAPTION, Reader, read_each
from benchmarks.fuzz_records import (
    read_answers,
    read_parts,
    read_report,
    read_results,
    read_run,
    sample_answers,
    sample_parts,
    sample_plan,
    sample_prompts,
    sample_results,
    sample_run,
)
from mate_hf.ablations.plan import read_plan
from mate_hf.data.corpus import open_corpus
from mate_hf.data.kinds import KINDS
from mate_hf.data.preparation import load_prepared
from mate_hf.data.statistics import load_statistics
from mate_hf.evaluation.obedience.prompts import read_prompts
from mate_hf.evaluation.words.unseen_words import read_unseen_words
from mate_hf.generation import MotionPipeline
from mate_hf.guo_evaluator.vectors import WordVectors
from mate_hf.motion_files.reading import read_motion
from mate_hf.openai_clip import read_archive, write_archive
from mate_hf.retrieval_checkpoints.reading import read_checkpoint
from mate_hf.retrieval_checkpoints.run_settings import find_run_settings
from mate_hf.runs.folder import RunFolder
from mate_hf.text.encoders import open_text_encoder
from mate_hf.training.arguments import TrainArguments
from mate_hf.training.checkpoints import find_checkpoint
from mate_hf.training.parsing import yaml_flags
from mate_hf.utils.arrays import array_frames, load_array
from mate_hf.utils.plain_pickles import read_plain_pickle
from mate_hf.utils.weights import open_whole, read_safetensors
from mate_hf.utils.yaml_files import read_front_matter

READERS: dict[str, Reader] = {
    "captions": Reader(
        lambda folder: [
            (folder / name).write_text(
                f"{CAPTION}#a/DET person/NOUN walks/VERB#0.0#0.0\nwaves # twice#waves/VERB#1.5#nan\n"
            )
            for name in ("a.txt", "b.txt")
        ],
        read_captions,
        3,
    ),
    "split lists": Reader(
        lambda folder: (folder / "train.txt").write_text("000001\nhumanml/000002.npy\n./000003\n"),
        read_ids,
        2,
    ),
    "npy": Reader(
        lambda folder: np.save(folder / "a.npy", np.zeros((5, 263), np.float32)),
        lambda folder: read_each(
            lambda: array_frames(folder / "a.npy"), lambda: load_array(folder / "a.npy")
        ),
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
    "a prepared corpus": Reader(sample_prepared, lambda folder: load_prepared(folder / "prepared"), 0.4),
    "shards of a folder": Reader(sample_shards, read_shards, 0.2),
    "shards of a corpus": Reader(sample_cut, read_shards, 0.2),
    "a downloaded dataset": Reader(
        sample_download, lambda folder: open_corpus(str(folder), cache_dir=folder.parents[2] / "hub"), 0.2
    ),
    "cards": Reader(sample_download, lambda folder: read_front_matter(folder / "README.md"), 0.5),
    "a generator": Reader(sample_generator, MotionPipeline.from_pretrained, 0.2),
    "settings": Reader(
        sample_plan, lambda folder: yaml_flags(folder / "train.yaml", TrainArguments.parts()), 2
    ),
    "plans": Reader(sample_plan, lambda folder: read_plan(folder / "plan.yaml"), 2),
    "a run": Reader(sample_run, read_run, 2),
    "results": Reader(sample_results, read_results, 3),
    "tables of captions": Reader(sample_tables, read_tables, 3),
    "prompts": Reader(
        sample_prompts,
        lambda folder: read_each(
            lambda: read_prompts(folder / "prompts.jsonl"),
            lambda: read_prompts(folder / "prompts.yaml"),
            lambda: read_unseen_words(folder / "words.jsonl"),
        ),
        2,
    ),
    "parts and ledgers": Reader(sample_parts, read_parts),
    "answers of a language model": Reader(sample_answers, read_answers, 2),
    "safetensors": Reader(
        lambda folder: save_file({"a": torch.zeros(3, 4), "b": torch.arange(3)}, folder / "a.safetensors"),
        lambda folder: read_safetensors(folder / "a.safetensors"),
        4,
    ),
    "word vectors": Reader(sample_vectors, WordVectors.load, 2),
    "the field's word vectors": Reader(sample_glove, WordVectors.from_glove, 2),
    "pickles": Reader(
        sample_pickle,
        lambda folder: read_plain_pickle(folder / "a.pkl"),
        3,
    ),
    "PyTorch's files": Reader(sample_torch, read_torch, 2),
    "TorchScript": Reader(
        lambda folder: write_archive(
            {"a": torch.zeros(3, 4), "visual.b": torch.zeros(2)}, folder / "model.pt"
        ),
        lambda folder: read_archive(folder / "model.pt"),
        2,
    ),
    "retrieval checkpoints": Reader(
        sample_retrieval,
        lambda folder: read_each(lambda: read_checkpoint(folder), lambda: find_run_settings(folder)),
        2,
    ),
    "checkpoints of a training": Reader(
        sample_checkpoint, lambda folder: find_checkpoint(RunFolder(folder), "last", lambda line: None), 1
    ),
    "an encoder": Reader(sample_encoder, lambda folder: open_text_encoder(str(folder)), 0.5),
    "text features": Reader(sample_features, read_features, 1),
    "reports": Reader(sample_run, read_report, 0.02),
    **{
        f"a model ({kind})": Reader(partial(sample_model, kind), partial(open_whole, MODELS[kind]), 0.2)
        for kind in MODELS
    },
}
