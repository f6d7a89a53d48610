"""Detic as a `Detector`."""

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from vocabularies import VocabularyError
from workers.detectors.detections import Detections, Regions
from workers.detectors.detic.batching import CPU_BATCH, in_batches, largest_batch, measured_bytes
from workers.detectors.detic.classifier import classifier_weights
from workers.detectors.detic.config import DeticConfig
from workers.detectors.detic.inference import Inference
from workers.detectors.detic.preprocessing import common_size
from workers.detectors.detic.rescoring import DEFAULT_THRESHOLD, DeticRescorer
from workers.detectors.protocol import EmbeddedVocabulary, Frame, TextEncoder

_LOG = logging.getLogger(__name__)

LIKELY_FRAME_HW_PX = (1080, 1920)
"""What a GPU is warmed up with: frames of this shape then run without a compilation."""


class DeticDetector:
    """Finds what any vocabulary names, with masks. Not thread-safe."""

    default_threshold = DEFAULT_THRESHOLD

    def __init__(
        self,
        inference: Inference,
        *,
        name: str,
        weights_digest: str,
        config: DeticConfig,
        text_encoder: TextEncoder,
    ) -> None:
        self.name = name
        self.weights_digest = weights_digest
        self.text_encoder = text_encoder
        self.batch_size = CPU_BATCH
        self._inference = inference
        self.rescorer = DeticRescorer(config)
        self._config = config
        self._installed: tuple[EmbeddedVocabulary, Tensor] | None = None

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Raises `FrameError` for frames of different sizes or too small to see anything in, `VocabularyError`
        for embeddings of another text encoder.
        """
        if not frames:
            return []
        common_size(frames)
        if vocabulary.learnt is not None:
            return self._detect_by_regions(frames, vocabulary, threshold=threshold, regions=regions)
        weights_DC = self._classifier(vocabulary)

        def run(batch: Sequence[Frame]) -> list[Detections]:
            return self._inference.run(batch, weights_DC, threshold=threshold, regions=regions)

        found, worked = in_batches(run, frames, self.batch_size, fill=self._inference.compiled)
        if worked < self.batch_size:
            _LOG.warning("the device's memory was exhausted: %d frames at once from now on", worked)
            self.batch_size = worked
        return found

    def _detect_by_regions(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int
    ) -> list[Detections]:
        """What was learnt is no column of the classifier: all regions are asked, without masks."""
        most = self._config.proposals.best_per_image
        nothing_DC = torch.zeros(self._config.cascade.embedding, 1, device=self._inference.device)

        def run(batch: Sequence[Frame]) -> list[Detections]:
            return self._inference.run(batch, nothing_DC, threshold=1.0, regions=most)

        found, _ = in_batches(run, frames, self.batch_size, fill=self._inference.compiled)
        return [self._named(one.regions, vocabulary, threshold, regions) for one in found]

    def _named(
        self, every: Regions | None, vocabulary: EmbeddedVocabulary, threshold: float, kept: int
    ) -> Detections:
        assert every is not None, "all were asked for"
        named = self.rescorer.rescore(every, vocabulary, threshold=threshold)
        return replace(named, regions=every.best(kept) if kept else None)

    def rescore(self, regions: Regions, vocabulary: EmbeddedVocabulary, *, threshold: float) -> Detections:
        """Ask another vocabulary of kept regions: no frame, no network. Same scores as `detect` gives."""
        return self.rescorer.rescore(regions, vocabulary, threshold=threshold)

    def warm_up(self, frame_hw_px: tuple[int, int] = LIKELY_FRAME_HW_PX) -> None:
        """On a GPU, find the batch size that fits for frames of this shape, and compile for it."""
        device = self._inference.device
        if device.type != "cuda":
            return
        blank = np.zeros((*frame_hw_px, 3), np.uint8)
        nothing_DC = torch.zeros(self._config.cascade.embedding, 1, device=device)

        def run(count: int) -> list[Detections]:
            return self._inference.run([blank] * count, nothing_DC, threshold=1.0, regions=0)

        run(1)
        per_frame_bytes = measured_bytes(lambda: run(1), device)
        free_bytes, _ = torch.cuda.mem_get_info(device)
        self.batch_size = largest_batch(run, free_bytes, per_frame_bytes)

    def _classifier(self, vocabulary: EmbeddedVocabulary) -> Tensor:
        """Keep the last vocabulary on the device: the next batch almost always asks for the same."""
        if self._installed is None or self._installed[0] is not vocabulary:
            embedding = self._config.cascade.embedding
            if vocabulary.embeddings.shape[1] != embedding:
                raise VocabularyError(
                    f"the vocabulary {vocabulary.vocabulary.name!r} is embedded in "
                    f"{vocabulary.embeddings.shape[1]} dimensions, and {self.name} compares in {embedding}: "
                    f"embed it with {self.text_encoder.identity}"
                )
            rows_CD = torch.from_numpy(vocabulary.embeddings).to(self._inference.device)
            self._installed = vocabulary, classifier_weights(rows_CD)
        return self._installed[1]
