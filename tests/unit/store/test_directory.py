import errno
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from api_client.errors import StoreAccessError, StoreUnavailableError
from api_client.store import publish
from api_client.store.directory import DirectoryStore
from api_client.store.os_errors import translated_os_error
from tests.waiting import wait_until

USES: dict[str, Callable[[DirectoryStore], object]] = {
    "put": lambda store: store.put("jobs/a", b""),
    "put_if_absent": lambda store: store.put_if_absent("jobs/b", b""),
    "get": lambda store: store.get("jobs/a"),
    "exists": lambda store: store.exists("jobs/a"),
    "delete": lambda store: store.delete("jobs/a"),
    "list": lambda store: list(store.list("")),
    "list_prefixes": lambda store: list(store.list_prefixes("")),
}


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


@contextmanager
def files_limited_to(size_bytes: int) -> Iterator[None]:
    """Make the kernel refuse to write more to any file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be nobody where the tests run as root, who may write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_nothing_is_made_before_the_first_write(store: DirectoryStore) -> None:
    store.exists("jobs/a")
    list(store.list(""))

    assert not store.root.exists()


def test_the_url_is_the_path(tmp_path: Path) -> None:
    assert DirectoryStore(tmp_path / "a b").url == f"file://{tmp_path}/a%20b"


def test_a_write_that_fails_leaves_the_old_object_and_nothing_else(store: DirectoryStore) -> None:
    store.put("jobs/a/m", b"old")

    with files_limited_to(1000), pytest.raises(StoreAccessError, match=r"jobs/a/m.*too large"):
        store.put("jobs/a/m", b"x" * 2000)

    assert store.get("jobs/a/m") == b"old"
    assert [path.name for path in store.root.rglob("*") if path.is_file()] == ["m"]


def test_a_writer_killed_in_the_middle_leaves_a_whole_object(store: DirectoryStore) -> None:
    code = f"""
from pathlib import Path
from api_client.store.directory import DirectoryStore
store = DirectoryStore(Path({str(store.root)!r}))
while True:
    for letter in (b"a", b"b"):
        store.put("jobs/a/m", letter * 5_000_000)
"""
    with subprocess.Popen([sys.executable, "-c", code]) as writer:
        try:
            wait_until(lambda: store.exists("jobs/a/m"), 60, description="the first object is written")
        finally:
            writer.kill()

    assert store.get("jobs/a/m") in (b"a" * 5_000_000, b"b" * 5_000_000)
    assert [info.key for info in store.list("")] == ["jobs/a/m"]


def test_a_download_that_fails_leaves_no_file(store: DirectoryStore, tmp_path: Path) -> None:
    store.put("jobs/a/m", b"x" * 2000)
    target = tmp_path / "results" / "m"

    with files_limited_to(1000), pytest.raises(StoreAccessError, match=str(target)):
        store.get_file("jobs/a/m", target)

    assert list(target.parent.iterdir()) == []


def test_objects_have_the_permissions_of_ordinary_files(store: DirectoryStore, tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()

    store.put("jobs/a/m", b"")

    assert stat.S_IMODE((store.root / "jobs/a/m").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_what_is_being_written_is_not_listed(store: DirectoryStore) -> None:
    store.put("jobs/a/m", b"")
    for name in (".incoming/.1-ab.part", "jobs/.DS_Store", "jobs/a/.nfs0001"):
        (store.root / name).write_bytes(b"")

    assert [info.key for info in store.list("")] == ["jobs/a/m"]
    assert list(store.list_prefixes("")) == ["jobs"]


def test_files_of_killed_writers_are_removed_a_day_later(store: DirectoryStore) -> None:
    incoming = store.root / ".incoming"
    incoming.mkdir(parents=True)
    old, new = incoming / ".1-old.part", incoming / ".1-new.part"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))

    store.put("jobs/a/m", b"")

    assert list(incoming.iterdir()) == [new]


def test_deleting_leaves_no_empty_directories(store: DirectoryStore) -> None:
    store.put("jobs/a/input/000000.mp4", b"")
    store.put("jobs/b/m", b"")

    store.delete_prefix("jobs/a/")

    assert [path.name for path in (store.root / "jobs").iterdir()] == ["b"]


def test_writing_survives_the_deletion_of_its_directory(store: DirectoryStore) -> None:
    def write_and_delete(worker: int) -> None:
        for _ in range(100):
            store.put(f"jobs/a/{worker}", b"")
            store.delete(f"jobs/a/{worker}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_and_delete, range(4)))

    assert list(store.list("")) == []


def test_a_key_below_an_object_is_told(store: DirectoryStore) -> None:
    store.put("jobs/a", b"")

    with pytest.raises(StoreAccessError, match=r"jobs/a: a file is where a directory should be"):
        store.put("jobs/a/m", b"")


@pytest.mark.parametrize("write", ["put", "put_if_absent"])
def test_a_key_above_an_object_is_told(store: DirectoryStore, write: str) -> None:
    store.put("jobs/a/m", b"")

    with pytest.raises(StoreAccessError, match=r"jobs/a: a directory is where a file should be"):
        getattr(store, write)("jobs/a", b"")


def test_a_root_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreAccessError, match=r"file: a file is where a directory should be"):
        DirectoryStore(tmp_path / "file").put("jobs/a", b"")


def test_a_missing_source_is_told(store: DirectoryStore, tmp_path: Path) -> None:
    with pytest.raises(StoreAccessError, match=r"gone\.mp4: there is no such file"):
        store.put_file("jobs/a/m", tmp_path / "gone.mp4")


@pytest.mark.parametrize("use", USES)
def test_a_directory_without_permission_is_told(tmp_path: Path, use: str) -> None:
    store = DirectoryStore(tmp_path / "closed" / "store")
    store.put("jobs/a", b"")
    (tmp_path / "closed").chmod(0)

    with without_privileges(), pytest.raises(StoreAccessError, match="permission denied"):
        USES[use](store)

    (tmp_path / "closed").chmod(0o700)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "no space is left"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "read-only"),
        (errno.ENOTTY, "Inappropriate ioctl"),
    ],
)
def test_refusals_of_the_system_are_permanent(number: int, remedy: str) -> None:
    error = translated_os_error(OSError(number, os.strerror(number)), Path("/store/jobs/a"))

    assert type(error) is StoreAccessError
    assert str(error).startswith("/store/jobs/a: ")
    assert remedy in str(error)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE])
def test_moods_of_the_system_are_retryable(number: int) -> None:
    error = translated_os_error(OSError(number, os.strerror(number)), Path("/store/jobs/a"))

    assert type(error) is StoreUnavailableError
    assert "/store/jobs/a" in str(error)


def test_without_hard_links_an_object_is_still_written_once(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(publish.Path, "hardlink_to", no_links)

    assert [store.put_if_absent("jobs/a/m", data) for data in (b"1", b"2")] == [True, False]
    assert store.get("jobs/a/m") == b"1"
