"""Options that several commands have, said in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Device = Annotated[str, typer.Option(help="Where models are run: cpu, cuda, ...")]
Overwrite = Annotated[
    bool, typer.Option(help="Replace an earlier output that stands at OUT; never an input or another folder.")
]
Shard = Annotated[
    str | None,
    typer.Option(
        help="2/8: the second of eight shares alone, to OUT; `mate join` makes one of all.", metavar="N/COUNT"
    ),
]
Which = Annotated[str, typer.Option(help="best or last.")]
SplitName = Annotated[str, typer.Option(help="train, val or test.")]
Data = Annotated[str, typer.Option(help="Folder, prepared Dataset or Hub id.")]
Scale = Annotated[
    float | None,
    typer.Option(
        help="What lengths are to be multiplied by: 0.01 for centimetres; 1: they are right as they are."
    ),
]
Up = Annotated[str | None, typer.Option(help="The axis that points up: y, z, x, -y, -z or -x.")]
Fps = Annotated[
    float | None, typer.Option(help="Frames a second that motions were written at; they are resampled.")
]
LeftHanded = Annotated[
    bool, typer.Option("--left-handed", help="Mirror: coordinates are left-handed, as Unity's and Unreal's.")
]
Results = Annotated[
    Path | None,
    typer.Option(
        help="Results JSON, written before anything is printed. Earlier results of the same command are replaced."
    ),
]
ReplaceFile = Annotated[
    bool, typer.Option("--overwrite", help="Replace another file that stands at --out, too.")
]
Truth = Annotated[
    Path | None, typer.Option(help="truth.jsonl of a synthetic corpus, where it does not lie in --data.")
]
UnitSeconds = Annotated[float, typer.Option(help="Segments are whole units of this length (Table 10).")]
Backend = Annotated[
    str, typer.Option(help="What cuts captions: rules, openai (any endpoint of its protocol) or local.")
]
ChatModel = Annotated[str | None, typer.Option(help="Chat model of openai or local.")]
BaseUrl = Annotated[
    str | None, typer.Option(help="Endpoint of openai, with /v1. The key comes from OPENAI_API_KEY.")
]
Glove = Annotated[
    Path | None, typer.Option(help="The field's folder of word vectors, where the evaluator has none.")
]
Format = Annotated[
    str,
    typer.Option(
        help="hf: the text encoder in stock layout. hf-clip: the whole CLIP repository. openai-clip: model.pt for "
        "clip.load, model.safetensors for code that reads a file by torch.load. adapter: the changed rows for PEFT. full: the whole MateModel with its code."
    ),
]
Base = Annotated[
    str | None,
    typer.Option(
        help="The encoder the run was trained from, where it does not say or it lies elsewhere now."
    ),
]
Generator = Annotated[
    str,
    typer.Option(help="Run of `mate train-generator` or `mate train-masked`, pipeline folder, or Hub id."),
]
Steps = Annotated[int, typer.Option(help="Evaluations of the generator.")]
Guidance = Annotated[float, typer.Option(help="How much more is made of the prompt than of none; 1 is none.")]
Solver = Annotated[
    str | None,
    typer.Option(
        help="sde, dpm, ddim, ddpm; euler for generators of --prediction flow; none for masked ones."
    ),
]
MovedEncoder = Annotated[
    str | None, typer.Option(help="Where the generator's encoder lies now, if it was moved.")
]
AnyEncoder = Annotated[
    bool, typer.Option("--any-encoder", help="Take an encoder other than it was trained with.")
]
Visual = Annotated[
    str, typer.Option(help="Visual tower of openai-clip: base, or stand-in (empty, 350 MB less).")
]
