"""The network: backbone → pyramid → where (localisation) → what, and how well (regions).

Building it reads no file.

Legend: B images, P points, R regions of one image, C H W channels and cells, F features of a region,
D sentence embedding, K ImageNet names.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from workers.detectors.pocket.backbone import Backbone, Conv, InvertedResidual
from workers.detectors.pocket.config import PocketConfig, Stage
from workers.detectors.pocket.localisation import LocalisationHead
from workers.detectors.pocket.pooling import average_inside, enlarged
from workers.detectors.pocket.pyramid import Pyramid
from workers.detectors.pocket.refinement import RefinementHead
from workers.detectors.pocket.regions import RegionEmbedder


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the network says of regions it was given, float32."""

    embedding_BRD: Tensor
    """Among sentences, not yet of unit length."""
    image_logits_BRK: Tensor
    """Over ImageNet's names."""
    quality_logits_BR: Tensor
    """Of a box that fits an object, whatever it is."""
    shifts_BR4: Tensor
    """To where the box should be; see `refinement.shifted`."""


class PocketNetwork(nn.Module):
    """A class-agnostic detector whose regions can be compared with sentences."""

    def __init__(
        self,
        *,
        backbone: Backbone,
        pyramid: Pyramid,
        localisation: LocalisationHead,
        regions: RegionEmbedder,
        refinement: RefinementHead,
        bins: int,
        context: float,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.pyramid = pyramid
        self.localisation = localisation
        self.regions = regions
        self.refinement = refinement
        self.bins = bins
        self.context = context

    def forward(self, images_BCHW: Tensor) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
        """Return objectness logits (B, P), boxes (B, P, 4) in pixels, ImageNet's map, the pyramid's levels.

        images_BCHW: normalised, sides multiples of 64.
        """
        tapped, image_map_BCHW = self.backbone(images_BCHW)
        levels = self.pyramid(tapped)
        logits_BP, boxes_BP4 = self.localisation(levels)
        return logits_BP, boxes_BP4, image_map_BCHW, levels

    def describe(self, image_map_BCHW: Tensor, levels: list[Tensor], boxes_BR4: Tensor) -> Description:
        """Look at regions given as x_min, y_min, x_max, y_max in 0..1 of the input's sides."""
        inside_BRF, around_BRF = self.inside_and_around(levels, boxes_BR4)
        embedding, image_logits = self.name(image_map_BCHW, inside_BRF, boxes_BR4)
        quality_logits, shifts = self.judge(inside_BRF, around_BRF)
        return Description(
            embedding_BRD=embedding,
            image_logits_BRK=image_logits,
            quality_logits_BR=quality_logits,
            shifts_BR4=shifts,
        )

    def judge(self, inside_BRF: Tensor, around_BRF: Tensor) -> tuple[Tensor, Tensor]:
        """How well regions fit and where they should be, as in `Description`; of `inside_and_around`."""
        quality_logits, shifts = self.refinement(torch.cat((inside_BRF, around_BRF), dim=-1))
        return quality_logits, shifts

    def name(self, image_map_BCHW: Tensor, inside_BRF: Tensor, boxes_BR4: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings and ImageNet logits of regions, as in `Description`."""
        image_BRC = average_inside(image_map_BCHW, boxes_BR4, bins=1)
        embedding, image_logits = self.regions(image_BRC, torch.cat((image_BRC, inside_BRF), dim=-1))
        return embedding, image_logits

    def inside_and_around(self, levels: list[Tensor], boxes_BR4: Tensor) -> tuple[Tensor, Tensor]:
        """What the pyramid holds in the parts of each region, and its shape; what it holds round about."""
        inside = [average_inside(level_BCHW, boxes_BR4, bins=self.bins) for level_BCHW in levels[:-1]]
        wider_BR4 = enlarged(boxes_BR4, self.context)
        around = [average_inside(level_BCHW, wider_BR4, bins=1) for level_BCHW in levels[:-1]]
        sides_BR2 = boxes_BR4[..., 2:] - boxes_BR4[..., :2]
        shape_BR4 = torch.cat((sides_BR2, sides_BR2.clamp(min=1e-3).log() / 4), dim=-1).to(inside[0].dtype)
        return torch.cat((*inside, shape_BR4), dim=-1), torch.cat(around, dim=-1)


def build(config: PocketConfig) -> PocketNetwork:
    """Build the network with random weights."""
    return PocketNetwork(
        backbone=_backbone(config),
        pyramid=Pyramid([config.stages[i].channels for i in config.tapped_stages], config.pyramid_channels),
        localisation=LocalisationHead(config.pyramid_channels, config.strides),
        regions=_regions(config),
        refinement=_refinement(config),
        bins=config.bins,
        context=config.context,
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
    fine = _read_channels(config) * config.bins**2
    return RegionEmbedder(
        mix=nn.Linear(config.image_channels + fine + 4, config.region_hidden),
        embed_mix=nn.Linear(config.region_hidden, config.text_channels),
        embed_image=nn.Linear(config.image_channels, config.text_channels),
        image_classes=nn.Linear(config.image_channels, config.image_classes),
    )


def _refinement(config: PocketConfig) -> RefinementHead:
    return RefinementHead(_read_channels(config) * (config.bins**2 + 1) + 4, config.refinement_hidden)


def _read_channels(config: PocketConfig) -> int:
    """Channels of the levels that regions are read from, all but the coarsest."""
    return (len(config.strides) - 1) * config.pyramid_channels
