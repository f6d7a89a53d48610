"""The pocket detector: frames and an embedded vocabulary in, detections out.

Legend: N boxes, R kept regions of a frame, F numbers kept of a region, W words of a region.
"""

from collections.abc import Sequence

import numpy as np

from workers.detectors.detections import Detections, Regions
from workers.detectors.pocket.frame_regions import QUALITY_SHARE, FrameRegions, frame_regions
from workers.detectors.pocket.known_names import Floats, KnownNames
from workers.detectors.pocket.preprocessing import Fit, frame_size
from workers.detectors.pocket.scoring import OBJECTNESS_POWER, Reading, Scorer
from workers.detectors.pocket.sight import Network
from workers.detectors.pocket.suppression import doubt_parts, drop_doubles, drop_repeats
from workers.detectors.protocol import EmbeddedVocabulary, Frame, TextEncoder

DEFAULT_THRESHOLD = 0.55
"""Below this, more boxes are wrong than right on photographs."""

NEAR_MISS = 0.3
"""What words of a long list score below this, and below the threshold, is not told of."""


class PocketDetector:
    """`Detector` by a `Network`. Not thread-safe."""

    name = "pocket"
    default_threshold = DEFAULT_THRESHOLD

    def __init__(
        self,
        network: Network,
        *,
        known: KnownNames,
        sharpness: float,
        text_encoder: TextEncoder,
        weights_digest: str,
        longer_side_px: int = 512,
        batch_size: int = 8,
    ) -> None:
        self.text_encoder = text_encoder
        self.weights_digest = weights_digest
        self.batch_size = batch_size
        self.longer_side_px = longer_side_px
        self._network = network
        self._scorer = Scorer(known, sharpness=sharpness)

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Raises `FrameError` for frames that are not (H, W, 3) uint8 of one size.
        """
        if not frames:
            return []
        fit = Fit.of(frame_size(frames), self.longer_side_px)
        # what cannot reach the threshold whatever it is needs no second look and no name, unless it is kept
        reaching = 0.0 if regions else _least_objectness(threshold)
        found = frame_regions(
            self._network,
            frames,
            fit,
            least=reaching ** (1 / (1 - QUALITY_SHARE)),
            least_named=reaching,
        )
        return [self._one(one, vocabulary, threshold=threshold, regions=regions) for one in found]

    def _one(
        self, found: FrameRegions, vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int
    ) -> Detections:
        reading = self._scorer.read(
            found.packed_RF, found.objectness_R, vocabulary, least=min(threshold, NEAR_MISS)
        )
        kept = None
        if regions:
            kept = Regions(
                boxes_xyxy_px=found.boxes_R4[:regions].copy(),
                objectness=found.objectness_R[:regions].copy(),
                features=found.packed_RF[:regions].copy(),
            )
        return _detections(reading, found.boxes_R4, threshold=threshold, kept=kept)

    def rescore(
        self, regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float, words_per_region: int = 1
    ) -> Detections:
        """Ask another vocabulary of kept regions: no frame, no network. Same scores as `detect` gives.

        words_per_region: how many boxes one region may make, each with another word.
        """
        reading = self._scorer.read(
            regions.features,
            regions.objectness,
            vocabulary,
            words_per_region=words_per_region,
            least=min(threshold, NEAR_MISS),
        )
        return _detections(reading, regions.boxes_xyxy_px, threshold=threshold, kept=None)


def _least_objectness(threshold: float) -> float:
    """From which a region could have this score, were a word sure of it."""
    return float(threshold ** (1 / OBJECTNESS_POWER))


def _detections(reading: Reading, boxes_R4: Floats, *, threshold: float, kept: Regions | None) -> Detections:
    boxes_N4 = boxes_R4.repeat(reading.labels_RW.shape[1], axis=0)
    label_N, score_N = reading.labels_RW.reshape(-1), drop_doubles(reading.scores_RW, boxes_R4).reshape(-1)
    # a box is only ever dropped or doubted for a better one: what is below the threshold has no say
    (sure,) = np.nonzero((score_N >= threshold) & (score_N > 0))
    boxes_N4, label_N, score_N = boxes_N4[sure], label_N[sure], score_N[sure]
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
