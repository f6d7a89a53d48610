"""What the families of models have in common, seen from outside."""

from collections.abc import Mapping
from typing import Protocol

from vocabularies import Vocabulary
from workers.detectors.detections import Detections
from workers.detectors.facts import Facts
from workers.detectors.hf.pictures import Pictures
from workers.detectors.protocol import EmbeddedVocabulary, TextEncoder


class Family(Protocol):
    """Models that are asked in the same way."""

    default_threshold: float
    text_encoder: TextEncoder

    def detect(
        self, pictures: Pictures, vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int
    ) -> list[Detections]:
        """Return one `Detections` per picture, in order. A word's boxes do not depend on the other words.

        Raises `VocabularyError` for a vocabulary that cannot be asked of this model.
        """
        ...

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """How the vocabulary is asked."""
        ...


Record = Mapping[str, object]
"""What goes into the provenance."""
