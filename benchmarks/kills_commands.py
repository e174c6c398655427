"""The commands that `benchmarks.kills` kills, tiny."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.hub.hub_server import Hub

TRAIN = ("train-retrieval", "train", "train-generator", "train-vq", "train-masked")
REPOSITORY = "somebody/words"


@dataclass(frozen=True)
class Killed:
    """A command.

    Attributes:
        label: what to call it, where its name is of several.
        out: what it writes.
        caches: what it leaves elsewhere, and would not write again.
        repository: on the Hub, where it writes there; `out` is then a copy of what stands there.
    """

    name: str
    words: tuple[str, ...]
    out: Path
    caches: tuple[Path, ...] = ()
    repository: str | None = None
    label: str = ""

    @property
    def title(self) -> str:
        return self.label or self.name

    @property
    def trains(self) -> bool:
        return self.name in TRAIN

    def fetch(self, hub: Hub) -> None:
        """Copy what stands on the Hub."""
        if self.repository is None:
            return
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        stands = hub.repositories.get(self.repository)
        for name, content in ({} if stands is None else stands.branches["main"]).items():
            file = self.out / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def tiny_encoder(root: Path) -> str:
    """At random weights: what is killed is how files are written."""
    from tests.tiny import make_text_encoder

    return str(make_text_encoder("bert", root / "encoder"))


def flags(**settings: object) -> tuple[str, ...]:
    return tuple(word for name, value in settings.items() for word in (f"--{name}", str(value)))


def in_shards(name: str, words: tuple[str, ...], out: Path) -> list[Killed]:
    """The same by two machines, and the join of what they have made."""
    parts = [out.with_name(f"{out.name}_{number}") for number in (1, 2)]
    joined = out.with_name(f"{out.name}_joined")
    shares = [
        Killed(
            name,
            (*(str(part) if word == str(out) else word for word in words), "--shard", f"{number}/2"),
            part,
            label=f"{name}-{number}-of-2",
        )
        for number, part in enumerate(parts, start=1)
    ]
    join = Killed("join", (*map(str, parts), "--out", str(joined)), joined, label=f"join-{name}")
    return [*shares, join]


def commands(root: Path, text_encoder: str, clips: int) -> list[Killed]:
    """In their order: each reads what those before it have made."""
    data, retrieval, localized, mate = (root / name for name in ("data", "retrieval", "localized", "mate"))
    from mate_hf.data.synthetic.writing import write_synthetic_corpus

    if not (root / "raw").exists():
        write_synthetic_corpus(root / "raw", clips, seed=0, workers=1)
    every = {
        "epochs": 2,
        "num_workers": 0,
        "checkpoint_steps": 2,
        "batch_size": 8,
        "log_steps": 1,
        "cpu_threads": 1,
    }
    small = {"hidden_size": 16, "lr": 1e-3, **every}
    encoder = {"text_encoder": text_encoder}
    motion = {"motion_layers": 1, "motion_heads": 2, "motion_feedforward": 16, "attention_heads": 2}
    network = {"layers": 1, "heads": 2, "feedforward": 16}
    cache = root / "cache"
    read_once = {**encoder, "text_cache": cache}
    aligned = {
        "alignment": "inter,intra",
        "alignment_module": retrieval,
        "aligned_motion": 1.0,
        "similar_captions": 1.0,
    }

    def training(name: str, out: Path, **settings: object) -> Killed:
        caches = (cache,) if "text_cache" in settings else ()
        return Killed(name, flags(output_dir=out, **settings), out, caches)

    prepare = (str(root / "raw"), str(data), "--workers", "1")
    localize = (str(data), "--retrieval", str(retrieval), "--out", str(localized), "--device", "cpu")
    return [
        *in_shards("prepare", prepare, data),
        Killed("prepare", prepare, data),
        training(
            "train-retrieval",
            retrieval,
            data=data,
            latent_size=16,
            sentence_encoder=text_encoder,
            **network,
            **read_once,
            **every,
        ),
        *in_shards("localize", localize, localized),
        Killed("localize", localize, localized),
        training("train", mate, data=localized, **motion, **encoder, **small),
        Killed("export", (str(mate), str(root / "export")), root / "export"),
        training(
            "train-generator", root / "generator", data=data, **aligned, **network, **read_once, **small
        ),
        training("train-vq", root / "vq", data=data, code_size=8, codes=12, levels=2, depth=1, **small),
        training(
            "train-masked",
            root / "masked",
            data=data,
            vq=root / "vq",
            residual_layers=1,
            **network,
            **read_once,
            **small,
        ),
        Killed("push", (str(mate), REPOSITORY), root / "pushed", repository=REPOSITORY),
        Killed("pull", (REPOSITORY, str(root / "pulled")), root / "pulled", (root / "hf",)),
    ]
