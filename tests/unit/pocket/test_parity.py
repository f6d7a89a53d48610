"""What ONNX Runtime says is what torch says: of the network, and of sentences."""

import cv2
import numpy as np
import pytest
import torch

from tests.unit.pocket.pictures import noise, photograph
from training.pocket.sentences import compare
from vocabularies import shipped_labels
from workers.detectors import Frame
from workers.detectors.pocket.onnx_network import OnnxNetwork
from workers.detectors.pocket.preprocessing import Fit, stack
from workers.detectors.pocket.sight import Sight
from workers.detectors.pocket.torch_network import TorchNetwork, network_of
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS, network_weights, read_tensors

LEAST = 0.02
"""Objectness from which a region can reach the default threshold."""
BOX_PX = 0.05
LOGIT = 2e-3


@pytest.fixture(scope="module")
def both() -> tuple[OnnxNetwork, TorchNetwork]:
    weights = network_weights(read_tensors(SHIPPED_WEIGHTS))
    torch_network = TorchNetwork(network_of(weights, SHIPPED_WEIGHTS), device=torch.device("cpu"))
    return OnnxNetwork(weights, threads=1), torch_network


def _look(both: tuple[OnnxNetwork, TorchNetwork], frames: list[Frame]) -> list[tuple[Sight, Sight]]:
    height, width = frames[0].shape[:2]
    fit = Fit.of((width, height), 512)
    images = stack(frames, fit)
    ours, theirs = (n.look(images, borders_xyxy=fit.borders_xyxy, least=LEAST) for n in both)
    return list(zip(ours, theirs, strict=True))


@pytest.mark.parametrize("size_hw", [(270, 480), (500, 300), (90, 512)])
def test_regions_are_those_of_the_torch_network(
    both: tuple[OnnxNetwork, TorchNetwork], size_hw: tuple[int, int]
) -> None:
    picture = cv2.resize(photograph("coco_000000409475.jpg"), size_hw[::-1])
    frames = [np.asarray(picture, np.uint8), noise(*size_hw)]

    for ours, theirs in _look(both, frames):
        assert len(ours.boxes_R4) == len(theirs.boxes_R4) > 0
        assert np.allclose(ours.objectness_R, theirs.objectness_R, atol=1e-4)
        assert np.allclose(ours.boxes_R4, theirs.boxes_R4, atol=BOX_PX)


def test_what_is_said_of_regions_is_what_the_torch_network_says(
    both: tuple[OnnxNetwork, TorchNetwork],
) -> None:
    ours, theirs = _look(both, [photograph("coco_000000409475.jpg")])[0]

    judged = zip(ours.judge(), theirs.judge(), strict=True)
    every = np.arange(len(ours.boxes_R4))
    named = zip(ours.name(every), theirs.name(every), strict=True)

    assert len(every) > 20
    assert all(np.allclose(a, b, atol=LOGIT) for a, b in (*judged, *named))


def test_shipped_sentences_are_near_the_original() -> None:
    names = [*shipped_labels("coco"), *shipped_labels("imagenet1k")[::10], *shipped_labels("lvis")[::20]]

    assert compare(names).min() >= 0.995


def test_a_frame_without_proposals_is_no_error(both: tuple[OnnxNetwork, TorchNetwork]) -> None:
    fit = Fit.of((96, 64), 512)

    for network in both:
        (sight,) = network.look(stack([noise(64, 96)], fit), borders_xyxy=fit.borders_xyxy, least=0.999)
        quality, shifts = sight.judge()
        embedding, image_logits = sight.name(np.zeros(0, np.int64))

        assert [len(rows) for rows in (quality, shifts, embedding, image_logits)] == [0, 0, 0, 0]
