"""A trained run -> an encoder that everybody's code opens."""

from mate_hf.exports.formats import FORMATS, export

__all__ = ["FORMATS", "export"]
