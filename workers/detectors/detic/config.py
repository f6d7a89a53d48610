"""Every size and constant of Detic (Zhou et al. 2021, arXiv 2201.02605), and the released models by name."""

from dataclasses import dataclass, field
from typing import Literal

from workers.detectors.errors import WeightsError

OFFICIAL_LOCATION = "https://dl.fbaipublicfiles.com/detic"

STRIDES = (8, 16, 32, 64, 128)
"""Pixels per cell of p3..p7."""
POOLED_STRIDES = STRIDES[:3]
"""Regions are pooled from p3, p4 and p5 alone."""
PADDING_MULTIPLE_PX = 32
"""Pictures are padded to a multiple of the backbone's coarsest stride."""

TEMPERATURE = 50.0
"""What a cosine is multiplied by to become a logit. There is no bias and no softmax: each class a sigmoid."""

LVIS_CLASSES = 1203
LVIS_AND_IMAGENET21K_CLASSES = 22047


@dataclass(frozen=True, kw_only=True)
class ResNetConfig:
    """A residual network of He et al. 2016, with frozen batch norms."""

    block: Literal["basic", "bottleneck"]
    depths: tuple[int, int, int, int]
    """Blocks per stage."""
    widths: tuple[int, int, int, int] = (64, 128, 256, 512)
    """Channels inside the blocks of each stage."""

    @property
    def out_channels(self) -> tuple[int, int, int]:
        """Channels at strides 8, 16, 32."""
        expansion = 4 if self.block == "bottleneck" else 1
        _, c3, c4, c5 = self.widths
        return c3 * expansion, c4 * expansion, c5 * expansion


@dataclass(frozen=True, kw_only=True)
class ConvNeXtConfig:
    """A ConvNeXt of Liu et al. 2022."""

    depths: tuple[int, int, int, int] = (3, 3, 9, 3)
    """Blocks per stage."""
    widths: tuple[int, int, int, int] = (96, 192, 384, 768)
    """Channels per stage."""
    downsampling_variance: Literal["unbiased", "population"] = "unbiased"
    """The divisor, C-1 or C, in the three norms before downsampling. The released weights were trained with
    C-1, an accident of the library of the day; later versions of it divide by C."""

    @property
    def out_channels(self) -> tuple[int, int, int]:
        """Channels at strides 8, 16, 32."""
        return self.widths[1:]


@dataclass(frozen=True, kw_only=True)
class SwinConfig:
    """A shifted-window transformer of Liu et al. 2021."""

    depths: tuple[int, int, int, int] = (2, 2, 18, 2)
    """Blocks per stage."""
    widths: tuple[int, int, int, int] = (128, 256, 512, 1024)
    """Channels per stage."""
    heads: tuple[int, int, int, int] = (4, 8, 16, 32)
    """Attention heads per stage, of 32 channels each."""
    window: int = 7
    """Tokens per side of an attention window; every other block is shifted by half of it."""

    @property
    def out_channels(self) -> tuple[int, int, int]:
        """Channels at strides 8, 16, 32."""
        return self.widths[1:]


BackboneConfig = ResNetConfig | ConvNeXtConfig | SwinConfig


@dataclass(frozen=True, kw_only=True)
class InputConfig:
    """How a frame becomes what the network reads."""

    shortest_side_px: int = 800
    """The shorter side after the resize, unless the longer would pass its limit."""
    longest_side_px: int = 1333
    """The limit of the longer side."""
    mean_rgb: tuple[float, float, float] = (123.675, 116.28, 103.53)
    std_rgb: tuple[float, float, float] = (58.395, 57.12, 57.375)


@dataclass(frozen=True, kw_only=True)
class ProposalConfig:
    """Which cells of the class-agnostic heat maps become proposals."""

    lowest_probability: float = 0.0001
    best_per_level: int = 1000
    overlap_iou: float = 0.9
    best_per_image: int = 256


@dataclass(frozen=True, kw_only=True)
class CascadeConfig:
    """The three box stages, the classifier and the mask head."""

    delta_weights: tuple[tuple[float, float, float, float], ...] = (
        (10.0, 10.0, 5.0, 5.0),
        (20.0, 20.0, 10.0, 10.0),
        (30.0, 30.0, 15.0, 15.0),
    )
    """Per stage, what (dx, dy, dw, dh) are divided by."""
    hidden: int = 1024
    embedding: int = 512
    """Width of CLIP ViT-B/32's joint space."""
    box_bins: int = 7
    mask_bins: int = 14


@dataclass(frozen=True, kw_only=True)
class SelectionConfig:
    """Which (region, class) pairs become detections."""

    one_class_per_region: bool = True
    """True as in Detic's demo; False as in its evaluation, where a region may be several things."""
    overlap_iou: float = 0.5
    best_per_image: int = 300


@dataclass(frozen=True, kw_only=True)
class DeticConfig:
    """One Detic."""

    backbone: BackboneConfig
    input: InputConfig = field(default_factory=InputConfig)
    proposals: ProposalConfig = field(default_factory=ProposalConfig)
    cascade: CascadeConfig = field(default_factory=CascadeConfig)
    selection: SelectionConfig = field(default_factory=SelectionConfig)


@dataclass(frozen=True, kw_only=True)
class Release:
    """A model of the official zoo."""

    backbone: BackboneConfig
    official_name: str
    """The stem of its file at `OFFICIAL_LOCATION`."""
    trained_classes: int
    """Columns of its own classifier, without background. The job's vocabulary takes the place of it."""

    @property
    def file_name(self) -> str:
        """Of the checkpoint, in the official location and in the cache."""
        return f"{self.official_name}.pth"

    @property
    def url(self) -> str:
        """Where the checkpoint is downloaded from."""
        return f"{OFFICIAL_LOCATION}/{self.file_name}"

    @property
    def config(self) -> DeticConfig:
        """The architecture of this model with the official settings."""
        return DeticConfig(backbone=self.backbone)


SWIN_B = SwinConfig()
CONVNEXT_T = ConvNeXtConfig()
RESNET_50 = ResNetConfig(block="bottleneck", depths=(3, 4, 6, 3))
RESNET_18 = ResNetConfig(block="basic", depths=(2, 2, 2, 2))


def _large_vocabulary(backbone: BackboneConfig, official_name: str) -> Release:
    return Release(
        backbone=backbone, official_name=official_name, trained_classes=LVIS_AND_IMAGENET21K_CLASSES
    )


def _lvis(backbone: BackboneConfig, official_name: str) -> Release:
    return Release(backbone=backbone, official_name=official_name, trained_classes=LVIS_CLASSES)


RELEASES = {
    "detic-swinb": _large_vocabulary(SWIN_B, "Detic_LCOCOI21k_CLIP_SwinB_896b32_4x_ft4x_max-size"),
    "detic-convnext": _large_vocabulary(CONVNEXT_T, "Detic_LCOCOI21k_CLIP_CXT21k_640b32_4x_ft4x_max-size"),
    "detic-r50": _large_vocabulary(RESNET_50, "Detic_LCOCOI21k_CLIP_R5021k_640b32_4x_ft4x_max-size"),
    "detic-r18": _large_vocabulary(RESNET_18, "Detic_LCOCOI21k_CLIP_R18_640b32_4x_ft4x_max-size"),
    "detic-swinb-lvis": _lvis(SWIN_B, "Detic_LI_CLIP_SwinB_896b32_4x_ft4x_max-size"),
    "detic-r50-lvis": _lvis(RESNET_50, "Detic_LI_CLIP_R5021k_640b64_4x_ft4x_max-size"),
    "detic-swinb-lvis-base": _lvis(SWIN_B, "Detic_LbaseI_CLIP_SwinB_896b32_4x_ft4x_max-size"),
    "detic-r50-lvis-base": _lvis(RESNET_50, "Detic_LbaseI_CLIP_R5021k_640b64_4x_ft4x_max-size"),
    "boxsup-swinb-lvis": _lvis(SWIN_B, "BoxSup-C2_L_CLIP_SwinB_896b32_4x"),
    "boxsup-r50-lvis": _lvis(RESNET_50, "BoxSup-C2_L_CLIP_R5021k_640b64_4x"),
}
"""The models `load` knows. Those with `lvis` in their name were trained on LVIS alone ("base": without its
rare classes; "boxsup": without image labels), the others on LVIS, COCO and ImageNet-21k."""


def release(name: str) -> Release:
    """Return the released model of that name, or raise `WeightsError` that lists the names."""
    if name not in RELEASES:
        raise WeightsError(f"there is no detector {name!r}: choose one of {', '.join(RELEASES)}")
    return RELEASES[name]
