from dataclasses import replace

import numpy as np

from workers.detectors import Detections
from workers.near_misses import MOST, NearMisses

LABELS = ("dog", "kettle", "tree", "pup")


def _said(*scores: float, found: tuple[int, ...] = ()) -> Detections:
    count = len(found)
    return Detections(
        boxes_xyxy_px=np.zeros((count, 4), np.float32),
        scores=np.full(count, 0.9, np.float32),
        label_ids=np.array(found, np.int32),
        label_scores=np.array(scores, np.float32),
    )


def test_the_best_score_of_words_not_found_is_told_nearest_first() -> None:
    misses = NearMisses(LABELS, shown_from=np.full(4, 0.55, np.float32))

    misses.add([_said(0.9, 0.1, 0.4, 0.0, found=(0,)), _said(0.2, 0.3, 0.2, 0.0)])

    assert list(misses.highest().items()) == [("tree", 0.4), ("kettle", 0.3)]


def test_a_word_that_others_were_shown_for_is_no_miss() -> None:
    misses = NearMisses(LABELS, shown_from=np.full(4, 0.55, np.float32))

    misses.add([_said(0.9, 0.1, 0.4, 0.8, found=(0,))])

    assert "pup" not in misses.highest()


def test_a_detector_that_does_not_say_has_no_near_misses() -> None:
    misses = NearMisses(LABELS, shown_from=np.full(4, 0.55, np.float32))

    misses.add([replace(_said(), label_scores=None)])

    assert misses.highest() == {}


def test_no_more_than_a_hundred_are_told() -> None:
    misses = NearMisses([f"word {i}" for i in range(300)], shown_from=np.full(300, 0.55, np.float32))

    misses.add([_said(*np.linspace(0.1, 0.5, 300))])

    told = misses.highest()
    assert len(told) == MOST
    assert next(iter(told)) == "word 299"
