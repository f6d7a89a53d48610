"""The detector as the pipeline sees it."""

import re

import numpy as np
import pytest
import torch
from PIL import Image

from tests.unit.detic import agreement
from tests.unit.detic.conftest import embedded
from tests.unit.detic.goldens import COMMITTED
from vocabularies import VocabularyError
from workers.detectors.detections import Detections
from workers.detectors.detic import selection
from workers.detectors.detic.rescoring import region_scores
from workers.detectors.errors import FrameError

PICTURE = np.array(Image.open(COMMITTED / "picture.png").convert("RGB"))
FLOAT16_SCORE = 2e-3


def _triple(detections):
    return detections.boxes_xyxy_px, detections.scores, detections.label_ids


@pytest.fixture(scope="module")
def eight(detector, words):
    """Eight frames of one size, and what is found in each alone."""
    frames = [np.roll(PICTURE, 24 * index, axis=1) for index in range(8)]
    alone = [detector.detect([frame], words, threshold=0.6, regions=20)[0] for frame in frames]
    return frames, alone


def test_a_batch_of_eight_gives_what_eight_single_frames_give(detector, words, eight, monkeypatch):
    frames, alone = eight
    monkeypatch.setattr(detector, "batch_size", 8)

    together = detector.detect(frames, words, threshold=0.6)

    assert len(together) == 8
    for one, same in zip(together, alone, strict=True):
        matches = agreement.match(_triple(one), _triple(same), agreement.FINAL_SCORE)
        assert abs(len(one) - len(same)) <= 0.01 * len(same)
        assert matches.fraction >= agreement.DETECTIONS_MATCHED
        matched = np.flatnonzero(matches.agree)
        difference = one.masks[matches.nearest[matched]].astype(int) - same.masks[matched]
        assert np.abs(difference).mean() < 0.1


def test_detections_are_within_the_frame_and_in_order(eight):
    _, alone = eight

    for found in alone:
        assert len(found) > 5
        assert (np.diff(found.scores) <= 0).all()
        assert found.scores.min() > 0.6
        assert (found.boxes_xyxy_px >= 0).all()
        assert (found.boxes_xyxy_px <= [320, 240, 320, 240]).all()
        assert (found.boxes_xyxy_px[:, 2:] > found.boxes_xyxy_px[:, :2]).all()
        assert found.masks.shape == (len(found), 28, 28)
        assert found.masks.dtype == np.uint8
        assert found.masks.std() > 10


def test_a_higher_threshold_only_leaves_away(detector, words, eight):
    frames, alone = eight
    found = detector.detect(frames[:1], words, threshold=0.65)[0]

    assert 0 < len(found) < len(alone[0])
    assert np.allclose(found.scores, alone[0].scores[: len(found)], atol=1e-5)


def test_regions_are_bounded_and_the_most_object_like(eight):
    for found in eight[1]:
        assert found.regions.features.shape == (20, 3 * 512)
        assert found.regions.features.dtype == np.float16
        assert (np.diff(found.regions.objectness) <= 0).all()
        assert np.allclose(np.linalg.norm(found.regions.features.reshape(20, 3, 512), axis=2), 1, atol=2e-3)


def test_without_regions_asked_for_none_are_kept(detector, words):
    assert detector.detect([PICTURE], words, threshold=0.9)[0].regions is None


def test_kept_regions_give_the_same_scores_again(detector, words):
    found = detector.detect([PICTURE], words, threshold=0.5, regions=256)[0]

    again = detector.rescore(found.regions, words, threshold=0.5)

    assert abs(len(again) - len(found)) <= 2  # scores beside the threshold may fall on its other side
    for box, score, label in zip(*_triple(found), strict=True):
        if score > 0.5 + FLOAT16_SCORE:
            same = (again.label_ids == label) & (np.abs(again.boxes_xyxy_px - box).max(axis=1) < 0.01)
            assert np.abs(again.scores[same] - score).min() < FLOAT16_SCORE


def test_kept_regions_answer_a_vocabulary_nobody_had_asked(detector, words):
    other = embedded(words.embeddings[::-1][:5].copy())
    regions = detector.detect([PICTURE], words, threshold=0.99, regions=256)[0].regions

    again = detector.rescore(regions, other, threshold=0.3)

    asked = detector.detect([PICTURE], other, threshold=0.3)[0]
    assert len(asked) > 5
    assert abs(len(again) - len(asked)) <= 2
    assert np.abs(again.scores[:5] - asked.scores[:5]).max() < FLOAT16_SCORE
    assert region_scores(regions, other.embeddings).shape == (len(regions.objectness), 5)


def test_a_vocabulary_of_one_word(detector, words):
    one = embedded(words.embeddings[:1])

    found = detector.detect([PICTURE], one, threshold=0.1, regions=8)[0]

    assert len(found) > 0
    assert set(found.label_ids) == {0}


def test_classes_in_blocks_are_the_classes_at_once(detector, words, monkeypatch):
    whole = detector.detect([PICTURE], words, threshold=0.5)[0]
    monkeypatch.setattr(selection, "CLASSES_AT_ONCE", 5)

    blocks = detector.detect([PICTURE], words, threshold=0.5)[0]

    assert np.array_equal(blocks.label_ids, whole.label_ids)
    assert np.allclose(blocks.scores, whole.scores, atol=1e-6)


def test_21k_classes_are_scored_in_bounded_memory(detector, monkeypatch):
    rows = np.random.default_rng(0).standard_normal((21841, 512), np.float32)
    widest = []
    score = selection.class_scores

    def scores(*arguments):
        result = score(*arguments)
        widest.append(result.shape[1])
        return result

    monkeypatch.setattr(selection, "class_scores", scores)
    found = detector.detect([PICTURE], embedded(rows), threshold=0.7)[0]

    assert sum(widest) == 21841
    assert max(widest) <= selection.CLASSES_AT_ONCE
    assert len(np.unique(found.label_ids)) > 10


def test_bfloat16_finds_about_as_much(detector, words, monkeypatch):
    in_float32 = detector.detect([PICTURE], words, threshold=0.6)[0]
    monkeypatch.setattr(detector._inference, "_precision", torch.bfloat16)

    found = detector.detect([PICTURE], words, threshold=0.6)[0]

    assert found.scores.dtype == found.boxes_xyxy_px.dtype == np.float32
    assert 0.5 * len(in_float32) <= len(found) <= 2 * len(in_float32)
    assert abs(found.scores[0] - in_float32.scores[0]) < 0.05


def test_no_frames_give_no_detections(detector, words):
    assert detector.detect([], words, threshold=0.5) == []


@pytest.mark.parametrize("hw", [(4, 300), (300, 4), (1, 1), (0, 10), (9, 2000)])
def test_a_frame_smaller_than_a_stride_is_one_clear_error(detector, words, hw):
    with pytest.raises(FrameError, match=re.escape(f"{hw[1]}x{hw[0]} pixels is less than one stride")):
        detector.detect([np.zeros((*hw, 3), np.uint8)], words, threshold=0.5)


def test_frames_of_two_sizes_are_one_clear_error(detector, words):
    with pytest.raises(FrameError, match="must be of one size"):
        detector.detect([PICTURE, PICTURE[:100]], words, threshold=0.5)


@pytest.mark.parametrize("frame", [PICTURE[:, :, 0], PICTURE[:, :, :2], PICTURE.astype(np.float32)])
def test_a_frame_that_is_no_rgb_picture_is_one_clear_error(detector, words, frame):
    with pytest.raises(FrameError, match=r"must be \(height, width, 3\) uint8"):
        detector.detect([frame], words, threshold=0.5)


def test_embeddings_of_another_text_encoder_are_one_clear_error(detector):
    with pytest.raises(VocabularyError, match=r"embedded in 384 dimensions.*clip-vit-b-32"):
        detector.detect([PICTURE], embedded(np.ones((2, 384), np.float32)), threshold=0.5)


def test_memory_exhausted_halves_the_batch_for_good(detector, words, monkeypatch, caplog):
    def three_at_most(frames, *arguments, **keywords):
        if len(frames) > 3:
            raise torch.OutOfMemoryError
        return [Detections.none() for _ in frames]

    monkeypatch.setattr(detector._inference, "run", three_at_most)
    monkeypatch.setattr(detector, "batch_size", 8)
    found = detector.detect([PICTURE] * 5, words, threshold=0.5)

    assert len(found) == 5
    assert detector.batch_size == 2
    assert "2 frames at once from now on" in caplog.text
