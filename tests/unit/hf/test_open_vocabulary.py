"""Families that find what is named."""

import numpy as np
import pytest
import torch

from tests.unit.hf.conftest import boxes_of, embedded
from tests.unit.hf.tiny_configs import OPEN
from vocabularies import VocabularyError
from workers.detectors.hf.owl_rescoring import rescore

GROUNDING = ("grounding-dino", "mm-grounding-dino")


def assert_alike(found, expected, tolerance=2e-4):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("family", OPEN)
def test_a_words_boxes_do_not_depend_on_the_other_words(family, detector_of, frames):
    detector = detector_of(family)
    alone = detector.detect(frames, embedded(detector, "dog"), threshold=0.0)

    among = detector.detect(
        frames, embedded(detector, "person", "red umbrella", "dog", "cell phone"), threshold=0.0
    )

    for one, other in zip(alone, among, strict=True):
        assert len(one) > 3
        assert_alike(boxes_of(one, 0), boxes_of(other, 2))
        assert one.label_scores[0] == pytest.approx(other.label_scores[2], abs=1e-5)


@pytest.mark.parametrize("family", OPEN)
def test_words_make_a_difference(family, detector_of, frames):
    detector = detector_of(family)

    (found,) = detector.detect(frames[:1], embedded(detector, "dog", "cell phone"), threshold=0.0)

    assert found.label_scores[0] != pytest.approx(found.label_scores[1], abs=1e-4)


@pytest.mark.parametrize("family", OPEN)
def test_a_frames_boxes_do_not_depend_on_the_batch(family, detector_of, frames):
    detector = detector_of(family)
    words = embedded(detector, "dog", "cell phone")
    detector.batch_size = 2
    together = detector.detect(frames, words, threshold=0.0)

    detector.batch_size = 1
    apart = [detector.detect([frame], words, threshold=0.0)[0] for frame in frames]

    for one, other in zip(together, apart, strict=True):
        assert one.label_ids.tolist() == other.label_ids.tolist()
        assert_alike((one.boxes_xyxy_px, one.scores), (other.boxes_xyxy_px, other.scores))
    assert not np.allclose(together[0].label_scores, together[1].label_scores)


def test_a_vocabulary_of_more_tokens_than_the_model_reads_is_asked_whole(detector_of, frames):
    detector = detector_of("grounding-dino")
    labels = [f"the word that has the number {number}" for number in range(33)]  # 264 tokens with their marks
    alone = detector.detect(frames[:1], embedded(detector, labels[-1]), threshold=0.0)[0]

    vocabulary = embedded(detector, *labels)
    (found,) = detector.detect(frames[:1], vocabulary, threshold=0.0)

    assert (found.label_scores > 0).all()
    assert_alike(boxes_of(alone, 0), boxes_of(found, 32))
    facts = detector.facts(vocabulary.vocabulary).facts
    assert (facts["words_per_pass"], facts["passes"], facts["text_tokens"]) == (1, 33, 256)


def test_a_word_longer_than_the_model_reads_is_one_clear_error(detector_of, frames):
    detector = detector_of("grounding-dino")

    with pytest.raises(VocabularyError, match="302 tokens long: this detector reads 256"):
        detector.detect(frames, embedded(detector, "a" + " a" * 298), threshold=0.0)


def test_a_word_without_letters_is_one_clear_error(detector_of, frames):
    detector = detector_of("grounding-dino")

    with pytest.raises(VocabularyError, match="write it in words"):
        detector.detect(frames, embedded(detector, "?!."[::2]), threshold=0.0)


@pytest.mark.parametrize("family", GROUNDING)
def test_a_words_score_is_that_of_its_own_tokens(family, detector_of, frames):
    detector = detector_of(family)
    asked, shown = _asked_of_the_model(detector, frames, "cell phone")
    own = shown.logits[..., 1:3].sigmoid().amax(dim=-1)

    torch.testing.assert_close(asked, own, atol=1e-5, rtol=1e-5)
    assert (shown.logits[..., [0, 3, 4]].sigmoid().amax(dim=-1) > own).any(), "no mark ever wins: no test"


def test_a_full_stop_in_a_word_does_not_cut_it_in_two(detector_of):
    model = detector_of("grounding-dino")._family._model

    tokens = model.tokens("St. Bernard")

    assert [token in (101, 102, 1012) for token in tokens] == [True, *[False] * (len(tokens) - 3), True, True]


@pytest.mark.parametrize("family", GROUNDING)
def test_one_word_gives_what_transformers_own_post_processing_gives(family, detector_of, folder_of, frames):
    from transformers import AutoProcessor

    detector = detector_of(family)
    processor = AutoProcessor.from_pretrained(folder_of(family))
    _, shown = _asked_of_the_model(detector, frames, "cell phone")
    shown.logits[..., [0, 3, 4]] = -torch.inf  # marks: transformers would let them win
    best = shown.logits.sigmoid().amax().item()
    expected = processor.post_process_grounded_object_detection(
        shown, threshold=best / 2, target_sizes=[(48, 80)] * 2
    )

    found = detector.detect(frames, embedded(detector, "cell phone"), threshold=best / 2)

    assert sum(map(len, found)) > 0
    _assert_same(found, expected)


def test_omdet_gives_what_its_own_post_processing_gives(detector_of, folder_of, frames):
    from transformers import AutoProcessor

    detector = detector_of("omdet-turbo")
    processor = AutoProcessor.from_pretrained(folder_of("omdet-turbo"))
    detector._family._model.forget()
    inputs = processor(images=frames, text=[["dog"]] * 2, return_tensors="pt")
    outputs = detector._family._model._model(**inputs)
    expected = processor.post_process_grounded_object_detection(
        outputs, text_labels=[["dog"]] * 2, threshold=0.0, target_sizes=[(48, 80)] * 2
    )

    _assert_same(detector.detect(frames, embedded(detector, "dog"), threshold=0.0), expected)


@pytest.mark.parametrize("family", ["owlv2", "owlvit"])
def test_owl_gives_what_its_own_post_processing_gives(family, detector_of, folder_of, frames):
    from transformers import AutoProcessor

    detector = detector_of(family)
    processor = AutoProcessor.from_pretrained(folder_of(family))
    inputs = processor(
        text=[["a dog"]] * 2, images=frames, return_tensors="pt", padding="max_length", max_length=16
    )
    outputs = detector._family._model(**inputs)
    expected = processor.post_process_grounded_object_detection(
        outputs, threshold=0.0, target_sizes=[(48, 80)] * 2
    )

    _assert_same(detector.detect(frames, embedded(detector, "dog"), threshold=0.0), expected)


def test_owlv2s_boxes_lie_in_the_frame_and_not_in_the_square_around_it(detector_of, frames):
    detector = detector_of("owlv2")

    (found,) = detector.detect(frames[:1], embedded(detector, "dog"), threshold=0.0)

    # 16 patches look at a square of 80 x 80: the lower of them see nothing but grey
    assert 0 < len(found) < 16
    assert found.boxes_xyxy_px[:, 3].max() <= 48
    assert found.boxes_xyxy_px[:, 2].max() > 48, "sides were scaled alike, by the shorter"


def test_what_owlv2_saw_answers_other_words(detector_of, frames):
    detector = detector_of("owlv2")
    other = embedded(detector, "person", "cell phone")
    (seen,) = detector.detect(frames[:1], embedded(detector, "dog"), threshold=0.9, regions=100)

    answered = rescore(seen.regions, other, threshold=0.0)

    (expected,) = detector.detect(frames[:1], other, threshold=0.0)
    assert len(answered) == len(expected)
    for label_id in (0, 1):
        assert_alike(boxes_of(answered, label_id), boxes_of(expected, label_id), tolerance=2e-3)


def _asked_of_the_model(detector, frames, word):
    """What the adapter makes of the model's answer, and the answer itself."""
    from workers.detectors.hf.pictures import prepare

    model = detector._family._model
    pictures = prepare(detector._image_processor, frames, torch.device("cpu"))
    ids = torch.tensor([model.tokens(word)]).expand(len(frames), -1)
    with torch.no_grad():
        model.forget()
        asked, _ = model.ask(pictures, word)
        return asked, model._model(**pictures.inputs, input_ids=ids)


def _assert_same(found, expected):
    """Boxes of transformers, cut at the frame as ours are."""
    for one, other in zip(found, expected, strict=True):
        boxes = other["boxes"].detach().numpy().clip(0, [80, 48, 80, 48])
        has_area = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        scores = other["scores"].detach().numpy()[has_area]
        order = np.argsort(-scores, kind="stable")
        assert_alike((one.boxes_xyxy_px, one.scores), (boxes[has_area][order], scores[order]))
