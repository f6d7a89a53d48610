"""The zero-shot classifier: how alike a region and a text are, in CLIP's joint space.

Shapes: S stages of the cascade, R regions, C classes, D embedding.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from workers.detectors.detic.config import TEMPERATURE


class RegionEmbedding(nn.Module):
    """The projection of a region's features into the joint space."""

    def __init__(self, in_features: int, embedding: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, embedding)

    def forward(self, features_RF: Tensor) -> Tensor:
        """Return (R, D) float32 of unit length."""
        return F.normalize(self.linear(features_RF).float(), dim=1)


def classifier_weights(embeddings_CD: Tensor) -> Tensor:
    """Return (D, C): raw text embeddings as unit columns. A zero embedding stays zero.

    The background column of the official classifier is left out: it is always zero and never read.
    """
    return F.normalize(embeddings_CD.float(), dim=1).t().contiguous()


def class_logits(embeddings_RD: Tensor, weights_DC: Tensor) -> Tensor:
    """Return (R, C) for one stage."""
    return (TEMPERATURE * embeddings_RD) @ weights_DC


def class_scores(embeddings_SRD: Tensor, objectness_R: Tensor, weights_DC: Tensor) -> Tensor:
    """Return (R, C) in 0..1: the geometric mean of the stages' mean probability and the objectness."""
    total_RC = class_logits(embeddings_SRD[0], weights_DC).sigmoid_()
    for embeddings_RD in embeddings_SRD[1:]:
        total_RC += class_logits(embeddings_RD, weights_DC).sigmoid_()
    return total_RC.div_(len(embeddings_SRD)).mul_(objectness_R[:, None]).sqrt_()
