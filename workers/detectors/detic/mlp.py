"""The part that the blocks of ConvNeXt and Swin share.

Shapes: B images, H and W cells, C channels.
"""

from torch import Tensor, nn
from torch.nn import functional as F


class Mlp(nn.Module):
    """Two linear layers around an exact GELU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, 4 * channels)
        self.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, x_BHWC: Tensor) -> Tensor:
        """Return (B, H, W, C)."""
        out: Tensor = self.fc2(F.gelu(self.fc1(x_BHWC)))
        return out
