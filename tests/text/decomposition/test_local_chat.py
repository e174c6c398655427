"""A chat model of transformers on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from mate_hf.errors import MateError
from mate_hf.text.decomposition.decompose import decompose_captions
from mate_hf.text.decomposition.local_chat import LocalChat
from mate_hf.text.decomposition.prompt import INSTRUCTIONS
from tests.tiny import minilm_folder

TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }} [SEP] {% endfor %}assistant:"


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama with MiniLM's words and a chat template."""
    folder = tmp_path_factory.mktemp("chat")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=30522,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=1024,
        eos_token_id=102,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    return folder


def test_a_model_that_babbles_gives_way_to_the_rules(chat_model: Path, tmp_path: Path) -> None:
    captions = ["he walks then sits", "she jumps", "he walks then sits"]
    found, report = decompose_captions(captions, "local", str(chat_model), cache=tmp_path / "c.sqlite")
    assert found == [["he walks", "sits"], ["she jumps"], ["he walks", "sits"]]
    assert sum(report.fallbacks.values()) == report.unique == 2


def test_what_the_model_writes_behind_the_prompt_is_the_answer(
    chat_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = LocalChat(str(chat_model), "cpu")
    answer = chat._tokenizer("he walks\nsits", add_special_tokens=False)["input_ids"]
    prompts = []

    def generate(input_ids: torch.Tensor, **options: object) -> torch.Tensor:
        assert options["do_sample"] is False
        prompts.extend(chat._tokenizer.batch_decode(input_ids, skip_special_tokens=True))
        return torch.cat([input_ids, torch.tensor([answer]).expand(len(input_ids), -1)], dim=1)

    monkeypatch.setattr(chat._model, "generate", generate)
    [(caption, said)] = chat.answers(["he walks then sits"])
    assert (caption, said) == ("he walks then sits", "he walks sits")
    assert INSTRUCTIONS.split("\n")[0].lower() in prompts[0]
    assert prompts[0].endswith("he walks then sits assistant :")


def test_a_model_without_a_chat_template_is_refused(tmp_path: Path, chat_model: Path) -> None:
    folder = tmp_path / "plain"
    LlamaForCausalLM.from_pretrained(chat_model).save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm_folder()).save_pretrained(folder)
    with pytest.raises(MateError, match="no chat template"):
        LocalChat(str(folder))


def test_a_model_that_does_not_open_is_named(tmp_path: Path) -> None:
    with pytest.raises(MateError, match="nowhere"):
        LocalChat(str(tmp_path / "nowhere"))
