"""One batch of frames through the network, from pixels to `Detections`.

Shapes: B frames, N detections of all frames, R regions of all frames, S stages, D embedding, C classes.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor

from workers.detectors.detections import Detections, Regions
from workers.detectors.detic.cascade import CascadeRegions
from workers.detectors.detic.config import DeticConfig
from workers.detectors.detic.model import DenseMaps, Detic
from workers.detectors.detic.postprocessing import to_frame
from workers.detectors.detic.preprocessing import Pictures, prepare
from workers.detectors.detic.selection import select
from workers.detectors.protocol import Frame


class Inference:
    """A network on its device.

    On a GPU its dense part is compiled for each size of batch, runs in `precision`, and lies channels-last in
    memory; on the CPU it runs in float32 as the weights were trained.
    """

    def __init__(
        self, network: Detic, config: DeticConfig, device: torch.device, precision: torch.dtype
    ) -> None:
        self.device = device
        self.compiled = device.type == "cuda"
        self._config = config
        self._precision = precision
        self._network = network.to(device)
        if self.compiled:
            self._network = self._network.to(memory_format=torch.channels_last)
        self._dense = torch.compile(self._network, dynamic=False) if self.compiled else self._network

    @torch.inference_mode()
    def run(
        self, frames: Sequence[Frame], weights_DC: Tensor, *, threshold: float, regions: int
    ) -> list[Detections]:
        """Return one `Detections` per frame, all of one size. weights: see `classifier_weights`."""
        pictures = prepare(frames, self._config.input, self.device)
        with self._autocast():
            maps = self.dense_maps(pictures.images_B3HW)
            found = self._network.regions(maps, pictures.resized_hw_px)
        detections = self._select(found, maps, pictures, weights_DC, threshold)
        if not regions:
            return detections
        kept = best_regions(found, pictures, regions)
        return [_with_regions(*pair) for pair in zip(detections, kept, strict=True)]

    def dense_maps(self, images_B3HW: Tensor) -> DenseMaps:
        """Run the dense part."""
        if self.compiled:
            images_B3HW = images_B3HW.contiguous(memory_format=torch.channels_last)
        maps: DenseMaps = self._dense(images_B3HW)
        return maps

    def _autocast(self) -> AbstractContextManager[None]:
        enabled = self._precision != torch.float32
        return torch.autocast(self.device.type, self._precision if enabled else None, enabled=enabled)

    def _select(
        self, found: CascadeRegions, maps: DenseMaps, pictures: Pictures, weights_DC: Tensor, threshold: float
    ) -> list[Detections]:
        pairs = select(found, weights_DC, threshold=threshold, config=self._config.selection)
        resized_N4, image_N = found.boxes_xyxy[pairs.region], found.image[pairs.region]
        boxes_N4, has_area_N = to_frame(resized_N4, pictures.resized_hw_px, pictures.frame_hw_px)
        with self._autocast():  # masks for what is kept alone: they are the dearest part of a detection
            masks = self._network.roi_heads.masks(maps.pyramid, resized_N4[has_area_N], image_N[has_area_N])
        columns = (boxes_N4[has_area_N], pairs.scores[has_area_N], pairs.label[has_area_N], _as_bytes(masks))
        return _by_frame(image_N[has_area_N], columns, len(pictures.images_B3HW))


def _as_bytes(probability: Tensor) -> Tensor:
    return (probability * 255).round().to(torch.uint8)


def _by_frame(image_N: Tensor, columns: tuple[Tensor, ...], frames: int) -> list[Detections]:
    boxes, scores, labels, masks = (column.cpu().numpy() for column in columns)
    ends = np.searchsorted(image_N.cpu().numpy(), np.arange(frames), side="right")
    starts = [0, *ends[:-1].tolist()]
    return [
        Detections(
            boxes_xyxy_px=boxes[start:end],
            scores=scores[start:end],
            label_ids=labels[start:end].astype(np.int32),
            masks=masks[start:end],
        )
        for start, end in zip(starts, ends.tolist(), strict=True)
    ]


def best_regions(found: CascadeRegions, pictures: Pictures, count: int) -> list[Regions]:
    """Return, per frame, the regions of highest objectness whose box is not empty."""
    boxes_R4, has_area_R = to_frame(found.boxes_xyxy, pictures.resized_hw_px, pictures.frame_hw_px)
    kept = []
    for image in range(len(pictures.images_B3HW)):
        rows = ((found.image == image) & has_area_R).nonzero().squeeze(1)[:count]
        features_RSD = found.embeddings_SRD[:, rows].transpose(0, 1)
        kept.append(
            Regions(
                boxes_xyxy_px=boxes_R4[rows].cpu().numpy(),
                objectness=found.objectness[rows].cpu().numpy(),
                features=features_RSD.flatten(1).half().cpu().numpy(),
            )
        )
    return kept


def _with_regions(detections: Detections, regions: Regions) -> Detections:
    return Detections(
        boxes_xyxy_px=detections.boxes_xyxy_px,
        scores=detections.scores,
        label_ids=detections.label_ids,
        masks=detections.masks,
        regions=regions,
    )
