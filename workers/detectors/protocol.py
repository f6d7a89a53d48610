"""The small protocols a detector, its text encoder and its rescorer fulfil."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.layout import Layout, Rows
from vocabularies import Vocabulary
from vocabularies.learnt_file import LearntEntries
from workers.detectors.detections import Detections

Frame = NDArray[np.uint8]
"""(H, W, 3) RGB, display orientation."""

Progress = Callable[[int, int], None]
"""Called with (done, total) sentences while a long vocabulary is embedded."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedVocabulary:
    """A vocabulary, the embeddings of its words by one text encoder, and its learnt labels."""

    vocabulary: Vocabulary
    embeddings: NDArray[np.float32]
    """(C, D), one raw row per word, as the text encoder gave it; a detector normalises as it needs."""
    learnt: LearntEntries | None = None
    """Of the labels after the words."""
    part_embeddings: NDArray[np.float32] | None = None
    """(parts, D), raw, of what the vocabulary's phrases ask for; None where it has none."""

    @classmethod
    def of_rows(
        cls, vocabulary: Vocabulary, rows: NDArray[np.float32], *, learnt: LearntEntries | None = None
    ) -> "EmbeddedVocabulary":
        """rows: (words + parts, D), as they are stored."""
        words = len(vocabulary.words)
        return cls(
            vocabulary=vocabulary,
            embeddings=rows[:words],
            learnt=learnt,
            part_embeddings=rows[words:] if vocabulary.phrases else None,
        )

    def __post_init__(self) -> None:
        assert self.embeddings.ndim == 2
        assert len(self.embeddings) == len(self.vocabulary.words)
        assert self.part_embeddings is None or len(self.part_embeddings) == len(self.vocabulary.parts)
        assert (self.learnt is None) == (self.vocabulary.learnt is None)


class TextEncoder(Protocol):
    """Turns sentences into vectors. Loads its weights at the first call of `encode`, not before."""

    identity: str
    """Names architecture and weights, `[a-z0-9._-]+`: part of the key embeddings are stored under."""

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(sentences), D) float32, raw (not normalised)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What a vocabulary's words say of L looks, whatever the detector's sureness of a thing there."""

    labels_LW: NDArray[np.int64]
    """The words each look shows, best first; W is 1 or more."""
    word_scores_LW: NDArray[np.float32]
    """In 0..1: what `Rescorer.scores` takes."""


class Rescorer(Protocol):
    """Asks words of regions that were kept: NumPy alone, no frame, no network, no torch.

    A look is what a detector said of one region, F numbers, as `layout` describes them. A detector whose
    looks cannot be asked anything has none.
    """

    layout: Layout
    """Of a look: `Regions.features` has as many numbers as it names."""
    looks_per_second: float
    """How often looks of all things are worth their bytes."""
    space: str
    """Names the numbers in which looks are compared with examples; what was learnt in another is refused."""
    default_threshold: float
    """The detector's."""
    weights_digest: str | None
    """Of the detector's weights whose looks can be asked; None where those of any can."""

    def least_objectness(self, threshold: float) -> float:
        """Return the objectness under which no region can score `threshold`, whatever it is."""
        ...

    def name(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary, *, words_per_region: int = 1
    ) -> Naming:
        """Name looks by words. Memory is bounded whatever the numbers of looks and words."""
        ...

    def chances(
        self, features_LF: NDArray[np.floating], vocabulary: EmbeddedVocabulary
    ) -> NDArray[np.float32]:
        """Return (L, C): the word score of every word for every look, shown or not; for few words."""
        ...

    def scores(
        self, objectness_R: NDArray[np.float32], word_scores_RW: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return (R, W): how sure regions are of words, in 0..1."""
        ...

    def compared(self, features_LF: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return (L, G): the numbers in which looks are compared with examples."""
        ...

    def ordinary(self) -> NDArray[np.float32]:
        """Return (N, G): `compared` of ordinary regions of ordinary pictures; N may be 0."""
        ...

    def detections(
        self,
        boxes_R4: NDArray[np.float32],
        objectness_R: NDArray[np.float32],
        naming: Naming,
        *,
        threshold: float,
    ) -> Detections:
        """Return what is found in one frame among regions named so (one row of `naming` each)."""
        ...


class Search(Protocol):
    """Some words, ready to be asked of looks."""

    def __call__(
        self, rows: Rows, background: Rows, objectness_L: NDArray[np.float32], least: float
    ) -> NDArray[np.float32]:
        """Return (L, C): how sure looks are of words, in 0..1; 0 where that is less than `least`."""
        ...


@runtime_checkable
class Searchable(Protocol):
    """A rescorer that can work out once what every word asks of a look, so that a word costs little more.

    Its scores are those of `Rescorer.chances`. A rescorer that is none is asked for those.
    """

    def background(self, rows: Rows) -> Rows:
        """Return (L, bytes): what is kept beside looks, which are given as bytes in the rescorer's layout."""
        ...

    def search(self, vocabulary: EmbeddedVocabulary) -> Search:
        """Prepare words; for few."""
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

    @property
    def rescorer(self) -> Rescorer | None:
        """Asks other words of the regions this detector keeps; None where nobody can."""
        ...

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order.

        frames: equal-size RGB pictures. threshold: lowest score kept, in 0..1.
        regions: how many class-agnostic regions to keep per frame at most; 0 leaves `Detections.regions` None
        """
        ...
