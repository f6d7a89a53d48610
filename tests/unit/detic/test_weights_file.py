"""Files of weights that arrived damaged: whatever reading them runs into, the user gets one line."""

import random
import warnings

import pytest
import torch
from safetensors.torch import save_file

from workers.detectors.detic.checkpoint import read_checkpoint
from workers.detectors.errors import WeightsError
from workers.detectors.weights_file import misfits, read_weights_file

FILES = 150
"""Damaged files per format; of 3000, all kinds of trouble were among the first hundred."""

TENSORS = {"a": torch.arange(150.0).view(50, 3), "b.c": torch.zeros(4)}


def _damaged(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        return content[: chance.randrange(len(content))]
    flipped = bytearray(content)
    for _ in range(chance.choice([1, 3, 20])):
        flipped[chance.randrange(len(flipped))] = chance.randrange(256)
    return bytes(flipped)


def _trouble(path) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of some bytes it then reads
        try:
            read_checkpoint(path)
        except WeightsError as error:
            return str(error)
    return None


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_damage_of_any_kind_is_one_line_that_names_the_file(tmp_path, kind):
    path = tmp_path / ("a.safetensors" if kind == "safetensors" else "a.pth")
    if kind == "safetensors":
        save_file(TENSORS, path)
    else:
        torch.save({"model": TENSORS}, path, _use_new_zipfile_serialization=kind == "zip")
    content, chance = path.read_bytes(), random.Random(0)
    assert _trouble(path) is None

    told = []
    for _ in range(FILES):
        path.write_bytes(_damaged(content, chance))
        told += [trouble for trouble in [_trouble(path)] if trouble]

    assert len(told) > FILES / 2
    assert all("\n" not in trouble and str(path) in trouble for trouble in told)


def test_safetensors_are_read_as_checkpoints_are(tmp_path):
    save_file(TENSORS, tmp_path / "a.safetensors")

    checkpoint = read_checkpoint(tmp_path / "a.safetensors")

    assert {name: tensor.tolist() for name, tensor in checkpoint.tensors.items()} == {
        name: tensor.tolist() for name, tensor in TENSORS.items()
    }


def test_a_directory_is_no_file_of_weights(tmp_path):
    with pytest.raises(WeightsError, match="cannot read the weights"):
        read_weights_file(tmp_path)


def test_of_many_misfits_some_are_named():
    many = {f"layer{index}": torch.zeros(1) for index in range(9)}

    assert str(misfits({}, many)) == (
        "9 tensors are missing (layer0, layer1, layer2, layer3, …), 0 are unexpected, 0 have another shape"
    )


def test_safetensors_without_a_name_are_known_by_their_content(tmp_path):
    save_file(TENSORS, tmp_path / "0123abcd")

    assert read_weights_file(tmp_path / "0123abcd").keys() == TENSORS.keys()
