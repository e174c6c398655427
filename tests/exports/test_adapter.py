"""An adapter is the merged export in megabytes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModel

from mate_hf.errors import MateError
from mate_hf.exports import export
from mate_hf.text.encoders import open_text_encoder
from tests.exports.conftest import Trained
from tests.tiny import FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_every_way_to_open_it_equals_the_merged_export(
    trained: Trained, text_encoders: dict[str, Path], tmp_path: Path, family: str
) -> None:
    run = trained(family)
    export(run, adapter := tmp_path / "adapter", "adapter")
    export(run, merged := tmp_path / "merged")
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
