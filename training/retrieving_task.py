"""A task whose model brings sentences and motions into one space: validation asks how well they find each other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from mate_hf.retrieval.metrics import cosine_similarity
from mate_hf.training.task import Task
from mate_hf.training.validation import losses_and_retrieval


class RetrievingTask(Task):
    """See `Task`.

    Attributes:
        similarity: what validation's retrieval goes by.
    """

    similarity: Callable[[Tensor, Tensor], Tensor] = staticmethod(cosine_similarity)

    @abstractmethod
    def features(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Text features and motion features (B,D) of a batch, for validation's retrieval."""

    def validate(self, device: torch.device) -> dict[str, float]:
        assert self.validation is not None
        return losses_and_retrieval(self.objective, self.validation, self.features, device, self.similarity)

    def tell(self, values: dict[str, float]) -> str:
        return (
            f"{super().tell(values)}  R@1 {values['t2m/R@1']:.1f} % text to motion, {values['m2t/R@1']:.1f} % motion to "
            f"text (chance {values['chance_R@1']:.1f})  mean recall {values['mean_recall']:.1f} %"
        )
