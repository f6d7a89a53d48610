"""Pictures as questions, asked of frames of real clips: what shows nothing of the kind is not found.

The measured rate is in docs/ask-again.md: by three pictures one of 128 pairs of a question and a clip that
does not show it. Before what is learnt alone was held against what is ordinary it was 22, these among them.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from vocabularies import Vocabulary
from vocabularies.learnt import LearntLabels
from workers.detectors import EmbeddedVocabulary, Frame, Regions
from workers.detectors.registry import load_detector
from workers.learning.examples import find_pictures, seen_in
from workers.learning.learn import learn

SHARED = Path(__file__).parents[4] / "shared"
DOGS = ("golden_retriever", "labrador_retriever", "pug")
ABSENT = {
    "kite": ("train/coco_000000361730", "val/coco_000000014439", "train/coco_000000099024"),
    "banana": ("train/coco_000000090891", "train/coco_000000527029", "train/coco_000000378515"),
}
"""Photographs of what is in no clip, in which it is the largest thing."""
FRAMES = {
    "car-detection.mp4": (87, 212, 225, 344),
    "bottle-detection.mp4": (180,),
    "coffee.mp4": (100,),
    "mall_walkers.mp4": (250,),
    "escalator.mp4": (200,),
    "dog.mp4": (12, 110, 252),
}
"""Frames in which all that a clip shows is large."""

pytestmark = pytest.mark.skipif(not (SHARED / "breeds").is_dir(), reason="needs the pictures in ../shared")


@pytest.fixture(scope="module")
def detector():
    return load_detector("pocket", device="cpu")


def frames_of(clip: str, wanted: tuple[int, ...]) -> Iterator[Frame]:
    with av.open(str(SHARED / "videos" / clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                yield frame.to_ndarray(format="rgb24")
            if number == wanted[-1]:
                return


@pytest.fixture(scope="module")
def seen(detector) -> dict[str, list[Regions]]:
    words = Vocabulary(name="anything", labels=("thing",))
    anything = EmbeddedVocabulary(vocabulary=words, embeddings=detector.text_encoder.encode(["a thing"]))

    def looked(frame: Frame) -> Regions:
        return detector.detect([frame], anything, threshold=0.0, regions=48)[0].regions

    return {clip: [looked(frame) for frame in frames_of(clip, wanted)] for clip, wanted in FRAMES.items()}


def learnt_from(detector, label: str, pictures: Iterable[Path]) -> EmbeddedVocabulary:
    entries = learn(detector, [seen_in(detector, label, pictures)]).entries
    learnt = LearntLabels(
        labels=entries.labels, sha256="0" * 64, detector="pocket", weights_digest=detector.weights_digest
    )
    words = Vocabulary(name="like", labels=entries.labels, learnt=learnt)
    return EmbeddedVocabulary(vocabulary=words, embeddings=np.zeros((0, 1), np.float32), learnt=entries)


def clips_with(detector, seen: dict[str, list[Regions]], label: str, pictures: Iterable[Path]) -> set[str]:
    vocabulary = learnt_from(detector, label, pictures)

    def best(regions: Regions) -> float:
        chances = detector.rescorer.chances(regions.features, vocabulary)
        return float(detector.rescorer.scores(regions.objectness, chances).max())

    return {clip for clip, looks in seen.items() if max(map(best, looks)) >= detector.default_threshold}


def test_dogs_are_found_in_no_clip_but_that_of_a_dog(detector, seen) -> None:
    folders = {breed: find_pictures([SHARED / "breeds/val" / breed]) for breed in DOGS}

    found = {breed: clips_with(detector, seen, breed, paths[:3]) for breed, paths in folders.items()}

    assert set().union(*found.values()) == {"dog.mp4"}, found


@pytest.mark.parametrize("kind", ABSENT)
def test_what_is_in_no_clip_is_found_in_none(detector, seen, kind: str) -> None:
    pictures = [SHARED / "pocket-data/images" / f"{name}.jpg" for name in ABSENT[kind]]

    assert clips_with(detector, seen, kind, pictures) == set()
