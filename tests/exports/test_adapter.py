"""An adapter is the merged export in megabytes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModel, AutoTokenizer, CLIPTextModelWithProjection

import mate_hf
from mate_hf.errors import MateError
from mate_hf.exports import export
from mate_hf.text.encoders import open_text_encoder
from tests.tiny import FAMILIES
from tests.trained_runs import Exported, Trained


@pytest.mark.parametrize("family", FAMILIES)
def test_every_way_to_open_it_equals_the_merged_export(
    exported: Exported, text_encoders: dict[str, Path], family: str
) -> None:
    adapter, merged = exported(family, "adapter"), exported(family)
    own = [path.stat().st_size for path in adapter.iterdir() if path.name.startswith("adapter")]
    assert sum(own) < 10_000 + 200 * 3 * 64
    tokens = open_text_encoder(str(merged)).tokenizer(["a person walks left"], return_tensors="pt")
    ids = torch.cat(
        [tokens["input_ids"][:, :-1], torch.tensor([[1000, 2000]]), tokens["input_ids"][:, -1:]], 1
    )
    expected = AutoModel.from_pretrained(merged).eval()(ids).last_hidden_state
    base = AutoModel.from_pretrained(text_encoders[family])
    assert not torch.allclose(base.eval()(ids).last_hidden_state, expected, atol=1e-3)
    wrapped = PeftModel.from_pretrained(base, str(adapter)).eval()
    assert torch.allclose(wrapped(ids).last_hidden_state, expected, atol=1e-6)
    assert torch.allclose(wrapped.merge_and_unload()(ids).last_hidden_state, expected, atol=1e-6)
    assert torch.allclose(
        AutoModel.from_pretrained(adapter).eval()(ids).last_hidden_state, expected, atol=1e-6
    )


def test_a_run_that_changed_nothing_or_more_than_rows_is_refused(
    trained: Trained, text_encoders: dict[str, Path], tmp_path: Path
) -> None:
    run = trained("bert")
    export(run, stock := tmp_path / "merged")
    with pytest.raises(MateError, match="no embedding row differs"):
        export(run, tmp_path / "out", "adapter", base=str(stock))
    with pytest.raises(MateError, match=r"embedding table is.*--base"):
        export(run, tmp_path / "out", "adapter", base=str(text_encoders["clip"]))
    model = AutoModel.from_pretrained(text_encoders["bert"])
    torch.nn.init.ones_(model.encoder.layer[0].output.dense.weight)
    model.save_pretrained(tmp_path / "other")
    open_text_encoder(str(text_encoders["bert"])).tokenizer.save_pretrained(tmp_path / "other")
    with pytest.raises(MateError, match=r"output\.dense\.weight differs"):
        export(run, tmp_path / "out", "adapter", base=str(tmp_path / "other"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("family", ["whole_clip", "bert"])
def test_it_opens_from_any_folder_and_brings_its_tokenizer(
    trained: Trained,
    whole_clip: Path,
    text_encoders: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    family: str,
) -> None:
    """Of a run that was started beside its base, and named it by a relative path."""
    base = whole_clip if family == "whole_clip" else text_encoders[family]
    run = trained(family)
    monkeypatch.chdir(base.parent)
    (run / "config.yaml").write_text(f"text_encoder: {base.name}\n")
    export(run, out := tmp_path / "out", "adapter")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    caption = "he’s turning left &amp; down"
    tokenizer = AutoTokenizer.from_pretrained(out)
    assert tokenizer(caption)["input_ids"] == AutoTokenizer.from_pretrained(base)(caption)["input_ids"]
    assert tokenizer.model_max_length == {"whole_clip": 77, "bert": 512}[family]
    AutoModel.from_pretrained(out)
    if family == "whole_clip":
        ids = torch.tensor([[49406, 1000, 1001, 2000, 49407]])
        expected = PeftModel.from_pretrained(CLIPTextModelWithProjection.from_pretrained(base), str(out))
        found = mate_hf.load(out).encode_text(ids)
        assert torch.allclose(found, expected.merge_and_unload().eval()(ids).text_embeds, atol=1e-5)
