"""Prompts about a corpus of clips: opposites in pairs, of the class that the corpus's own labels give them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bandai_prompts import STYLES, main, prompts
from benchmarks.bandai_sequences import HELD_OUT_EVERY
from mate_hf.errors import MateError
from mate_hf.evaluation.obedience import read_prompts

CONTENTS = ("raise-up-left-hand", "raise-up-right-hand", "walk-turn-left", "walk-turn-right")
KEPT = ("masculine", "normal")
"""Styles in which both kinds are asked."""

EVERY_WORD_OF_A_PIVOT = "someone pivots left right then raises both arms with youthful energy waves hands in a manly manner bows feminine way"


def labelled(folder: Path, caption: str = "someone turns left") -> Path:
    """A corpus whose captions all say the same."""
    (folder / "texts").mkdir()
    rows = ["id,content,style,frames,split"]
    for content in CONTENTS:
        for style in KEPT:
            rows.append(f"b{len(rows):03d},{content},{style},60,train")
            (folder / "texts" / f"{rows[-1][:4]}.txt").write_text(
                f"{caption}#x/X#0.0#0.0\n", encoding="utf-8"
            )
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return labelled(tmp_path)


def test_the_command_writes_what_the_evaluation_reads(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = source / "prompts.jsonl"
    monkeypatch.setattr("sys.argv", ["bandai_prompts", str(source), str(out)])
    main()
    read = read_prompts(out)
    assert capsys.readouterr().out == f"{out}: {len(read)} prompts\n"
    assert [prompt.text for prompt in read] == [prompt["prompt"] for prompt in prompts(source)]
    assert {prompt.of_class for prompt in read} == {"seen", "new combination", "unseen word"}


def test_a_class_is_what_the_labels_say(source: Path) -> None:
    pairs = sorted((content, style) for content in CONTENTS for style in KEPT)
    held_out = {pair for number, pair in enumerate(pairs) if number % HELD_OUT_EVERY == 2}
    styled = [
        found
        for found in prompts(source)
        if found["class"] != "unseen word" and found["probe"] in ("turn", "arm")
    ]
    # Three phrases of each pair that the corpus has.
    assert len(styled) == 3 * len(pairs)
    for prompt in styled:
        side = "left" if prompt["expected"] == 1 else "right"
        content = f"walk-turn-{side}" if prompt["probe"] == "turn" else f"raise-up-{side}-hand"
        # What stands beside it is styled, too.
        (action,) = (part for part in prompt["prompt"].split(" then ") if side in part.split())
        (style,) = (style for style in KEPT if action.endswith(STYLES[style]))
        assert (prompt["class"] == "new combination") == ((content, style) in held_out), prompt


def test_opposites_are_told_alike(source: Path) -> None:
    found = {prompt["prompt"]: prompt for prompt in prompts(source)}
    assert len(found) == len(prompts(source))
    for prompt in found.values():
        other = found.get(prompt["counterpart"])
        if other is not None and prompt["probe"] != "speed":
            assert (other["counterpart"], other["expected"]) == (prompt["prompt"], -prompt["expected"])


def test_unseen_words_are_unseen(tmp_path: Path) -> None:
    with pytest.raises(MateError, match=r"pivots left.*captions have every word"):
        prompts(labelled(tmp_path, EVERY_WORD_OF_A_PIVOT))
