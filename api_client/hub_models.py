"""Well-known models for `-d hf:MODEL`, and their licences as their own pages state them.

Models under the AGPL, and those that are handed out only on request, are not offered.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class HubModel:
    """Weights on Hugging Face's hub."""

    name: str
    licence: str
    vocabulary: Literal["open", "fixed"]


def _models(vocabulary: Literal["open", "fixed"], *names: str) -> tuple[HubModel, ...]:
    return tuple(HubModel(name=name, licence="Apache-2.0", vocabulary=vocabulary) for name in names)


HUB_MODELS = (
    *_models(
        "open",
        "IDEA-Research/grounding-dino-tiny",
        "IDEA-Research/grounding-dino-base",
        "openmmlab-community/mm_grounding_dino_tiny_o365v1_goldg_v3det",
        "iSEE-Laboratory/llmdet_tiny",
        "google/owlv2-base-patch16-ensemble",
        "google/owlvit-base-patch32",
        "omlab/omdet-turbo-swin-tiny-hf",
    ),
    *_models(
        "fixed",
        "PekingU/rtdetr_v2_r50vd",
        "ustc-community/dfine-xlarge-coco",
        "Roboflow/rf-detr-base",
        "facebook/detr-resnet-50",
        "SenseTime/deformable-detr",
        "microsoft/conditional-detr-resnet-50",
        "hustvl/yolos-tiny",
    ),
)
