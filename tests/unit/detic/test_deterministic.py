"""Deterministic weights against those the reference numbers were computed with."""

import json

import numpy as np
import pytest

from tests.unit.detic.goldens import CLIP_MEAN, REFERENCE
from training.detic.deterministic import initial_tensor, mean_direction_of
from workers.detectors.detic.config import RELEASES

MOST_NUMBERS = 3_000_000
"""Of a tensor that is compared; enough for one of every kind but `fc1`, which is compared once."""


@pytest.mark.parametrize("name", ["detic-r18", "detic-convnext", "detic-swinb", "detic-r50"])
def test_tensors_are_the_reference_ones(name):
    folder = REFERENCE / RELEASES[name].official_name
    if not folder.is_dir():
        pytest.skip(f"no reference numbers in {REFERENCE}")
    path, key = CLIP_MEAN["reference"]
    mean = np.load(path)[key]
    expected = json.loads((folder / "init_check.json").read_text())

    for tensor_name, shape, dtype, _ in json.loads((folder / "keys.json").read_text()):
        if dtype == "float32" and (
            np.prod(shape) < MOST_NUMBERS or tensor_name.endswith("box_head.0.fc1.weight")
        ):
            tensor = initial_tensor(tensor_name, tuple(shape), mean).numpy().ravel()
            first, last, total = expected[tensor_name]
            assert [tensor[0], tensor[-1]] == pytest.approx([first, last], rel=1e-5, abs=1e-7), tensor_name
            assert tensor.sum(dtype=np.float64) == pytest.approx(total, rel=1e-5, abs=1e-4), tensor_name


def test_a_tensor_depends_on_its_name_alone():
    one, same, other = (
        initial_tensor(name, (4, 4), np.zeros(512)) for name in ("a.weight", "a.weight", "b.weight")
    )

    assert (one == same).all()
    assert (one != other).all()


def test_the_mean_direction_is_of_unit_length():
    rows = np.random.default_rng(0).standard_normal((7, 512))

    assert np.linalg.norm(mean_direction_of(rows * 10)) == pytest.approx(1)
