"""Captions: their words and lemmas, their sub-texts, and the encoders that read them."""
