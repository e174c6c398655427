"""What somebody types: a sentence that a model can read, or a word of the sort."""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from mate_hf.errors import MateError
from mate_hf.modeling.clip_captions import tokenised
from mate_hf.modeling.word_spans import find_words, surface_form
from mate_hf.utils.json_files import brief

MOST_CHARACTERS = 500
"""HumanML3D's longest caption has as many."""


def typed_sentence(given: str | None, tokenizer: PreTrainedTokenizerBase, limit: int) -> str:
    """The sentence, without the room around it.

    Args:
        tokenizer: of the encoder that will read it.
        limit: tokens that this encoder takes.

    Raises:
        MateError: nothing that can be read: no word, no text, or more than the encoder takes.
    """
    sentence = _text(given)
    if not sentence:
        raise MateError('The sentence is empty. Type one, such as "a person turns left".')
    if len(sentence) > MOST_CHARACTERS:
        raise MateError(
            f"The sentence has {len(sentence)} characters; expected at most {MOST_CHARACTERS}. Shorten it."
        )
    if not find_words(sentence):
        raise MateError(f'No word is in {brief(sentence)}. Type a sentence, such as "a person turns left".')
    tokens = len(tokenised(tokenizer, [sentence], verbose=False)["input_ids"][0])
    if tokens > limit:
        raise MateError(
            f"The sentence is {tokens} tokens long; the text encoder reads at most {limit}. Shorten it."
        )
    return sentence


def typed_word(given: str | None) -> str:
    """One word, as vocabularies spell it.

    Raises:
        MateError: none, or several.
    """
    entered = _text(given)
    words = [surface_form(word) for word, _, _ in find_words(entered[:MOST_CHARACTERS])]
    if len(words) != 1:
        found = "No word is typed" if not words else f"{len(words)} words are typed"
        raise MateError(f"{found}; expected one, such as left.")
    return words[0]


def _text(given: str | None) -> str:
    entered = "" if given is None else str(given)
    try:
        entered.encode()
    except UnicodeEncodeError as error:
        raise MateError(f"Character {error.start + 1} is half of one. Type the text again.") from error
    return " ".join(entered.split())
