"""The network: backbone → pyramid → where (localisation) and what (regions). Building it reads no file."""

from torch import Tensor, nn

from workers.detectors.pocket.backbone import Backbone, Conv, InvertedResidual
from workers.detectors.pocket.config import PocketConfig, Stage
from workers.detectors.pocket.localisation import LocalisationHead
from workers.detectors.pocket.pyramid import Pyramid
from workers.detectors.pocket.regions import RegionEmbedder


class PocketNetwork(nn.Module):
    """A class-agnostic detector whose regions can be compared with sentences."""

    def __init__(
        self, *, backbone: Backbone, pyramid: Pyramid, localisation: LocalisationHead, regions: RegionEmbedder
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.pyramid = pyramid
        self.localisation = localisation
        self.regions = regions

    def forward(self, images_BCHW: Tensor) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
        """Return objectness logits (B, P), boxes (B, P, 4) in pixels, ImageNet's map, the pyramid's levels.

        images_BCHW: normalised, sides multiples of 64.
        """
        tapped, image_map_BCHW = self.backbone(images_BCHW)
        levels = self.pyramid(tapped)
        logits_BP, boxes_BP4 = self.localisation(levels)
        return logits_BP, boxes_BP4, image_map_BCHW, levels

    def describe(
        self, image_map_BCHW: Tensor, levels: list[Tensor], boxes_BR4: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Embeddings and ImageNet logits of regions given in 0..1 of the input's sides."""
        embedding_BRD, logits_BRK = self.regions(image_map_BCHW, levels[:-1], boxes_BR4)
        return embedding_BRD, logits_BRK


def build(config: PocketConfig) -> PocketNetwork:
    """Build the network with random weights."""
    return PocketNetwork(
        backbone=_backbone(config),
        pyramid=Pyramid([config.stages[i].channels for i in config.tapped_stages], config.pyramid_channels),
        localisation=LocalisationHead(config.pyramid_channels, config.strides),
        regions=_regions(config),
    )


def _backbone(config: PocketConfig) -> Backbone:
    stages: list[nn.Module] = []
    inputs = config.stem_channels
    for stage in config.stages:
        stages.append(nn.Sequential(*_blocks(stage, inputs)))
        inputs = stage.channels
    stem = Conv(3, config.stem_channels, 3, stride=2)
    return Backbone(stem, stages, Conv(inputs, config.image_channels), config.tapped_stages)


def _blocks(stage: Stage, inputs: int) -> list[InvertedResidual]:
    return [
        InvertedResidual(
            inputs if i == 0 else stage.channels,
            stage.channels,
            kernel=stage.kernel,
            stride=stage.stride if i == 0 else 1,
            expansion=stage.expansion,
        )
        for i in range(stage.blocks)
    ]


def _regions(config: PocketConfig) -> RegionEmbedder:
    fine = (len(config.strides) - 1) * config.pyramid_channels * config.bins**2
    return RegionEmbedder(
        mix=nn.Linear(config.image_channels + fine + 4, config.region_hidden),
        embed_mix=nn.Linear(config.region_hidden, config.text_channels),
        embed_image=nn.Linear(config.image_channels, config.text_channels),
        image_classes=nn.Linear(config.image_channels, config.image_classes),
        bins=config.bins,
    )
