"""The pocket detector: frames and an embedded vocabulary in, detections out.

Legend: B frames, P points, R kept regions of a frame, D embedding, K ImageNet names.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workers.detectors.detections import Detections, Regions
from workers.detectors.pocket.known_names import Floats, KnownNames
from workers.detectors.pocket.network import PocketNetwork
from workers.detectors.pocket.preprocessing import Fit, frame_size, stack
from workers.detectors.pocket.refinement import shifted
from workers.detectors.pocket.scoring import OBJECTNESS_POWER, Reading, Scorer, pack
from workers.detectors.pocket.suppression import best_regions, doubt_parts, drop_repeats, proposals, rows
from workers.detectors.protocol import EmbeddedVocabulary, Frame, TextEncoder

DEFAULT_THRESHOLD = 0.55
"""Below this, more boxes are wrong than right on photographs."""
QUALITY_SHARE = 0.75
"""Weight of the second look in the geometric mix that a region's objectness is."""


class PocketDetector:
    """`Detector` by `PocketNetwork`. Not thread-safe."""

    name = "pocket"
    default_threshold = DEFAULT_THRESHOLD

    def __init__(
        self,
        network: PocketNetwork,
        *,
        known: KnownNames,
        sharpness: float,
        text_encoder: TextEncoder,
        weights_digest: str,
        device: torch.device,
        dtype: torch.dtype,
        longer_side_px: int = 512,
        batch_size: int = 8,
    ) -> None:
        self.text_encoder = text_encoder
        self.weights_digest = weights_digest
        self.batch_size = batch_size
        self.longer_side_px = longer_side_px
        self._network = network
        self._scorer = Scorer(known, sharpness=sharpness)
        self._device = device
        self._dtype = dtype

    @torch.inference_mode()
    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Raises `FrameError` for frames that are not (H, W, 3) uint8 of one size.
        """
        if not frames:
            return []
        fit = Fit.of(frame_size(frames), self.longer_side_px)
        found = zip(*self._regions(frames, fit, threshold, regions), strict=True)
        return [
            self._one(*frame, vocabulary, fit=fit, threshold=threshold, regions=regions) for frame in found
        ]

    def _one(
        self, objectness_R: Floats, boxes_R4: Floats, packed_RF: NDArray[np.float16],
        vocabulary: EmbeddedVocabulary, *, fit: Fit, threshold: float, regions: int,
    ) -> Detections:  # fmt: skip
        real = int((objectness_R > 0).sum())
        objectness_R, packed_RF = objectness_R[:real], packed_RF[:real]
        boxes_R4 = fit.to_frame(torch.from_numpy(boxes_R4[:real])).numpy()
        reading = self._scorer.read(packed_RF, objectness_R, vocabulary)
        kept = None
        if regions:
            kept = Regions(
                boxes_xyxy_px=boxes_R4[:regions].copy(),
                objectness=objectness_R[:regions].copy(),
                features=packed_RF[:regions].copy(),
            )
        return _detections(reading, boxes_R4, threshold=threshold, kept=kept)

    def rescore(
        self, regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float, words_per_region: int = 1
    ) -> Detections:
        """Ask another vocabulary of kept regions: no frame, no network. Same scores as `detect` gives.

        words_per_region: how many boxes one region may make, each with another word.
        """
        reading = self._scorer.read(
            regions.features, regions.objectness, vocabulary, words_per_region=words_per_region
        )
        return _detections(reading, regions.boxes_xyxy_px, threshold=threshold, kept=None)

    def _regions(
        self, frames: Sequence[Frame], fit: Fit, threshold: float, regions: int
    ) -> tuple[Floats, Floats, NDArray[np.float16]]:
        """Objectness (B, R), boxes (B, R, 4) in input pixels and packed features (B, R, F), best first.

        Rows past a frame's last region have objectness 0.
        """
        images = stack(frames, fit).to(self._device, self._dtype, memory_format=torch.channels_last)
        logits_BP, boxes_BP4, image_map, levels = self._network(images)
        boxes_BP4 = _inside(boxes_BP4, fit)
        first, index = proposals(logits_BP.sigmoid(), boxes_BP4)
        if regions == 0:  # what cannot reach the threshold whatever it is needs no second look
            index = index[:, : int((_most(first) >= threshold).sum(1).max())]
        boxes = rows(boxes_BP4, index)
        size = torch.tensor([*fit.input_wh, *fit.input_wh], dtype=torch.float32, device=self._device)
        inside, around = self._network.inside_and_around(levels, boxes / size)
        quality_logits, shifts = self._network.judge(inside, around)
        objectness = _objectness(first[:, : index.shape[1]], quality_logits)
        objectness, order = best_regions(objectness, boxes)
        boxes = rows(boxes, order)
        named = self._network.name(image_map, rows(inside, order), boxes / size)
        packed = [pack(*one) for one in zip(*(part.cpu().numpy() for part in named), strict=True)]
        boxes = _inside(shifted(boxes, rows(shifts, order)), fit)
        return objectness.cpu().numpy(), boxes.cpu().numpy(), np.stack(packed)


def _inside(boxes_BP4: Tensor, fit: Fit) -> Tensor:
    """Cut boxes at the borders of the picture, which lies in the lower right of the turned input."""
    (width, height), (scaled_width, scaled_height) = fit.input_wh, fit.scaled_wh
    low = torch.tensor([width - scaled_width, height - scaled_height] * 2, dtype=torch.float32)
    high = torch.tensor([width, height] * 2, dtype=torch.float32)
    return boxes_BP4.clamp(low.to(boxes_BP4.device), high.to(boxes_BP4.device))


def _objectness(first: Tensor, quality_logits: Tensor) -> Tensor:
    """0 stays 0: a row that stands for nothing."""
    return first ** (1 - QUALITY_SHARE) * quality_logits.sigmoid() ** QUALITY_SHARE


def _most(first: Tensor) -> Tensor:
    """The highest score that a region of this first objectness can have."""
    return first ** ((1 - QUALITY_SHARE) * OBJECTNESS_POWER)


def _detections(reading: Reading, boxes_R4: Floats, *, threshold: float, kept: Regions | None) -> Detections:
    boxes_N4 = boxes_R4.repeat(reading.labels_RW.shape[1], axis=0)
    label_N, score_N = reading.labels_RW.reshape(-1), reading.scores_RW.reshape(-1)
    score_N = doubt_parts(drop_repeats(score_N, boxes_N4, label_N), boxes_N4, label_N)
    order = np.argsort(-score_N, kind="stable")
    # a threshold of 0 keeps everything but repeats
    order = order[(score_N[order] >= threshold) & (score_N[order] > 0)]
    return Detections(
        boxes_xyxy_px=boxes_N4[order],
        scores=score_N[order],
        label_ids=label_N[order].astype(np.int32),
        regions=kept,
        label_scores=reading.label_scores_C,
    )
