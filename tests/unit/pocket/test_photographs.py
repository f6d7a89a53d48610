import json
from pathlib import Path

import pytest

from training.pocket.photographs import read_photographs


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    """A dog, a person, and a crowd nobody drew boxes in."""
    boxes = [(1, 0), (2, 0), (1, 1)]
    content = {
        "images": [{"id": 5, "file_name": "a.jpg", "width": 100, "height": 50}],
        "categories": [{"id": 2, "name": "dog"}, {"id": 1, "name": "person"}],
        "annotations": [
            {"id": i, "image_id": 5, "category_id": category, "bbox": [10, 20, 30, 5], "ignore": ignore}
            for i, (category, ignore) in enumerate(boxes)
        ],
    }
    path = tmp_path / "train.json"
    path.write_text(json.dumps(content))
    return path


def test_boxes_are_corners_and_categories_count_from_zero(annotations: Path) -> None:
    (photograph,), names = read_photographs(annotations)

    assert names == ["person", "dog"]
    assert photograph.boxes_xyxy_px[0].tolist() == [10.0, 20.0, 40.0, 25.0]
    assert photograph.categories.tolist() == [0, 1, -1]


def test_held_out_names_are_neither_positives_nor_background(annotations: Path) -> None:
    (photograph,), _ = read_photographs(annotations, without=("dog",))

    assert photograph.categories.tolist() == [0, -1, -1]
