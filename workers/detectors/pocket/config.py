"""Every size of the pocket detector, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A run of inverted residual blocks; the first one strides."""

    blocks: int
    """How many."""
    channels: int
    """Output channels of each."""
    kernel: int
    """Side of the depthwise kernel."""
    stride: int
    """Stride of the first block, 1 or 2."""
    expansion: int
    """Hidden channels = input channels x expansion."""


@dataclass(frozen=True, kw_only=True)
class PocketConfig:
    """Sizes of the network. The defaults are the shipped weights'."""

    stem_channels: int = 32
    """Channels after the first convolution, stride 2."""
    stages: tuple[Stage, ...] = (
        Stage(blocks=1, channels=16, kernel=3, stride=1, expansion=1),
        Stage(blocks=2, channels=24, kernel=3, stride=2, expansion=6),
        Stage(blocks=2, channels=40, kernel=5, stride=2, expansion=6),
        Stage(blocks=3, channels=80, kernel=3, stride=2, expansion=6),
        Stage(blocks=3, channels=112, kernel=5, stride=1, expansion=6),
        Stage(blocks=4, channels=192, kernel=5, stride=2, expansion=6),
        Stage(blocks=1, channels=320, kernel=3, stride=1, expansion=6),
    )
    """EfficientNet-Lite0."""
    tapped_stages: tuple[int, ...] = (2, 4, 6)
    """Stages the pyramid is built on: strides 8, 16 and 32."""
    image_channels: int = 1280
    """Channels of the last feature map, the one ImageNet's classifier reads."""
    image_classes: int = 1000
    """Names of ImageNet-1k."""
    pyramid_channels: int = 96
    """Channels of every pyramid level."""
    strides: tuple[int, ...] = (8, 16, 32, 64)
    """Strides of the pyramid levels."""
    bins: int = 2
    """A region is averaged over bins x bins parts of each pyramid level."""
    context: float = 1.6
    """Sides of the surroundings that a region is judged by, in sides of the region."""
    region_hidden: int = 160
    """Width of the region embedder's hidden layer."""
    refinement_hidden: int = 128
    """Width of the hidden layers that judge and shift a region's box."""
    text_channels: int = 384
    """Width of the sentence embeddings."""
