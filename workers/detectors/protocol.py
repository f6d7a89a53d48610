"""The two small protocols a detector and its text encoder fulfil."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vocabularies import Vocabulary
from workers.detectors.detections import Detections

Frame = NDArray[np.uint8]
"""(H, W, 3) RGB, display orientation."""

Progress = Callable[[int, int], None]
"""Called with (done, total) sentences while a long vocabulary is embedded."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedVocabulary:
    """A vocabulary and its text embeddings by one text encoder."""

    vocabulary: Vocabulary
    embeddings: NDArray[np.float32]
    """(C, D), one raw row per label, as the text encoder gave it; a detector normalises as it needs."""

    def __post_init__(self) -> None:
        assert self.embeddings.ndim == 2
        assert len(self.embeddings) == len(self.vocabulary.labels)


class TextEncoder(Protocol):
    """Turns sentences into vectors. Loads its weights at the first call of `encode`, not before."""

    identity: str
    """Names architecture and weights, `[a-z0-9._-]+`: part of the key embeddings are stored under."""

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(sentences), D) float32, raw (not normalised)."""
        ...


class Detector(Protocol):
    """Finds what a vocabulary names in frames.

    The result for a frame does not depend on the frames beside it in the batch,
    up to float noise, and is the same every time for the same batch.
    """

    name: str
    """As given to `client submit -d`."""
    weights_digest: str
    """Sha256 of the weights, for provenance."""
    batch_size: int
    """How many equal-size frames the pipeline should pass at once on this device."""
    default_threshold: float
    """Lowest score kept where the user names none, in 0..1."""
    text_encoder: TextEncoder

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order.

        frames: equal-size RGB pictures. threshold: lowest score kept, in 0..1.
        regions: how many class-agnostic regions to keep per frame; 0 leaves `Detections.regions` None.
        """
        ...
