"""The pocket detector: frames and an embedded vocabulary in, detections out.

Legend: B frames, P points, R kept regions of a frame, D embedding, K ImageNet names.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from workers.detectors.detections import Detections, Regions
from workers.detectors.pocket.network import PocketNetwork
from workers.detectors.pocket.preprocessing import Fit, frame_size, stack
from workers.detectors.pocket.refinement import shifted
from workers.detectors.pocket.scoring import Candidates, KnownNames, candidates, pack, word_probabilities
from workers.detectors.pocket.suppression import best_regions, doubt_parts, drop_repeats, proposals, rows
from workers.detectors.protocol import EmbeddedVocabulary, Frame, TextEncoder

DEFAULT_THRESHOLD = 0.55
"""Below this, more boxes are wrong than right on photographs."""
OBJECTNESS_POWER = 0.6
WORD_POWER = 0.4
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
        self._known = known
        self._sharpness = sharpness
        self._device = device
        self._dtype = dtype
        self._prepared: dict[tuple[str, bytes], Candidates] = {}

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
        objectness, boxes, packed = self._regions(frames, fit, threshold, regions)
        label, probability = word_probabilities(
            packed.flatten(0, 1), self._candidates(vocabulary), self._sharpness
        )
        score = _score(objectness, probability.view_as(objectness))
        boxes = fit.to_frame(boxes)
        found = zip(score, label.view_as(objectness), boxes, objectness, packed, strict=True)
        return [_detections(*one, threshold=threshold, regions=regions) for one in found]

    def rescore(
        self, regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float, words_per_region: int = 1
    ) -> Detections:
        """Ask another vocabulary of kept regions: no frame, no network. Same scores as `detect` gives.

        words_per_region: how many boxes one region may make, each with another word.
        """
        packed = torch.from_numpy(regions.features)
        label_RW, probability_RW = word_probabilities(
            packed, self._candidates(vocabulary), self._sharpness, words=words_per_region
        )
        region_N = torch.arange(len(packed)).repeat_interleave(label_RW.shape[1])
        objectness_N = torch.from_numpy(regions.objectness)[region_N]
        return _detections(
            _score(objectness_N, probability_RW.flatten()),
            label_RW.flatten(),
            torch.from_numpy(regions.boxes_xyxy_px)[region_N],
            objectness_N,
            packed[region_N],
            threshold=threshold,
            regions=0,
        )

    def _regions(
        self, frames: Sequence[Frame], fit: Fit, threshold: float, regions: int
    ) -> tuple[Tensor, Tensor, Tensor]:
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
        packed = pack(*self._network.name(image_map, rows(inside, order), boxes / size))
        boxes = _inside(shifted(boxes, rows(shifts, order)), fit)
        return objectness.cpu(), boxes.cpu(), packed.cpu()

    def _candidates(self, vocabulary: EmbeddedVocabulary) -> Candidates:
        """Keep the last vocabulary's preparation: the next batch almost always asks for the same."""
        key = (vocabulary.vocabulary.digest, vocabulary.embeddings[0].tobytes())
        if key not in self._prepared:
            self._prepared = {key: candidates(vocabulary, self._known)}
        return self._prepared[key]


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


def _score(objectness: Tensor, probability: Tensor) -> Tensor:
    return objectness**OBJECTNESS_POWER * probability**WORD_POWER


def _detections(
    score_R: Tensor, label_R: Tensor, boxes_R4: Tensor, objectness_R: Tensor, packed_RF: Tensor,
    *, threshold: float, regions: int,
) -> Detections:  # fmt: skip
    score_R = doubt_parts(drop_repeats(score_R, boxes_R4, label_R), boxes_R4, label_R)
    order = score_R.argsort(descending=True, stable=True)
    # a threshold of 0 keeps everything but repeats and the rows that stand for nothing
    order = order[(score_R[order] >= threshold) & (score_R[order] > 0)]
    kept = None
    if regions:
        real = int((objectness_R > 0).sum().clamp(max=regions))
        kept = Regions(
            boxes_xyxy_px=boxes_R4[:real].numpy().copy(),
            objectness=objectness_R[:real].numpy().copy(),
            features=packed_RF[:real].numpy().copy(),
        )
    return Detections(
        boxes_xyxy_px=boxes_R4[order].numpy(),
        scores=score_R[order].numpy(),
        label_ids=label_R[order].numpy().astype(np.int32),
        regions=kept,
    )
