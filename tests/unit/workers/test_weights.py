"""Weights that users bring along."""

import hashlib
import os

import pytest

from api_client.contract import keys
from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError, ObjectNotFoundError
from api_client.store.directory import DirectoryStore
from workers import weights
from workers.weights import fetch_weights

DATA = b"numbers"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path):
    store = DirectoryStore(tmp_path / "store")
    store.put(keys.weights(DIGEST), DATA)
    return store


def test_weights_are_fetched_once(store, tmp_path):
    path = fetch_weights(DIGEST, store, tmp_path / "cache")
    store.delete(keys.weights(DIGEST))

    again = fetch_weights(DIGEST, store, tmp_path / "cache")

    assert again == path
    assert path.read_bytes() == DATA


def test_a_damaged_copy_is_fetched_again(store, tmp_path):
    fetch_weights(DIGEST, store, tmp_path / "cache").write_bytes(b"damaged")

    assert fetch_weights(DIGEST, store, tmp_path / "cache").read_bytes() == DATA


def test_weights_that_are_others_in_the_store_are_refused(store, tmp_path):
    store.put(keys.weights(DIGEST), b"others")

    with pytest.raises(IntegrityError, match=DIGEST):
        fetch_weights(DIGEST, store, tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


def test_weights_nobody_stored(tmp_path):
    with pytest.raises(ObjectNotFoundError):
        fetch_weights(DIGEST, DirectoryStore(tmp_path / "store"), tmp_path / "cache")


def test_weights_are_hashed_once_for_many_chunks(store, tmp_path, monkeypatch):
    os.utime(fetch_weights(DIGEST, store, tmp_path / "cache"), (1, 1))
    hashed = []
    monkeypatch.setattr(weights, "file_sha256", lambda path: hashed.append(path) or file_sha256(path))

    paths = {fetch_weights(DIGEST, store, tmp_path / "cache") for _ in range(5)}

    assert hashed == [*paths]


def test_a_copy_that_changes_between_chunks_is_noticed(store, tmp_path):
    path = fetch_weights(DIGEST, store, tmp_path / "cache")
    os.utime(path, (1, 1))
    fetch_weights(DIGEST, store, tmp_path / "cache")
    path.write_bytes(b"n" * len(DATA))

    assert fetch_weights(DIGEST, store, tmp_path / "cache").read_bytes() == DATA
