"""What ImageNet's classifier says of every annotated box: the source of words never seen with a box.

The classifier reads each box cut out and enlarged (ViLD, Gu et al. 2021), once, before training.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.pocket.imagenet import load_imagenet
from training.pocket.photographs import Photograph
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.network import PocketNetwork, build

CROP_PX = 192
SMALLEST_PX = 28
CONTEXT = 1.15
AT_ONCE = 16


def posteriors(photographs: list[Photograph], cache: Path) -> dict[int, NDArray[np.float16]]:
    """(1000,) ImageNet log-probabilities by annotation id, for boxes at least 28 px wide and high."""
    if not cache.exists():
        ids, rows = _compute(photographs)
        np.savez(cache, ids=ids, rows=rows)
    with np.load(cache) as stored:
        return dict(zip(stored["ids"].tolist(), stored["rows"], strict=True))


def _compute(photographs: list[Photograph]) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    network = build(PocketConfig()).eval()
    load_imagenet(network)
    network.to(memory_format=torch.channels_last)
    ids: list[int] = []
    crops: list[NDArray[np.uint8]] = []
    rows: list[NDArray[np.float16]] = []
    for photograph in photographs:
        for annotation_id, crop in _crops(photograph):
            ids.append(annotation_id)
            crops.append(crop)
        if len(crops) >= AT_ONCE:
            rows.append(_classify(network, np.stack(crops)))
            crops = []
    if crops:
        rows.append(_classify(network, np.stack(crops)))
    return np.array(ids), np.concatenate(rows)


def _crops(photograph: Photograph) -> list[tuple[int, NDArray[np.uint8]]]:
    picture = photograph.decode()
    crops = []
    for annotation_id, box in zip(photograph.annotation_ids, photograph.boxes_xyxy_px, strict=True):
        centre, sides = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        if sides.min() < SMALLEST_PX:
            continue
        low = np.maximum(centre - sides * CONTEXT / 2, 0).astype(int)
        high = np.ceil(centre + sides * CONTEXT / 2).astype(int)
        part = picture[low[1] : high[1], low[0] : high[0]]
        crops.append(
            (int(annotation_id), cv2.resize(part, (CROP_PX, CROP_PX), interpolation=cv2.INTER_LINEAR))
        )
    return crops


@torch.inference_mode()
def _classify(network: PocketNetwork, crops: NDArray[np.uint8]) -> NDArray[np.float16]:
    images = torch.from_numpy(crops[:, ::-1, ::-1].copy()).permute(0, 3, 1, 2).float().sub(127).div(128)
    with torch.autocast("cpu", torch.bfloat16):
        _, image_map = network.backbone(images.contiguous(memory_format=torch.channels_last))
    return network.regions.image_classes(image_map.float().mean((2, 3))).log_softmax(-1).half().numpy()
