"""A file that is not exactly YOLOv3's weights is one line, whatever is wrong with it."""

import os
from pathlib import Path

import numpy as np
import pytest

from workers.detectors.errors import WeightsError
from workers.detectors.registry import load_detector

NUMBERS = 62_001_757
"""Of the weights that Darknet's site hands out, which have 248,007,048 bytes."""


def refusal(path: Path | None) -> str:
    with pytest.raises(WeightsError) as refused:
        load_detector("yolov3", device="cpu", weights=path)
    message = str(refused.value)
    assert "\n" not in message
    return message


def file_of(numbers: int, path: Path) -> Path:
    """Of the right kind: a header, and zeros that take no room on the disk."""
    path.write_bytes(np.array([0, 2, 5], "<i4").tobytes())
    os.truncate(path, 20 + 4 * numbers)
    return path


@pytest.mark.parametrize("lost", [1, 1 << 20])
def test_a_truncated_file_is_refused(tmp_path: Path, lost: int) -> None:
    path = file_of(NUMBERS - lost, tmp_path / "cut.weights")

    said = f"holds {NUMBERS - lost} numbers, and YOLOv3 has {NUMBERS}: it is truncated, or of another network"
    assert said in refusal(path)


def test_a_file_cut_within_a_number_is_refused(tmp_path: Path) -> None:
    path = file_of(NUMBERS, tmp_path / "cut.weights")
    os.truncate(path, path.stat().st_size - 3)

    assert "truncated" in refusal(path)


def test_a_longer_file_is_of_another_network(tmp_path: Path) -> None:
    path = file_of(NUMBERS + 1, tmp_path / "longer.weights")

    assert "of another network" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip file of torch", bytes(20)])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.weights"
    path.write_bytes(content)

    assert str(path) in refusal(path)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    path = file_of(NUMBERS, tmp_path / "damaged.weights")
    with path.open("r+b") as file:
        file.seek(1 << 20)
        file.write(np.float32("nan").tobytes())

    assert "are no numbers" in refusal(path)


def test_no_file_at_all_is_told_with_what_to_do(tmp_path: Path) -> None:
    assert "give --weights FILE" in refusal(None)
    assert "gone.weights" in refusal(tmp_path / "gone.weights")
