"""hf-clip is the stock CLIP repository with another embedding table."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import CLIPModel, CLIPTextModelWithProjection, CLIPTokenizerFast

from mate_hf.errors import MateError
from mate_hf.exports import export
from tests.trained_runs import CHANGED, Exported, Trained


def test_only_rows_of_the_table_differ_from_the_stock_repository(
    exported: Exported, whole_clip: Path
) -> None:
    out = exported("whole_clip", "hf-clip")
    ours, stock = load_file(out / "model.safetensors"), load_file(whole_clip / "model.safetensors")
    assert ours.keys() == stock.keys()
    table = "text_model.embeddings.token_embedding.weight"
    assert [name for name in stock if not torch.equal(ours[name], stock[name])] == [table]
    assert (ours[table] != stock[table]).any(1).nonzero().flatten().tolist() == CHANGED
    assert {"vocab.json", "merges.txt", "tokenizer.json", "preprocessor_config.json"} <= {
        path.name for path in out.iterdir()
    }


def test_all_of_clip_and_the_text_tower_open_from_it(exported: Exported) -> None:
    whole = CLIPModel.from_pretrained(exported("whole_clip", "hf-clip")).eval()
    text, loading = CLIPTextModelWithProjection.from_pretrained(
        exported("whole_clip"), output_loading_info=True
    )
    assert not loading["missing_keys"]
    ids = torch.tensor([[49406, *CHANGED, 49407]])
    features = whole.text_projection(whole.text_model(ids).pooler_output)
    assert torch.allclose(features, text.eval()(ids).text_embeds, atol=1e-6)


@pytest.mark.parametrize("format", ["hf-clip", "openai-clip"])
def test_a_base_without_images_is_named_with_the_way_out(
    trained: Trained, whole_clip: Path, tmp_path: Path, format: str
) -> None:
    text_alone = tmp_path / "text_alone"
    CLIPTextModelWithProjection.from_pretrained(whole_clip).save_pretrained(text_alone)
    CLIPTokenizerFast.from_pretrained(whole_clip).save_pretrained(text_alone)
    unknowing = trained("whole_clip", base_known=False).rename(tmp_path / "unknowing")
    run = trained("whole_clip")
    with pytest.raises(MateError, match=r"without a visual tower.*--base"):
        export(run, tmp_path / "out", format, base=str(text_alone))
    with pytest.raises(MateError, match=r"nowhere.*could not be opened"):
        export(run, tmp_path / "out", format, base=str(tmp_path / "nowhere"))
    with pytest.raises(MateError, match=r"does not say which.*--base"):
        export(unknowing, tmp_path / "out", format)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", ["hf-clip", "openai-clip"])
def test_encoders_that_are_not_clip_are_refused(trained: Trained, tmp_path: Path, format: str) -> None:
    with pytest.raises(MateError, match="is distilbert, not CLIP"):
        export(trained("distilbert"), tmp_path / "out", format)
