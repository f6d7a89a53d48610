"""Phrases round a whole Detic: words and their masks stay as they are."""

import numpy as np
from PIL import Image

from api_client.contract.thresholds import Thresholds
from tests.unit.detic.goldens import COMMITTED
from vocabularies import Vocabulary
from vocabularies.phrase import Phrase, Thing
from workers.detectors import EmbeddedVocabulary
from workers.detectors.phrases.detector import PhraseDetector

PICTURE = np.array(Image.open(COMMITTED / "picture.png").convert("RGB"))
THRESHOLD = 0.6


def test_words_are_found_as_without_phrases_and_phrases_have_the_masks_of_their_nouns(
    detector, words
) -> None:
    rows, labels = words.embeddings[:4], words.vocabulary.labels[:4]
    phrase = Phrase(label="one of those", head=Thing(noun=labels[0]))
    asked = Vocabulary(name="test", labels=(*labels, phrase.label), phrases=(phrase,))
    plain = EmbeddedVocabulary(vocabulary=Vocabulary(name="test", labels=labels), embeddings=rows)
    both = EmbeddedVocabulary.of_rows(asked, np.concatenate([rows, rows[:1], rows[:1]]))
    layer = PhraseDetector(detector, Thresholds(default=THRESHOLD))

    (alone,) = detector.detect([PICTURE], plain, threshold=THRESHOLD, regions=7)
    (found,) = layer.detect([PICTURE], both, threshold=THRESHOLD, regions=7)

    (own,) = np.nonzero(found.label_ids == 4)
    assert len(own) > 0
    others = found.where(found.label_ids != 4)
    same = [bool((alone.boxes_xyxy_px == box).all(axis=1).any()) for box in others.boxes_xyxy_px]
    assert all(same)
    assert (alone.label_ids == 0).any()
    assert not (others.label_ids == 0).any()
    assert found.masks is not None
    assert found.masks.shape == (len(found), *alone.masks.shape[1:])
    assert others.masks.any(axis=(1, 2)).all()
    assert found.masks[own].any()
    np.testing.assert_array_equal(found.regions.features, alone.regions.features)
