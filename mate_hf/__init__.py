"""mate-hf: text encoders whose word embeddings know how bodies move."""

from importlib.metadata import version

__version__ = version("mate-hf")
