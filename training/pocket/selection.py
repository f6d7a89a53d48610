"""What of all points is worth a second look, as whole batches: the same number of rows for each image.

Legend: B images, P points, N boxes before suppression, R rows of an image, X numbers of a row.
"""

import torch
from torch import Tensor
from torchvision.ops import batched_nms

from workers.detectors.pocket.suppression import NEARLY_SAME_IOU, PROPOSALS
from workers.detectors.pocket.torch_network import BEFORE_SUPPRESSION


def proposals(objectness_BP: Tensor, boxes_BP4: Tensor) -> tuple[Tensor, Tensor]:
    """What is worth a second look: objectness (B, R) and indices (B, R) of points, best first.

    Rows past an image's last proposal have objectness 0.
    """
    best_BN, index_BN = objectness_BP.topk(min(BEFORE_SUPPRESSION, objectness_BP.shape[1]), dim=1)
    boxes_BN4 = rows(boxes_BP4, index_BN)
    image_BN = torch.arange(len(best_BN), device=best_BN.device)[:, None].expand_as(best_BN)
    kept = batched_nms(boxes_BN4.flatten(0, 1), best_BN.flatten(), image_BN.flatten(), NEARLY_SAME_IOU)
    survives = torch.zeros(best_BN.numel(), dtype=torch.bool, device=best_BN.device)
    survives[kept] = True
    left_BN = best_BN * survives.view_as(best_BN)
    score_BR, order_BR = left_BN.topk(min(PROPOSALS, best_BN.shape[1]), dim=1)
    return score_BR, index_BN.gather(1, order_BR)


def rows(table_BNX: Tensor, index_BR: Tensor) -> Tensor:
    """Pick rows of each image: (B, N, X) and (B, R) to (B, R, X)."""
    return table_BNX.gather(1, index_BR[..., None].expand(-1, -1, table_BNX.shape[-1]))
