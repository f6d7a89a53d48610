"""The network as it is trained: what is frozen, what learns how fast, and the running average kept of it."""

import copy
from pathlib import Path

import torch
from torch import Tensor, nn

from training.pocket.distillation import Imitation
from training.pocket.imagenet import load_imagenet
from training.pocket.normalisation import Fp32Conv, add_norms, measure_norms
from workers.detectors.pocket.backbone import InvertedResidual
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.network import PocketNetwork, build
from workers.detectors.pocket.torch_network import read_network

FROZEN_STAGES = 3
"""Those up to stride 8: half of the time a batch takes would go into their gradients."""
BACKBONE_SHARE = 0.25
AVERAGE_DECAY = 0.999
START_OBJECTNESS = -4.6
"""A logit: nearly every point lies on nothing."""
START_DISTANCE = 0.9
"""A logarithm, in strides."""


class Student(nn.Module):
    """The network, the learnt sharpness of its comparison with words, and what reads the teacher off it."""

    def __init__(self, network: PocketNetwork, *, sharpness: float) -> None:
        super().__init__()
        self.network = network
        self.log_scale = nn.Parameter(torch.tensor(sharpness).log())
        config = PocketConfig()
        self.imitation = Imitation(config.pyramid_channels, len(config.tapped_stages))


def new_student(frozen_stages: int = FROZEN_STAGES) -> Student:
    """ImageNet's backbone with new pyramid and heads, channels last."""
    network = build(PocketConfig())
    load_imagenet(network)
    heads = network.localisation
    for layer, start in ((heads.objectness, START_OBJECTNESS), (heads.distances, START_DISTANCE)):
        layer.load_state_dict(layer.state_dict() | {"bias": torch.full((layer.out_channels,), start)})
    nn.init.normal_(network.regions.embed_image.weight, std=0.01)
    nn.init.zeros_(network.refinement.shifts.weight)
    return _trainable(network, sharpness=16.0, frozen_stages=frozen_stages)


def student_from(weights: Path, images_BCHW: Tensor, frozen_stages: int = FROZEN_STAGES) -> Student:
    """Go on from exported weights, whose norms were folded away: some pictures tell what they were."""
    network, sharpness = read_network(weights)
    student = _trainable(network, sharpness=sharpness, frozen_stages=frozen_stages)
    measure_norms(student, lambda: student.network(images_BCHW))
    return student


def _trainable(network: PocketNetwork, *, sharpness: float, frozen_stages: int) -> Student:
    add_norms(network.pyramid)
    add_norms(network.localisation)
    _freeze(network, frozen_stages)
    return Student(network, sharpness=sharpness).to(memory_format=torch.channels_last)


def _freeze(network: PocketNetwork, stages: int) -> None:
    """Fix the first stages, and the 5x5 depthwise filters, whose gradients cost more than all others."""
    frozen = [network.backbone.stem, *network.backbone.stages[:stages]]
    for module in frozen:
        module.requires_grad_(False)
    for block in network.backbone.stages[stages:].modules():
        if isinstance(block, InvertedResidual):
            if block.depthwise.kernel_size == (5, 5):
                # the bias too: oneDNN computes both gradients or neither
                block.depthwise.requires_grad_(False)
            if block.depthwise.stride == (2, 2):
                block.depthwise.__class__ = Fp32Conv


def optimiser(student: Student, rate: float) -> torch.optim.AdamW:
    """AdamW; the pretrained parts learn slower, biases and norms do not decay."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in student.named_parameters():
        if parameter.requires_grad:
            pretrained = ".backbone." in name or "image_classes" in name
            groups.setdefault((pretrained, parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": members,
                "share": BACKBONE_SHARE if pretrained else 1.0,
                "weight_decay": 0.02 if decays else 0.0,
            }
            for (pretrained, decays), members in groups.items()
        ],
        lr=rate,
        betas=(0.9, 0.99),
    )


def average_of(student: Student) -> Student:
    """A copy that will follow the student."""
    return copy.deepcopy(student).eval().requires_grad_(False)


@torch.no_grad()
def follow(average: Student, student: Student, step: int) -> None:
    """Move the average towards the student; quicker at the beginning."""
    decay = min(AVERAGE_DECAY, (1 + step) / (20 + step))
    for mean, value in zip(average.parameters(), student.parameters(), strict=True):
        if value.requires_grad:
            mean.lerp_(value, 1 - decay)
    for kept, seen in zip(average.buffers(), student.buffers(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(seen, 1 - decay)
        else:
            kept.copy_(seen)
