"""CLIP as OpenAI's code names and stores it: key names, the `.pt` that `clip.load` opens, a text tower of that shape."""

from mate_hf.openai_clip.archive import read_archive, write_archive
from mate_hf.openai_clip.keys import from_openai, stand_in_visual, to_openai

__all__ = ["from_openai", "read_archive", "stand_in_visual", "to_openai", "write_archive"]
