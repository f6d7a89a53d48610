"""A model of `transformers` as a `Detector`."""

import logging
from collections.abc import Sequence
from typing import Any

import torch

from vocabularies import Vocabulary
from workers.detectors.detections import Detections
from workers.detectors.detic.batching import in_batches
from workers.detectors.facts import Facts
from workers.detectors.hf.family import Family, Record
from workers.detectors.hf.pictures import prepare
from workers.detectors.protocol import EmbeddedVocabulary, Frame

_LOG = logging.getLogger(__name__)

CPU_BATCH = 1
GPU_BATCH = 8


class HfDetector:
    """Frames through the model's own picture processor, then through its family. Not thread-safe."""

    def __init__(
        self,
        family: Family,
        image_processor: Any,
        *,
        name: str,
        weights_digest: str,
        device: torch.device,
        record: Record,
    ) -> None:
        self.name = name
        self.weights_digest = weights_digest
        self.batch_size = CPU_BATCH if device.type == "cpu" else GPU_BATCH
        self.default_threshold = family.default_threshold
        self.text_encoder = family.text_encoder
        self._family, self._image_processor, self._device = family, image_processor, device
        self._record = record

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Raises `FrameError` for frames of different sizes, `VocabularyError` for words the model cannot read.
        """
        if not frames:
            return []

        def run(batch: Sequence[Frame]) -> list[Detections]:
            return self._run(batch, vocabulary, threshold, regions)

        found, worked = in_batches(run, frames, self.batch_size)
        if worked < self.batch_size:
            _LOG.warning("the device's memory was exhausted: %d frames at once from now on", worked)
            self.batch_size = worked
        return found

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """Model, revision, precision, and how the vocabulary is asked."""
        asked = self._family.facts(vocabulary)
        return Facts(facts={**self._record, **asked.facts}, notes=asked.notes)

    @torch.inference_mode()
    def _run(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, threshold: float, regions: int
    ) -> list[Detections]:
        # weights stay float32: parts of these models compute positions, which half precision would round
        half = torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda")
        with half:
            pictures = prepare(self._image_processor, frames, self._device)
            return self._family.detect(pictures, vocabulary, threshold=threshold, regions=regions)
