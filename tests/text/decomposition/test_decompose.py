"""Files of captions to files of sub-texts, line for line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mate_hf
from mate_hf.errors import MateError
from mate_hf.text.decomposition.cache import AnswerCache
from mate_hf.text.decomposition.decompose import decompose_captions, decompose_file
from tests.utils.limits import files_of_at_most


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_line_i_of_the_output_speaks_of_line_i_of_the_input(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(
        "\ufeffhe walks then sits\n\n  Le café est fermé.  \nhe walks then sits\nblue", encoding="utf-8"
    )
    report = decompose_file(tmp_path / "in.txt", tmp_path / "out.jsonl")
    assert read(tmp_path / "out.jsonl") == [
        {"caption": "he walks then sits", "sub_texts": ["he walks", "sits"]},
        {"caption": "", "sub_texts": []},
        {"caption": "Le café est fermé.", "sub_texts": ["Le café est fermé."]},
        {"caption": "he walks then sits", "sub_texts": ["he walks", "sits"]},
        {"caption": "blue", "sub_texts": ["blue"]},
    ]
    assert (report.captions, report.unique, report.several) == (4, 3, 1)


def test_windows_line_ends_and_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"he walks\r\nhe sits\r\n")
    decompose_file(tmp_path / "in.txt", tmp_path / "out.jsonl")
    assert [row["caption"] for row in read(tmp_path / "out.jsonl")] == ["he walks", "he sits"]
    (tmp_path / "in.txt").write_bytes(b"")
    decompose_file(tmp_path / "in.txt", tmp_path / "out.jsonl", overwrite=True)
    assert read(tmp_path / "out.jsonl") == []


def test_what_is_not_utf8_is_named_by_line_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"he walks\nhe s\xff\n")
    with pytest.raises(MateError, match=r"in\.txt, line 2"):
        decompose_file(tmp_path / "in.txt", tmp_path / "out.jsonl")
    with pytest.raises(MateError, match=r"none\.txt"):
        decompose_file(tmp_path / "none.txt", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_a_backend_that_fails_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("he walks\n")
    with pytest.raises(MateError, match="backend"):
        decompose_file(tmp_path / "in.txt", tmp_path / "out.jsonl", backend="gpt")
    assert not (tmp_path / "out.jsonl").exists()


def test_lines_of_humanml3d_give_their_captions_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(
        b"he walks, then sits.#he/PRON walk/VERB then/ADV sit/VERB#0.0#0.0\rhe makes move #1\r\nhe kneels#he/PRON kneel/VERB#nan#nan"
    )
    report = decompose_file(tmp_path / "in.txt", tmp_path / "out.jsonl")
    assert [row["caption"] for row in read(tmp_path / "out.jsonl")] == [
        "he walks, then sits.",
        "he makes move #1",
        "he kneels",
    ]
    assert report.tagged == 2
    assert "2 lines hold tags and times" in report.summary()
    (tmp_path / "in.txt").write_text("he walks\n#he/PRON#0.0#0.0\n")
    with pytest.raises(MateError, match=r"in\.txt, line 2: the caption is empty"):
        decompose_file(tmp_path / "in.txt", tmp_path / "other.jsonl")


def test_a_line_separator_of_unicode_is_no_line_end(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("he walks\u2028on\nshe sits\n", encoding="utf-8")
    decompose_file(tmp_path / "in.txt", tmp_path / "out.jsonl")
    assert [row["caption"] for row in read(tmp_path / "out.jsonl")] == ["he walks\u2028on", "she sits"]


def test_a_full_or_foreign_cache_of_answers_is_named(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers", "model")
    cache.put("he walks", "he walks")
    with pytest.raises(MateError, match=r"cache .*answers: .*--cache"), files_of_at_most(20_000):
        cache.put("he sits", "x" * 100_000)
    assert cache.get("he walks") == "he walks"
    cache.close()
    (tmp_path / "thesis").write_text("years of work, and no database\n" * 100)
    with pytest.raises(MateError, match=r"cache .*thesis"):
        AnswerCache(tmp_path / "thesis", "model")
    assert (tmp_path / "thesis").read_text().startswith("years")


@pytest.mark.parametrize("byte", [b"\xa9", b"\xed", b"\xff"])
def test_a_cache_whose_table_is_no_text_is_named(tmp_path: Path, byte: bytes) -> None:
    AnswerCache(tmp_path / "cache", "m").close()
    content = (tmp_path / "cache").read_bytes()
    damaged = content.replace(b"answers (key", b"answers " + byte + b"key", 1)
    assert damaged != content
    (tmp_path / "cache").write_bytes(damaged)
    with pytest.raises(MateError, match=r"cache .*Free some room, remove the file"):
        AnswerCache(tmp_path / "cache", "m")


@pytest.mark.parametrize("count", [0, -4, 10**9])
def test_captions_asked_at_a_time_are_a_sensible_number(count: int) -> None:
    with pytest.raises(MateError, match=f"concurrency: {count}; expected 1 to 1000"):
        mate_hf.decompose_captions(["a person walks"], concurrency=count)


def test_a_book_in_one_caption_is_named() -> None:
    with pytest.raises(MateError, match="captions: number 1 has 6000 characters"):
        decompose_captions(["a man walks", "x" * 6000])


@pytest.mark.parametrize("unused", [{"model": "x"}, {"base_url": "http://x/v1"}, {"cache": Path("c")}])
def test_what_the_rules_do_not_need_is_refused(unused: dict[str, object]) -> None:
    [name] = unused
    with pytest.raises(MateError, match=rf"{name.replace('_', '-')}: the rules need none"):
        decompose_captions(["a man walks"], **unused)  # type: ignore[arg-type]
