"""Which kind of generator a model is."""

from __future__ import annotations

from mate_hf.errors import MateError
from mate_hf.generation.acting import Actor
from mate_hf.generation.diffusion_actor import DiffusionActor
from mate_hf.generation.masked_actor import MaskedActor
from mate_hf.modeling.modeling_masked import MaskedModel
from mate_hf.modeling.modeling_mdm import MDMModel
from mate_hf.modeling.modeling_vq import VQModel

GeneratorModel = MDMModel | MaskedModel


def actor_of(model: GeneratorModel, vq: VQModel | None = None) -> Actor:
    """The actor of a model that lies where it is to compute.

    Raises:
        MateError: a masked generator without its VQ-VAE.
    """
    if isinstance(model, MDMModel):
        return DiffusionActor(model)
    if vq is None:
        raise MateError("a masked generator makes codes: give the VQ-VAE that decodes them, too (vq=).")
    return MaskedActor(model, vq)
