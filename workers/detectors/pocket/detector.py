"""The pocket detector: frames and an embedded vocabulary in, detections out.

Legend: N boxes, R kept regions of a frame, F numbers kept of a region, W words of a region.
"""

from collections.abc import Sequence
from dataclasses import replace

from api_client.contract.thresholds import floor_of
from workers.detectors.detections import Detections, Regions
from workers.detectors.pocket import DEFAULT_THRESHOLD
from workers.detectors.pocket.appearance import Appearance
from workers.detectors.pocket.frame_regions import QUALITY_SHARE, FrameRegions, frame_regions
from workers.detectors.pocket.known_names import KnownNames
from workers.detectors.pocket.preprocessing import Fit, frame_size
from workers.detectors.pocket.rescoring import PocketRescorer, chosen
from workers.detectors.pocket.scoring import Scorer
from workers.detectors.pocket.sight import Network
from workers.detectors.protocol import EmbeddedVocabulary, Frame, TextEncoder

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
        appearance: Appearance,
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
        self.rescorer = PocketRescorer(self._scorer, appearance, weights_digest=weights_digest)

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Raises `FrameError` for frames that are not (H, W, 3) uint8 of one size.
        """
        if not frames:
            return []
        fit = Fit.of(frame_size(frames), self.longer_side_px)
        # what cannot reach the threshold whatever it is needs no second look and no name; nor is it kept
        # where it could not reach the default's floor either
        lowest = min(threshold, floor_of(DEFAULT_THRESHOLD)) if regions else threshold
        reaching = self.rescorer.least_objectness(lowest)
        asks_more = regions or vocabulary.learnt is not None
        found = frame_regions(
            self._network,
            frames,
            fit,
            least=reaching ** (1 / (1 - QUALITY_SHARE)),
            least_named=reaching,
            appearance=self.rescorer.appearance if asks_more else None,
        )
        return [self._one(one, vocabulary, threshold=threshold, regions=regions) for one in found]

    def _one(
        self, found: FrameRegions, vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int
    ) -> Detections:
        kept = _kept(found, regions)
        if vocabulary.learnt is not None:
            naming = self.rescorer.name(found.looks_RF, vocabulary)
            shown = self.rescorer.detections(found.boxes_R4, found.objectness_R, naming, threshold=threshold)
            return replace(shown, regions=kept)
        reading = self._scorer.read(
            found.looks_RF, found.objectness_R, vocabulary, least=min(threshold, NEAR_MISS)
        )
        shown = chosen(reading.labels_RW, reading.scores_RW, found.boxes_R4, threshold=threshold)
        return replace(shown, regions=kept, label_scores=reading.label_scores_C)

    def rescore(
        self, regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float, words_per_region: int = 1
    ) -> Detections:
        """Ask another vocabulary of kept regions: no frame, no network. Same scores as `detect` gives.

        words_per_region: how many boxes one region may make, each with another word.
        """
        naming = self.rescorer.name(regions.features, vocabulary, words_per_region=words_per_region)
        return self.rescorer.detections(
            regions.boxes_xyxy_px, regions.objectness, naming, threshold=threshold
        )


def _kept(found: FrameRegions, regions: int) -> Regions | None:
    if not regions:
        return None
    return Regions(
        boxes_xyxy_px=found.boxes_R4[:regions].copy(),
        objectness=found.objectness_R[:regions].copy(),
        features=found.looks_RF[:regions].copy(),
    )
