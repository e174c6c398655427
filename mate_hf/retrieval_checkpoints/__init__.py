"""Published retrieval models (Mathux/TMR, LinghaoChan/OpenTMA) -> a `TMRModel` folder."""

from mate_hf.retrieval_checkpoints.convert import Conversion, convert_retrieval

__all__ = ["Conversion", "convert_retrieval"]
