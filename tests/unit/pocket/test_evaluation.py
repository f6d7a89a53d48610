import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.pocket.evaluate import measure
from training.pocket.photographs import NOVEL_NAMES
from workers.detectors import Detections, Regions

NAMES = ["person", *NOVEL_NAMES]


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    """One picture of a person and a cat, each 40 x 40 pixels."""
    boxes = {1: [10, 10, 40, 40], 1 + NAMES.index("cat"): [60, 60, 40, 40]}
    content = {
        "info": {},
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 100}],
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(NAMES)],
        "annotations": [
            {"id": category, "image_id": 1, "category_id": category, "bbox": box, "area": 1600, "iscrowd": 0}
            for category, box in boxes.items()
        ],
    }
    path = tmp_path / "val.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def perfect() -> Detections:
    boxes = np.array([[10, 10, 50, 50], [60, 60, 100, 100]], np.float32)
    scores = np.array([0.9, 0.8], np.float32)
    return Detections(
        boxes_xyxy_px=boxes,
        scores=scores,
        label_ids=np.array([0, NAMES.index("cat")], np.int32),
        regions=Regions(boxes_xyxy_px=boxes, objectness=scores, features=np.zeros((2, 4), np.float16)),
    )


def test_everything_right_is_one(annotations: Path, perfect: Detections) -> None:
    numbers = measure(annotations, NAMES, [perfect], [perfect])

    asked = ("recall_at_100", "ap50_all", "ap50_person", "ap50_novel", "precision_at_default")
    assert [numbers[name] for name in asked] == [1.0] * 5


def test_a_wrong_word_costs_precision_but_no_recall(annotations: Path, perfect: Detections) -> None:
    confused = replace(perfect, label_ids=np.array([0, 0], np.int32))

    numbers = measure(annotations, NAMES, [confused], [confused])

    assert numbers["recall_at_100"] == 1.0
    assert numbers["precision_at_default"] == 0.5
    assert numbers["ap50_novel"] == 0.0


def test_a_misplaced_box_is_not_found(annotations: Path, perfect: Detections) -> None:
    assert perfect.regions is not None
    shifted = perfect.boxes_xyxy_px + 30
    moved = replace(perfect, boxes_xyxy_px=shifted, regions=replace(perfect.regions, boxes_xyxy_px=shifted))

    numbers = measure(annotations, NAMES, [moved], [moved])

    assert numbers["recall_at_100"] == 0.0
    assert numbers["precision_at_default"] == 0.0


def test_a_second_word_counts_for_the_ranking_but_is_not_shown(
    annotations: Path, perfect: Detections
) -> None:
    confused = replace(perfect, label_ids=np.array([0, 1], np.int32))
    ranked = replace(
        perfect,
        boxes_xyxy_px=perfect.boxes_xyxy_px[[0, 1, 1]],
        scores=np.array([0.9, 0.8, 0.4], np.float32),
        label_ids=np.array([0, 1, NAMES.index("cat")], np.int32),
    )

    numbers = measure(annotations, NAMES, [confused], [ranked])

    assert numbers["ap50_all"] == 1.0
    assert numbers["ap50_all_one_word"] == 0.5
    assert numbers["precision_at_default"] == 0.5
