"""The whole network, part by part: pyramid, proposals, cascade.

Shapes: B images, C channels, H and W pixels or cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from workers.detectors.detic.cascade import BoxHead, BoxPredictor, CascadeRegions, RoiHeads
from workers.detectors.detic.centernet import CenterNetHead, ProposalGenerator
from workers.detectors.detic.config import BackboneConfig, ConvNeXtConfig, DeticConfig, ResNetConfig
from workers.detectors.detic.convnext import ConvNeXt
from workers.detectors.detic.fpn import FeaturePyramid
from workers.detectors.detic.mask_head import MaskHead
from workers.detectors.detic.resnet import ResNet
from workers.detectors.detic.swin import Swin

PYRAMID_CHANNELS = 256


@dataclass(frozen=True, kw_only=True)
class DenseMaps:
    """What the dense part says of a batch, per level p3..p7."""

    pyramid: Sequence[Tensor]
    """(B, C, H, W) each."""
    logits: Sequence[Tensor]
    """(B, 1, H, W) float32 each: objectness."""
    distances: Sequence[Tensor]
    """(B, 4, H, W) float32 each: left, top, right, bottom, in strides."""


class Detic(nn.Module):
    """A Detic of any backbone. Its parameters have the names of the official checkpoints."""

    def __init__(
        self, backbone: FeaturePyramid, proposal_generator: ProposalGenerator, roi_heads: RoiHeads
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.proposal_generator = proposal_generator
        self.roi_heads = roi_heads

    def forward(self, images_B3HW: Tensor) -> DenseMaps:
        """Run the dense part, all of it convolutional: what takes the time, and what is worth compiling.

        images: normalised, padded to a multiple of 32.
        """
        pyramid = self.backbone(images_B3HW)
        logits, distances = self.proposal_generator(pyramid)
        return DenseMaps(pyramid=pyramid, logits=logits, distances=distances)

    def regions(self, maps: DenseMaps, height_width: tuple[int, int]) -> CascadeRegions:
        """Run proposals and cascade. height_width: of the resized pictures, before padding."""
        proposals = self.proposal_generator.decode(maps.logits, maps.distances)
        regions: CascadeRegions = self.roi_heads(maps.pyramid, proposals, height_width)
        return regions


class UnderBase(nn.Module):
    """A backbone one name deeper: the official checkpoints keep ResNet and ConvNeXt under `base`."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__()
        self.base = base

    def forward(self, images_B3HW: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the maps at strides 8, 16, 32."""
        maps: tuple[Tensor, Tensor, Tensor] = self.base(images_B3HW)
        return maps


def build(config: DeticConfig) -> Detic:
    """Return the network of a configuration, its weights not yet set, in evaluation mode."""
    bottom_up = _build_backbone(config.backbone)
    pyramid = FeaturePyramid(bottom_up, config.backbone.out_channels, PYRAMID_CHANNELS)
    proposals = ProposalGenerator(CenterNetHead(PYRAMID_CHANNELS), config.proposals)
    return Detic(pyramid, proposals, _build_heads(config)).eval().requires_grad_(requires_grad=False)


def _build_backbone(config: BackboneConfig) -> nn.Module:
    if isinstance(config, ResNetConfig):
        return UnderBase(ResNet(config))
    if isinstance(config, ConvNeXtConfig):
        return UnderBase(ConvNeXt(config))
    return Swin(config)


def _build_heads(config: DeticConfig) -> RoiHeads:
    cascade = config.cascade
    pooled = PYRAMID_CHANNELS * cascade.box_bins**2
    stages = range(len(cascade.delta_weights))
    return RoiHeads(
        [BoxHead(pooled, cascade.hidden) for _ in stages],
        [BoxPredictor(cascade.hidden, cascade.embedding) for _ in stages],
        MaskHead(PYRAMID_CHANNELS),
        cascade,
    )
