"""What a word finds does not depend on the list it is in; on footage where it is there.

Of the longer lists a part is asked, and the words of the clips: embedding takes time.
"""

from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from tests.unit.pocket.conftest import Embed
from tests.unit.pocket.pictures import DATA, photograph
from training.pocket.lists import LISTED, MEANS, WRONG_WORDS, agreement, overlaps
from training.pocket.photographs import read_photographs
from vocabularies import shipped_labels
from workers.detectors import Detections, EmbeddedVocabulary, Frame
from workers.detectors.pocket import DEFAULT_THRESHOLD
from workers.detectors.pocket.detector import PocketDetector

VIDEOS = DATA.parent / "videos"
FRAMES_OF_A_CLIP = 4
EVERY = 20
PHOTOGRAPHS = 20
EVERY_PHOTOGRAPH = 11
"""Of all, which the rules were chosen with a look at: a guard of what they reach, no measure of others."""


def _frames(clip: str) -> list[Frame]:
    path = VIDEOS / clip
    if not path.exists():
        pytest.skip("needs the clips in ../shared/videos")
    with av.open(str(path)) as container:
        frames = list(islice(container.decode(video=0), 0, EVERY * FRAMES_OF_A_CLIP, EVERY))
    return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]


@pytest.fixture(scope="module")
def imagenet1k(embed: Embed) -> EmbeddedVocabulary:
    return embed(*shipped_labels("imagenet1k"))


@pytest.fixture(scope="module")
def imagenet21k(embed: Embed) -> EmbeddedVocabulary:
    labels = shipped_labels("imagenet21k")
    return embed(*sorted({*labels[::10], *(name for name in labels if {"dog", "horse"} & set(name.split()))}))


@pytest.fixture(scope="module")
def lvis(embed: Embed) -> EmbeddedVocabulary:
    return embed(*sorted({"bottle", "dog", "horse", "person", *shipped_labels("lvis")[::6]}))


def _agree(alone: Detections, among: Detections, meant: set[int]) -> bool:
    """Every box of the word alone bears a word that means it."""
    same = np.isin(among.label_ids, list(meant))
    share_NM = overlaps(alone.boxes_xyxy_px, among.boxes_xyxy_px[same])
    return bool((share_NM > 0.5).any(1).all())


@pytest.mark.parametrize("listed", ["lvis", "imagenet1k", "imagenet21k"])
@pytest.mark.parametrize(
    ("clip", "word"), [("dog.mp4", "dog"), ("two_horses.mp4", "horse"), ("bottle-detection.mp4", "bottle")]
)
def test_a_list_finds_what_the_word_alone_finds(
    detector: PocketDetector, embed: Embed, request: pytest.FixtureRequest, listed: str, clip: str, word: str
) -> None:
    words: EmbeddedVocabulary = request.getfixturevalue(listed)
    meaning = detector._scorer.meanings(words, least=0.5)
    meant = set(np.flatnonzero(meaning == shipped_labels("coco").index(word)).tolist())

    agreed = []
    for frame in _frames(clip):
        seen = detector.detect([frame], embed(word), threshold=DEFAULT_THRESHOLD, regions=100)[0]
        assert seen.regions is not None
        among = detector.rescore(seen.regions, words, threshold=DEFAULT_THRESHOLD)
        agreed += [_agree(seen, among, meant)] if len(seen) else []

    assert len(agreed) > FRAMES_OF_A_CLIP / 2
    assert np.mean(agreed) >= 0.9


def test_imagenet1k_names_what_the_names_alone_show(
    detector: PocketDetector, embed: Embed, imagenet1k: EmbeddedVocabulary
) -> None:
    if not (DATA / "val.json").exists():
        pytest.skip("needs the photographs in ../shared/pocket-data")
    coco = embed(*shipped_labels("coco"))
    meaning, listed = (detector._scorer.meanings(imagenet1k, least=least) for least in (MEANS, LISTED))

    alone, among = [], []
    for picture in read_photographs(DATA / "val.json")[0][::EVERY_PHOTOGRAPH]:
        seen = detector.detect([picture.decode()], coco, threshold=DEFAULT_THRESHOLD, regions=100)[0]
        assert seen.regions is not None
        alone.append(detector.rescore(seen.regions, coco, threshold=DEFAULT_THRESHOLD, words_per_region=80))
        among.append(detector.rescore(seen.regions, imagenet1k, threshold=DEFAULT_THRESHOLD))

    assert agreement(alone, among, meaning, np.unique(listed[listed >= 0])) >= 0.9


def test_words_of_what_is_not_there_find_next_to_nothing(detector: PocketDetector, embed: Embed) -> None:
    folder = Path(DATA / "images" / "val")
    names = sorted(path.name for path in folder.glob("*"))[:PHOTOGRAPHS] or ["none"]
    words = embed(*WRONG_WORDS)

    fired = [
        name
        for name in names
        if len(detector.detect([photograph(name)], words, threshold=DEFAULT_THRESHOLD)[0])
    ]

    assert len(fired) <= 0.02 * len(names), fired


def test_a_breed_alone_does_not_find_a_person(detector: PocketDetector, embed: Embed) -> None:
    frame = _frames("dog.mp4")[0]
    person = detector.detect([frame], embed("person"), threshold=DEFAULT_THRESHOLD)[0]

    breeds = detector.detect([frame], embed("labrador", "husky"), threshold=DEFAULT_THRESHOLD)[0]

    assert len(person) >= 1
    assert not (overlaps(breeds.boxes_xyxy_px, person.boxes_xyxy_px) > 0.5).any()
