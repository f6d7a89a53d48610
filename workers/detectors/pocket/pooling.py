"""The average of a feature map inside boxes, exact to the fraction of a cell.

Legend: B images, R regions of one image, C channels, H W cells of a map, G bins a side.
"""

import torch
from torch import Tensor


def average_inside(map_BCHW: Tensor, boxes_BR4: Tensor, *, bins: int) -> Tensor:
    """Average a map exactly over bins x bins parts of each box: (B, R, bins * bins * C).

    A cell's weight is the share of the bin it covers, a separable quantity, so that pooling is one matrix
    product instead of a gather. Boxes thinner than a cell are widened to one: that interpolates linearly.
    boxes_BR4: x_min, y_min, x_max, y_max in 0..1 of the map's sides.
    """
    height, width = map_BCHW.shape[2:]
    x_BRGW = _overlap(boxes_BR4[..., 0] * width, boxes_BR4[..., 2] * width, bins=bins, cells=width)
    y_BRGH = _overlap(boxes_BR4[..., 1] * height, boxes_BR4[..., 3] * height, bins=bins, cells=height)
    weights = torch.einsum("brgh,brkw->brgkhw", y_BRGH, x_BRGW).flatten(4).flatten(1, 3)
    cells_BNC = map_BCHW.flatten(2).transpose(1, 2)
    pooled = torch.bmm(weights.to(cells_BNC.dtype), cells_BNC)
    return pooled.reshape(*boxes_BR4.shape[:2], bins * bins * map_BCHW.shape[1])


def enlarged(boxes_BR4: Tensor, factor: float) -> Tensor:
    """Boxes of the same centres, sides `factor` times as long, cut at 0 and 1."""
    centre = (boxes_BR4[..., :2] + boxes_BR4[..., 2:]) / 2
    half = (boxes_BR4[..., 2:] - boxes_BR4[..., :2]) * (factor / 2)
    return torch.cat((centre - half, centre + half), dim=-1).clamp(0, 1)


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
