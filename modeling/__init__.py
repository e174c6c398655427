"""The networks. Each file stands alone with its neighbours, so that the folder can travel to the Hub as it is."""

from transformers import AutoConfig, AutoModel

from .configuration_evaluator import EvaluatorConfig
from .configuration_masked import MaskedConfig
from .configuration_mate import MateConfig
from .configuration_mdm import MDMConfig
from .configuration_tmr import TMRConfig
from .configuration_vq import VQConfig
from .modeling_evaluator import EvaluatorModel
from .modeling_masked import MaskedModel
from .modeling_mate import MateModel, MateOutput
from .modeling_mdm import MDMModel
from .modeling_tmr import Gaussian, TMRModel
from .modeling_vq import VQModel
from .text_families import FAMILIES, TextFamily, family_of

AutoConfig.register(MateConfig.model_type, MateConfig, exist_ok=True)
AutoModel.register(MateConfig, MateModel, exist_ok=True)
AutoConfig.register(TMRConfig.model_type, TMRConfig, exist_ok=True)
AutoModel.register(TMRConfig, TMRModel, exist_ok=True)
AutoConfig.register(EvaluatorConfig.model_type, EvaluatorConfig, exist_ok=True)
AutoModel.register(EvaluatorConfig, EvaluatorModel, exist_ok=True)
AutoConfig.register(MDMConfig.model_type, MDMConfig, exist_ok=True)
AutoModel.register(MDMConfig, MDMModel, exist_ok=True)
AutoConfig.register(MaskedConfig.model_type, MaskedConfig, exist_ok=True)
AutoModel.register(MaskedConfig, MaskedModel, exist_ok=True)
AutoConfig.register(VQConfig.model_type, VQConfig, exist_ok=True)
AutoModel.register(VQConfig, VQModel, exist_ok=True)

__all__ = [
    "FAMILIES",
    "EvaluatorConfig",
    "EvaluatorModel",
    "Gaussian",
    "MDMConfig",
    "MDMModel",
    "MaskedConfig",
    "MaskedModel",
    "MateConfig",
    "MateModel",
    "MateOutput",
    "TMRConfig",
    "TMRModel",
    "TextFamily",
    "VQConfig",
    "VQModel",
    "family_of",
]
