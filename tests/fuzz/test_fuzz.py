"""Damaged input of every kind is read, or refused in one line: no traceback, no hang, bounded memory.

A few cases of each kind run with all tests; all of them by `make fuzz`. A case is its number: the same
number makes the same bytes.
"""

import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from tests.fuzz import seeds
from tests.fuzz.conftest import Faults
from tests.fuzz.mutations import damaged, damaged_document
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS

FEW, MANY = range(3), range(3, 70)
DOCUMENTS = ("manifest", "job", "track", "marker", "result")
TEXTS = {"vocabulary": (seeds.VOCABULARY, ".txt"), "settings": (seeds.SETTINGS, ".env")}
BY_HAND = {
    "vocabulary": [
        b"",
        b"\0" * 100,
        b"\xff\xfe\0",
        b"a" * (9 << 20),
        b"a\n" * 500_000,
        b"\xf0\x9f" * 9,
        b",\n" * 9,
    ],
    "settings": [b"", b"\0", b"HORATIO_BROKER_URL", b"=", b"HORATIO_HOME=" + b"x" * 100_000, b"'\n" * 99_999],
    "manifest": [b"", b"null", b"[]", b"{" * 99_999, b'{"version":1e999}', b'"' * 99_999, b"1" * 99_999],
    "pocket weights": [
        b"",
        b"\0" * 9,
        b"\xff" * 9,
        b"\x08" + b"\0" * 7 + b'{"a": 1}',
        b"\2" + b"\0" * 7 + b"{}",
    ],
    "detic weights": [b"", b"\0" * 9, b"PK\3\4", b"\x80\2}.", b"\x80\2c__builtin__\neval\n.", b"\xff" * 99],
}


def hold(found: list[str]) -> None:
    assert not found, f"{len(found)} faults, the first: {found[0]}"


@pytest.mark.parametrize("name", seeds.FORMATS)
def test_some_damaged_media(name: str, faults: Faults, tmp_path: Path) -> None:
    seed = seeds.media(name, tmp_path)

    hold(faults("media", f".{name}", [(number, damaged(seed, number)) for number in FEW]))


@pytest.mark.fuzz
@pytest.mark.parametrize("name", seeds.FORMATS)
def test_much_damaged_media(name: str, faults: Faults, tmp_path: Path) -> None:
    seed = seeds.media(name, tmp_path)

    hold(faults("media", f".{name}", [(number, damaged(seed, number)) for number in MANY]))


@pytest.mark.parametrize("name", seeds.FORMATS)
def test_undamaged_media_are_read(name: str, faults: Faults, tmp_path: Path) -> None:
    hold(faults("media", f".{name}", [(0, seeds.media(name, tmp_path))]))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_damaged_documents(name: str, faults: Faults) -> None:
    seed = seeds.documents()[name]

    hold(faults(name, ".json", [(number, damaged_document(seed, number)) for number in range(80)]))


@pytest.mark.fuzz
@pytest.mark.parametrize("name", DOCUMENTS)
def test_many_damaged_documents(name: str, faults: Faults) -> None:
    seed = seeds.documents()[name]

    hold(faults(name, ".json", [(number, damaged_document(seed, number)) for number in range(80, 2000)]))


@pytest.mark.parametrize("name", TEXTS)
def test_damaged_texts(name: str, faults: Faults) -> None:
    seed, suffix = TEXTS[name]

    hold(faults(name, suffix, [(number, damaged(seed, number)) for number in range(60)]))


@pytest.mark.fuzz
@pytest.mark.parametrize("name", TEXTS)
def test_many_damaged_texts(name: str, faults: Faults) -> None:
    seed, suffix = TEXTS[name]

    hold(faults(name, suffix, [(number, damaged(seed, number)) for number in range(60, 2000)]))


@pytest.mark.parametrize("name", [name for name in BY_HAND if "weights" not in name])
def test_what_somebody_thought_of(name: str, faults: Faults) -> None:
    hold(faults(name, ".txt", enumerate(BY_HAND[name])))


@pytest.mark.fuzz
@pytest.mark.parametrize("name", [name for name in BY_HAND if "weights" in name])
def test_what_somebody_thought_of_as_weights(name: str, faults: Faults) -> None:
    hold(faults(name, ".safetensors", enumerate(BY_HAND[name])))
    hold(faults(name, "", enumerate(BY_HAND[name])))


@pytest.mark.fuzz
def test_damaged_weights_of_the_pocket_detector(faults: Faults) -> None:
    content = SHIPPED_WEIGHTS.read_bytes()

    hold(faults("pocket weights", "", [(number, _head_damaged(content, number)) for number in range(60)]))


@pytest.mark.fuzz
@pytest.mark.parametrize("form", ["torch", "safetensors"])
def test_damaged_weights_of_detic(form: str, faults: Faults, tmp_path: Path) -> None:
    tensors = {"backbone.bottom_up.base.conv1.weight": torch.zeros(8, 3, 7, 7), "b": torch.zeros(4)}
    path = tmp_path / "seed.pth"
    torch.save({"model": tensors}, path)
    seed = path.read_bytes() if form == "torch" else save(tensors)

    hold(faults("detic weights", "", [(number, damaged(seed, number)) for number in range(200)]))


def _head_damaged(content: bytes, number: int) -> bytes:
    """Damage the first kilobytes, which say what the others mean, or anything."""
    head = random.Random(number).choice((64, 20_000, len(content)))
    return damaged(content[:head], number) + content[head:]
