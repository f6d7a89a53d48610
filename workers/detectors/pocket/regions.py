"""What a region looks like, in the space of sentences and in the words of ImageNet.

Legend: B images, R regions of one image, C channels, H W cells of a map, G bins a side,
D sentence embedding, K ImageNet names.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RegionEmbedder(nn.Module):
    """Reads regions from the feature maps and says each twice.

    Once as a vector among sentences, learnt from boxes with words; once as ImageNet's posterior, which
    knows many words that were never seen with a box.
    """

    def __init__(
        self,
        *,
        mix: nn.Linear,
        embed_mix: nn.Linear,
        embed_image: nn.Linear,
        image_classes: nn.Linear,
        bins: int,
    ) -> None:
        super().__init__()
        self.mix = mix
        self.embed_mix = embed_mix
        self.embed_image = embed_image
        self.image_classes = image_classes
        self.bins = bins

    def forward(
        self, image_map_BCHW: Tensor, levels: Sequence[Tensor], boxes_BR4: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return (B, R, D) raw embeddings and (B, R, K) ImageNet logits, float32.

        levels: the pyramid levels to read. boxes_BR4: x_min, y_min, x_max, y_max in 0..1 of the maps' sides.
        """
        image_BRC = average_inside(image_map_BCHW, boxes_BR4, bins=1)
        fine = [average_inside(level_BCHW, boxes_BR4, bins=self.bins) for level_BCHW in levels]
        sides_BR2 = boxes_BR4[..., 2:] - boxes_BR4[..., :2]
        shape_BR4 = torch.cat((sides_BR2, sides_BR2.clamp(min=1e-3).log() / 4), dim=-1).to(image_BRC.dtype)
        hidden = F.silu(self.mix(torch.cat((image_BRC, *fine, shape_BR4), dim=-1)))
        embedding_BRD = self.embed_mix(hidden) + self.embed_image(image_BRC)
        return embedding_BRD.float(), self.image_classes(image_BRC).float()


def average_inside(map_BCHW: Tensor, boxes_BR4: Tensor, *, bins: int) -> Tensor:
    """Average a map exactly over bins x bins parts of each box: (B, R, bins * bins * C).

    A cell's weight is the share of the bin it covers, a separable quantity, so that pooling is one matrix
    product instead of a gather. Boxes thinner than a cell are widened to one: that interpolates linearly.
    """
    height, width = map_BCHW.shape[2:]
    x_BRGW = _overlap(boxes_BR4[..., 0] * width, boxes_BR4[..., 2] * width, bins=bins, cells=width)
    y_BRGH = _overlap(boxes_BR4[..., 1] * height, boxes_BR4[..., 3] * height, bins=bins, cells=height)
    weights = torch.einsum("brgh,brkw->brgkhw", y_BRGH, x_BRGW).flatten(4).flatten(1, 3)
    cells_BNC = map_BCHW.flatten(2).transpose(1, 2)
    pooled = torch.bmm(weights.to(cells_BNC.dtype), cells_BNC)
    return pooled.reshape(*boxes_BR4.shape[:2], bins * bins * map_BCHW.shape[1])


def _overlap(low_BR: Tensor, high_BR: Tensor, *, bins: int, cells: int) -> Tensor:
    """Share of each bin that each cell covers: (B, R, bins, cells), rows sum to 1 inside the map."""
    middle_BR = (low_BR + high_BR) / 2
    step_BR1 = ((high_BR - low_BR) / bins)[..., None]
    index_G = torch.arange(bins, device=low_BR.device) - (bins - 1) / 2
    centre_BRG = middle_BR[..., None] + step_BR1 * index_G
    half_BR1 = step_BR1.clamp(min=1.0) / 2
    start_BRG1 = (centre_BRG - half_BR1)[..., None]
    end_BRG1 = (centre_BRG + half_BR1)[..., None]
    cell_N = torch.arange(cells, device=low_BR.device)
    covered = (torch.minimum(end_BRG1, cell_N + 1.0) - torch.maximum(start_BRG1, cell_N * 1.0)).clamp(min=0)
    return covered / covered.sum(-1, keepdim=True).clamp(min=1e-6)
