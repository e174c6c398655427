"""Which class of word each row of an embedding table belongs to."""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from mate_hf.modeling.clip_captions import tokenised
from mate_hf.modeling.word_spans import surface_form
from mate_hf.text.vocabulary import Vocabulary
from mate_hf.text.word_classes import classes_of

MARKS = "marks"
"""Class of rows that belong to no word: punctuation and special tokens."""


def rows_of_words(
    tokenizer: PreTrainedTokenizerBase, vocabulary: Vocabulary, moved: list[int]
) -> dict[int, str]:
    """The class of each row that is a sub-token of a word of the corpus, or has moved.

    A row that several words share has the class of the most frequent; one that tokenises so only inside a sentence is known by its text.
    """
    classes = classes_of(vocabulary)
    found: dict[int, str] = {}
    forms = list(classes)
    tokens = tokenised(tokenizer, forms, add_special_tokens=False, verbose=False)["input_ids"]
    for form, ids in zip(forms, tokens, strict=True):
        for row in ids:
            found.setdefault(int(row), classes[form])
    special = set(tokenizer.all_special_ids)
    for row in moved:
        if row not in found:
            text = "" if row in special else surface_form(str(tokenizer.decode([row])).strip())
            found[row] = classes.get(text, MARKS if not any(map(str.isalnum, text)) else "other")
    return found
