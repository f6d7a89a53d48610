"""What ImageNet's classifier says of any region: the source of words never seen with a box.

A copy of the pretrained backbone, never trained, reads every batch beside the student. It knows nothing of
boxes, so it may be asked about any place, also where nothing is annotated, and it keeps the student from
forgetting what boxes do not teach (learning without forgetting, Li and Hoiem 2016).

Legend: B images, R regions of an image, K ImageNet names.
"""

import torch
from torch import Tensor

from training.pocket.imagenet import load_imagenet
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.network import build
from workers.detectors.pocket.pooling import average_inside

SMALLEST_PX = 28
"""Of a region with a shorter side it sees the surroundings only."""


class ImageNet:
    """The classifier as it was pretrained."""

    def __init__(self) -> None:
        network = build(PocketConfig()).eval().requires_grad_(False)
        load_imagenet(network)
        self._backbone = network.backbone.to(memory_format=torch.channels_last)
        self._classes = network.regions.image_classes

    @torch.no_grad()
    def __call__(self, images_BCHW: Tensor, boxes_BR4: Tensor) -> Tensor:
        """(B, R, K) logits of regions in 0..1 of the sides of pictures as `Batch.images_BCHW` holds them."""
        with torch.autocast("cpu", torch.bfloat16):
            _, image_map = self._backbone(images_BCHW)
        logits: Tensor = self._classes(average_inside(image_map.float(), boxes_BR4, bins=1))
        return logits


def large_enough(boxes_BR4: Tensor) -> Tensor:
    """(B, R) whether a region, in pixels, is worth asking about."""
    return (boxes_BR4[..., 2:] - boxes_BR4[..., :2]).amin(-1) >= SMALLEST_PX
