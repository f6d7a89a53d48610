"""The class-agnostic mask head (He et al. 2017, arXiv 1703.06870).

Shapes: R regions, C channels, S bins per side.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MaskHead(nn.Module):
    """Four convolutions, upsampling by two, one map."""

    def __init__(self, channels: int = 256) -> None:
        super().__init__()
        self.mask_fcn1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.mask_fcn2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.mask_fcn3 = nn.Conv2d(channels, channels, 3, padding=1)
        self.mask_fcn4 = nn.Conv2d(channels, channels, 3, padding=1)
        self.deconv = nn.ConvTranspose2d(channels, channels, 2, stride=2)
        self.predictor = nn.Conv2d(channels, 1, 1)

    def forward(self, pooled_RCSS: Tensor) -> Tensor:
        """Return (R, 2S, 2S) float32 in 0..1: how likely a point of the box is of its object."""
        x_RCSS = pooled_RCSS
        for convolution in (self.mask_fcn1, self.mask_fcn2, self.mask_fcn3, self.mask_fcn4):
            x_RCSS = F.relu(convolution(x_RCSS))
        logits_R1SS: Tensor = self.predictor(F.relu(self.deconv(x_RCSS)))
        return torch.sigmoid(logits_R1SS.float()).squeeze(1)
