"""Swin transformer backbone (Liu et al. 2021, arXiv 2103.14030).

Shapes: B images, H and W tokens per side of the map, C channels, N windows, T tokens in a window,
A attention heads, D channels of a head.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workers.detectors.detic.config import SwinConfig
from workers.detectors.detic.mlp import Mlp

MASKED_LOGIT = -100.0
"""Added between tokens that are neighbours only because the map was rolled."""


@lru_cache(maxsize=16)
def relative_position_index(window: int, device: torch.device) -> Tensor:
    """Return (T, T) int64: for tokens i and j, the row of the bias table for their offset."""
    offsets = torch.arange(window, device=device)
    y_T, x_T = (grid.flatten() for grid in torch.meshgrid(offsets, offsets, indexing="ij"))
    dy_TT = y_T[:, None] - y_T[None, :] + window - 1
    dx_TT = x_T[:, None] - x_T[None, :] + window - 1
    return dy_TT * (2 * window - 1) + dx_TT


# A compiled network then keeps the mask instead of the way to make it.
@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]  # torch's, without types
def shift_mask(height: int, width: int, window: int, shift: int, device: torch.device) -> Tensor:
    """Return (N, T, T) float32: 0 within a region of the rolled map, `MASKED_LOGIT` across regions."""
    return _shift_mask(height, width, window, shift, device)


@lru_cache(maxsize=16)
def _shift_mask(height: int, width: int, window: int, shift: int, device: torch.device) -> Tensor:
    row_H, column_W = (_region(side, window, shift, device) for side in (height, width))
    region_1HW1 = (3 * row_H[:, None] + column_W[None, :])[None, :, :, None]
    region_NT = to_windows(region_1HW1, window)[0, :, :, 0]
    differs_NTT = region_NT[:, :, None] != region_NT[:, None, :]
    return differs_NTT.float() * MASKED_LOGIT


def _region(side: int, window: int, shift: int, device: torch.device) -> Tensor:
    position = torch.arange(side, device=device)
    return (position >= side - window).long() + (position >= side - shift).long()


def to_windows(x_BHWC: Tensor, window: int) -> Tensor:
    """Cut a map whose sides are multiples of `window` into (B, N, T, C)."""
    batch, height, width, channels = x_BHWC.shape
    cut = x_BHWC.view(batch, height // window, window, width // window, window, channels)
    return cut.permute(0, 1, 3, 2, 4, 5).reshape(batch, -1, window * window, channels)


def from_windows(x_BNTC: Tensor, height: int, width: int, window: int) -> Tensor:
    """Undo `to_windows`."""
    batch, _, _, channels = x_BNTC.shape
    cut = x_BNTC.view(batch, height // window, width // window, window, window, channels)
    return cut.permute(0, 1, 3, 2, 4, 5).reshape(batch, height, width, channels)


class WindowAttention(nn.Module):
    """Self-attention within windows, with a learned bias per relative position.

    The bias is looked up once, when the weights are loaded.
    """

    bias_ATT: Tensor

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.window = window
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.register_buffer("bias_ATT", torch.zeros(heads, window**2, window**2), persistent=False)
        self.register_load_state_dict_post_hook(  # type: ignore[no-untyped-call]  # torch's, without types
            lambda module, _: module.refresh_bias()
        )

    @torch.no_grad()
    def refresh_bias(self) -> None:
        """Look the bias up again, after the table has changed."""
        table = self.relative_position_bias_table
        index_TT = relative_position_index(self.window, table.device)
        self.bias_ATT = table[index_TT].permute(2, 0, 1).contiguous()

    def forward(self, x_BNTC: Tensor, mask_NTT: Tensor | None) -> Tensor:
        """Return (B, N, T, C)."""
        batch, windows, tokens, channels = x_BNTC.shape
        qkv = self.qkv(x_BNTC).view(batch, windows, tokens, 3, self.heads, channels // self.heads)
        query, key, value = qkv.permute(3, 0, 1, 4, 2, 5)  # each (B, N, A, T, D)
        # The fused kernels take four dimensions: windows join the images, or where masked, the heads.
        if mask_NTT is None:
            leading = (batch * windows, self.heads)
            bias = self.bias_ATT[None]
        else:
            leading = (batch, windows * self.heads)
            bias = (self.bias_ATT + mask_NTT[:, None]).flatten(0, 1)[None]
        query, key, value = (part.reshape(*leading, tokens, -1) for part in (query, key, value))
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        mixed_BNATD = mixed.view(batch, windows, self.heads, tokens, -1)
        out: Tensor = self.proj(mixed_BNATD.transpose(2, 3).reshape(batch, windows, tokens, channels))
        return out


class Block(nn.Module):
    """Attention within windows, plain or shifted by half a window, then an MLP, each with a residual."""

    def __init__(self, channels: int, heads: int, window: int, shift: int) -> None:
        super().__init__()
        self.window = window
        self.shift = shift
        self.norm1 = nn.LayerNorm(channels)
        self.attn = WindowAttention(channels, heads, window)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = Mlp(channels)

    def forward(self, x_BHWC: Tensor) -> Tensor:
        """Return (B, H, W, C)."""
        x_BHWC = x_BHWC + self._attend(self.norm1(x_BHWC))
        out: Tensor = x_BHWC + self.mlp(self.norm2(x_BHWC))
        return out

    def _attend(self, x_BHWC: Tensor) -> Tensor:
        _, height, width, _ = x_BHWC.shape
        # Padding follows the norm, and padded tokens are attended to: so were the weights trained.
        x_BHWC = _pad_to_multiple(x_BHWC, self.window)
        padded_height, padded_width = x_BHWC.shape[1:3]
        mask_NTT = None
        if self.shift:
            x_BHWC = x_BHWC.roll((-self.shift, -self.shift), dims=(1, 2))
            mask_NTT = shift_mask(padded_height, padded_width, self.window, self.shift, x_BHWC.device)
        x_BNTC = self.attn(to_windows(x_BHWC, self.window), mask_NTT)
        x_BHWC = from_windows(x_BNTC, padded_height, padded_width, self.window)
        if self.shift:
            x_BHWC = x_BHWC.roll((self.shift, self.shift), dims=(1, 2))
        return x_BHWC[:, :height, :width]


def _pad_to_multiple(x_BHWC: Tensor, multiple: int) -> Tensor:
    _, height, width, _ = x_BHWC.shape
    return F.pad(x_BHWC, (0, 0, 0, -width % multiple, 0, -height % multiple))


class PatchMerging(nn.Module):
    """Halve the resolution: four neighbours become one token of twice the width."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * channels)
        self.reduction = nn.Linear(4 * channels, 2 * channels, bias=False)

    def forward(self, x_BHWC: Tensor) -> Tensor:
        """Return (B, H/2, W/2, 2C)."""
        x_BHWC = _pad_to_multiple(x_BHWC, 2)
        phases = [x_BHWC[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        out: Tensor = self.reduction(self.norm(torch.cat(phases, dim=-1)))
        return out


class Stage(nn.Module):
    """The blocks of one resolution, and the way down to the next."""

    def __init__(self, blocks: nn.Sequential, downsample: PatchMerging | None) -> None:
        super().__init__()
        self.blocks = blocks
        self.downsample = downsample

    def forward(self, x_BHWC: Tensor) -> tuple[Tensor, Tensor]:
        """Return the map of this resolution, and what the next stage starts from."""
        x_BHWC = self.blocks(x_BHWC)
        return x_BHWC, x_BHWC if self.downsample is None else self.downsample(x_BHWC)


class PatchEmbedding(nn.Module):
    """4x4 pixels become one token."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, channels, 4, stride=4)
        self.norm = nn.LayerNorm(channels)

    def forward(self, images_B3HW: Tensor) -> Tensor:
        """Return (B, H/4, W/4, C)."""
        out_BHWC: Tensor = self.norm(self.proj(images_B3HW).permute(0, 2, 3, 1))
        return out_BHWC


class Swin(nn.Module):
    """Patch embedding and four stages, of which the last three are delivered, each through a norm."""

    def __init__(self, config: SwinConfig) -> None:
        super().__init__()
        self.patch_embed = PatchEmbedding(config.widths[0])
        self.layers = nn.ModuleList(_stage(config, index) for index in range(4))
        self.norm1 = nn.LayerNorm(config.widths[1])
        self.norm2 = nn.LayerNorm(config.widths[2])
        self.norm3 = nn.LayerNorm(config.widths[3])

    def forward(self, images_B3HW: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the maps at strides 8, 16, 32."""
        x_BHWC = self.patch_embed(images_B3HW)
        maps = []
        for layer in self.layers:
            stage_BHWC, x_BHWC = layer(x_BHWC)
            maps.append(stage_BHWC)
        c3, c4, c5 = (norm(map_) for norm, map_ in zip(self._norms(), maps[1:], strict=True))
        return c3.permute(0, 3, 1, 2), c4.permute(0, 3, 1, 2), c5.permute(0, 3, 1, 2)

    def _norms(self) -> tuple[nn.LayerNorm, nn.LayerNorm, nn.LayerNorm]:
        return self.norm1, self.norm2, self.norm3


def _stage(config: SwinConfig, index: int) -> Stage:
    width, heads, window = config.widths[index], config.heads[index], config.window
    shifts = [window // 2 if block % 2 else 0 for block in range(config.depths[index])]
    blocks = nn.Sequential(*(Block(width, heads, window, shift) for shift in shifts))
    return Stage(blocks, PatchMerging(width) if index < 3 else None)
