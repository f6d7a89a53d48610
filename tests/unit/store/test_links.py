"""A directory store in which somebody made links, pipes and names that are no keys."""

import os
from pathlib import Path

import pytest

from api_client.errors import ObjectNotFoundError, StoreAccessError
from api_client.store.directory import DirectoryStore


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that is no business of the store."""
    path = tmp_path / "outside" / "precious"
    path.parent.mkdir()
    path.write_bytes(b"precious")
    return path


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    store = DirectoryStore(tmp_path / "store")
    store.put("jobs/real/manifest.json", b"")
    return store


def test_a_linked_directory_is_not_listed(store: DirectoryStore, outside: Path) -> None:
    (store.root / "jobs/linked").symlink_to(outside.parent)

    assert [info.key for info in store.list("")] == ["jobs/real/manifest.json"]
    assert list(store.list("jobs/linked/")) == []
    assert list(store.list_prefixes("jobs/")) == ["real"]
    assert list(store.list_prefixes("jobs/linked/")) == []


def test_nothing_is_deleted_through_a_link(store: DirectoryStore, outside: Path) -> None:
    (store.root / "jobs/linked").symlink_to(outside.parent)
    (store.root / "jobs/real/file").symlink_to(outside)

    store.delete_prefix("jobs/linked/")
    store.delete_prefix("jobs/real/")
    store.delete("jobs/real/file")
    with pytest.raises(StoreAccessError, match="symbolic link"):
        store.delete("jobs/linked/precious")

    assert outside.read_bytes() == b"precious"


def test_nothing_is_read_through_a_link(store: DirectoryStore, outside: Path, tmp_path: Path) -> None:
    (store.root / "jobs/linked").symlink_to(outside.parent)
    (store.root / "jobs/real/file").symlink_to(outside)

    for key in ("jobs/linked/precious", "jobs/real/file"):
        with pytest.raises(StoreAccessError, match="symbolic link"):
            store.get(key)
        with pytest.raises(StoreAccessError, match="symbolic link"):
            store.get_file(key, tmp_path / "mine")
    assert not store.exists("jobs/real/file")
    assert not (tmp_path / "mine").exists()


def test_nothing_is_written_through_a_link(store: DirectoryStore, outside: Path) -> None:
    (store.root / "jobs/linked").symlink_to(outside.parent)
    (store.root / "jobs/real/file").symlink_to(outside)

    store.put("jobs/real/file", b"mine")
    for write in (store.put, store.put_if_absent):
        with pytest.raises(StoreAccessError, match="symbolic link"):
            write("jobs/linked/new", b"")

    assert store.get("jobs/real/file") == b"mine"
    assert outside.read_bytes() == b"precious"
    assert [*outside.parent.iterdir()] == [outside]


def test_what_is_being_written_stays_inside(store: DirectoryStore, outside: Path) -> None:
    old = outside.parent / ".somebodys.part"
    old.touch()
    os.utime(old, (0, 0))
    (store.root / ".incoming").rmdir()
    (store.root / ".incoming").symlink_to(outside.parent)

    with pytest.raises(StoreAccessError, match="symbolic link"):
        DirectoryStore(store.root).put("jobs/real/m", b"")

    assert old.exists()


def test_the_root_may_be_a_link(store: DirectoryStore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(store.root)
    linked = DirectoryStore(tmp_path / "link")
    linked.put("jobs/real/m", b"x")

    assert store.get("jobs/real/m") == b"x"
    assert len(list(linked.list(""))) == 2


def test_names_that_are_no_keys_are_not_listed(store: DirectoryStore) -> None:
    for name in (b"new\nline", b"no utf-8 \xff", b"back\\slash", b"\x1b[2J"):
        directory = store.root / "jobs" / os.fsdecode(name)
        directory.mkdir()
        (directory / "manifest.json").touch()
    (store.root / "jobs/loop").symlink_to(store.root / "jobs/loop")

    assert list(store.list_prefixes("jobs/")) == ["real"]
    assert [info.key for info in store.list("")] == ["jobs/real/manifest.json"]


def test_a_pipe_is_no_object_and_is_not_waited_for(store: DirectoryStore) -> None:
    os.mkfifo(store.root / "jobs/real/pipe")

    with pytest.raises(ObjectNotFoundError):
        store.get("jobs/real/pipe")
    assert not store.exists("jobs/real/pipe")
    assert [info.key for info in store.list("")] == ["jobs/real/manifest.json"]
