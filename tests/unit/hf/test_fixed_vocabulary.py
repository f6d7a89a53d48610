"""Families that know what they were trained on."""

import numpy as np
import pytest

from tests.unit.hf.conftest import boxes_of, embedded
from tests.unit.hf.tiny_configs import FIXED
from vocabularies import VocabularyError


@pytest.mark.parametrize("family", FIXED)
def test_words_choose_among_the_models_own_boxes(family, detector_of, folder_of, frames):
    from transformers import AutoImageProcessor

    detector = detector_of(family)
    processor = AutoImageProcessor.from_pretrained(folder_of(family))
    inputs = processor(images=frames, return_tensors="pt")
    expected = processor.post_process_object_detection(
        detector._family._model(**inputs), threshold=0.0, target_sizes=[(48, 80)] * 2
    )

    found = detector.detect(
        frames, embedded(detector, "dog", "automobile", "mobile phone", "person"), threshold=0.0
    )

    for label_id, name in ((0, 2), (2, 3), (3, 0)):
        for one, other in zip(found, expected, strict=True):
            own = other["labels"] == name
            boxes = other["boxes"][own].detach().numpy().clip(0, [80, 48, 80, 48])
            scores = other["scores"][own].detach().numpy()
            order = np.argsort(-scores, kind="stable")
            np.testing.assert_allclose(boxes_of(one, label_id)[0], boxes[order], atol=1e-3)
            np.testing.assert_allclose(boxes_of(one, label_id)[1], scores[order], atol=1e-5)
    assert sum(map(len, found)) > 0


@pytest.mark.parametrize("family", FIXED)
def test_a_words_boxes_depend_on_neither_words_nor_batch(family, detector_of, frames):
    detector = detector_of(family)
    names = ("person", "car", "dog", "cell phone", "couch")
    everything = detector.detect(frames, embedded(detector, *names), threshold=0.0)
    word = int(everything[0].label_ids[0])

    (alone,) = detector.detect(frames[:1], embedded(detector, names[word]), threshold=0.0)

    np.testing.assert_allclose(boxes_of(alone, 0)[0], boxes_of(everything[0], word)[0], atol=1e-3)
    np.testing.assert_allclose(boxes_of(alone, 0)[1], boxes_of(everything[0], word)[1], atol=1e-5)


def test_a_word_it_does_not_know_is_told_with_the_nearest(detector_of, frames):
    detector = detector_of("rt_detr_v2")
    vocabulary = embedded(detector, "Sofas", "puppy", "peson").vocabulary

    said = detector.facts(vocabulary)

    assert said.notes == ("this detector cannot find 'puppy' (nearest: 'dog'), 'peson' (nearest: 'person')",)
    assert said.facts["not_known"] == {"puppy": "dog", "peson": "person"}
    assert said.facts["family"] == "rt_detr_v2"


def test_a_vocabulary_it_knows_nothing_of_is_one_clear_error(detector_of, frames):
    detector = detector_of("rt_detr_v2")

    with pytest.raises(
        VocabularyError, match=r"cannot find 'kitten': nearest to 'kitten' is 'dog'"
    ) as caught:
        detector.detect(frames, embedded(detector, "kitten"), threshold=0.0)

    assert "\n" not in str(caught.value)
