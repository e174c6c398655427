"""The networks. Each file stands alone with its neighbours, so that the folder can travel to the Hub as it is."""

from transformers import AutoConfig, AutoModel

from .configuration_mate import MateConfig
from .modeling_mate import MateModel, MateOutput
from .text_families import FAMILIES, TextFamily, family_of

AutoConfig.register(MateConfig.model_type, MateConfig, exist_ok=True)
AutoModel.register(MateConfig, MateModel, exist_ok=True)

__all__ = ["FAMILIES", "MateConfig", "MateModel", "MateOutput", "TextFamily", "family_of"]
