"""What every object store promises, asked of each: a directory and a real S3 server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Barrier

import pytest

from api_client.errors import IntegrityError, ObjectNotFoundError
from api_client.store import ObjectStore


def test_what_is_put_is_got(store: ObjectStore) -> None:
    store.put("jobs/a/manifest.json", b"first")
    store.put("jobs/a/manifest.json", b"second")

    assert store.get("jobs/a/manifest.json") == b"second"


@pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)) * 5000])
def test_bytes_of_any_size_come_back(store: ObjectStore, data: bytes) -> None:
    store.put("weights/x", data)

    assert store.get("weights/x") == data


def test_a_missing_object_is_named(store: ObjectStore) -> None:
    with pytest.raises(ObjectNotFoundError, match=r"jobs/a/nothing\.json"):
        store.get("jobs/a/nothing.json")


def test_a_missing_object_leaves_no_file(store: ObjectStore, tmp_path: Path) -> None:
    target = tmp_path / "got" / "file"

    with pytest.raises(ObjectNotFoundError, match="nothing"):
        store.get_file("jobs/a/nothing", target)

    assert list(target.parent.glob("*")) == []


def test_a_file_of_several_parts_comes_back(store: ObjectStore, tmp_path: Path) -> None:
    source, target = tmp_path / "source.mp4", tmp_path / "below" / "target.mp4"
    source.write_bytes(Random(0).randbytes(33 << 20))

    store.put_file("jobs/a/input/000000.mp4", source)
    store.get_file("jobs/a/input/000000.mp4", target)

    assert target.read_bytes() == source.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["target.mp4"]


def test_no_more_is_read_than_an_object_is_known_to_have(store: ObjectStore, tmp_path: Path) -> None:
    store.put("jobs/a/m", b"stored")
    target = tmp_path / "got" / "file"

    store.get_file("jobs/a/m", target, most_bytes=6)
    assert target.read_bytes() == b"stored"
    target.unlink()

    with pytest.raises(IntegrityError, match="larger than the 5 bytes"):
        store.get_file("jobs/a/m", target, most_bytes=5)
    assert list(target.parent.glob("*")) == []


def test_what_was_got_is_the_callers_own(store: ObjectStore, tmp_path: Path) -> None:
    store.put("jobs/a/m", b"stored")
    mine = tmp_path / "mine"
    store.get_file("jobs/a/m", mine)

    mine.write_bytes(b"changed")
    mine.unlink()

    assert store.get("jobs/a/m") == b"stored"


def test_getting_replaces_an_older_file(store: ObjectStore, tmp_path: Path) -> None:
    store.put("jobs/a/m", b"new")
    mine = tmp_path / "mine"
    mine.write_bytes(b"old and longer")

    store.get_file("jobs/a/m", mine)

    assert mine.read_bytes() == b"new"


def test_only_the_first_put_if_absent_writes(store: ObjectStore) -> None:
    answers = [store.put_if_absent("jobs/a/done.json", data) for data in (b"one", b"two")]

    assert answers == [True, False]
    assert store.get("jobs/a/done.json") == b"one"


def test_one_of_many_concurrent_writers_wins(store: ObjectStore) -> None:
    barrier = Barrier(12)

    def write(index: int) -> bool:
        barrier.wait()
        return store.put_if_absent("jobs/a/done.json", b"%d" % index)

    with ThreadPoolExecutor(12) as pool:
        won = list(pool.map(write, range(12)))

    assert won.count(True) == 1
    assert store.get("jobs/a/done.json") == b"%d" % won.index(True)


def test_a_reader_sees_one_version_or_the_other_whole(store: ObjectStore) -> None:
    versions = {bytes([letter]) * 3_000_000 for letter in b"ab"}
    store.put("jobs/a/m", min(versions))

    with ThreadPoolExecutor(3) as pool:
        writing = pool.submit(lambda: [store.put("jobs/a/m", data) for _ in range(4) for data in versions])
        seen = {data for _ in range(10) for data in pool.map(store.get, ["jobs/a/m"] * 2)}
        writing.result()

    assert seen <= versions


def test_existence_follows_writing_and_deleting(store: ObjectStore) -> None:
    before = store.exists("jobs/a/m")
    store.put("jobs/a/m", b"")
    there = store.exists("jobs/a/m")
    store.delete("jobs/a/m")

    assert (before, there, store.exists("jobs/a/m")) == (False, True, False)


def test_a_directory_of_objects_is_no_object(store: ObjectStore) -> None:
    store.put("jobs/a/m", b"")

    assert not store.exists("jobs/a")
    with pytest.raises(ObjectNotFoundError, match="jobs/a"):
        store.get("jobs/a")


def test_deleting_what_is_not_there_is_nothing(store: ObjectStore) -> None:
    store.delete("jobs/a/m")


def test_a_listing_tells_key_size_and_time(store: ObjectStore) -> None:
    store.put("jobs/a/m", b"12345")

    (info,) = store.list("")

    assert (info.key, info.size_bytes) == ("jobs/a/m", 5)
    assert abs(datetime.now(UTC) - info.modified_at) < timedelta(minutes=10)


def test_a_listing_holds_what_begins_with_the_prefix(store: ObjectStore) -> None:
    for key in ("jobs/a/m", "jobs/ab/m", "jobs/b/m", "weights/a"):
        store.put(key, b"")

    assert [info.key for info in store.list("jobs/a")] == ["jobs/a/m", "jobs/ab/m"]
    assert [info.key for info in store.list("jobs/a/")] == ["jobs/a/m"]
    assert list(store.list("jobs/c")) == []
    assert list(store.list("jobs/a/m/more")) == []


def test_neighbours_are_listed_by_name(store: ObjectStore) -> None:
    names = ["000010", "000009", "a-b", "a.b", "ab", "A", "z z", "é"]
    for name in names:
        store.put(f"jobs/{name}", b"")

    assert [info.key for info in store.list("jobs/")] == [f"jobs/{name}" for name in sorted(names)]


def test_a_listing_is_as_long_as_it_must_be(store: ObjectStore) -> None:
    keys = [f"jobs/a/chunks/{index:06d}" for index in range(1203)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, b""), keys))

    assert [info.key for info in store.list("jobs/a/")] == keys
    assert store.delete_prefix("jobs/a/") == len(keys)
    assert list(store.list("")) == []


def test_prefixes_are_the_names_right_below(store: ObjectStore) -> None:
    for key in ("jobs/a/m", "jobs/a/input/000000.mp4", "jobs/b-1/m", "jobs/stray"):
        store.put(key, b"")

    assert list(store.list_prefixes("jobs/")) == ["a", "b-1"]
    assert list(store.list_prefixes("")) == ["jobs"]
    assert list(store.list_prefixes("nothing/")) == []


def test_a_prefix_goes_with_its_last_object(store: ObjectStore) -> None:
    for key in ("jobs/a/input/000000.mp4", "jobs/b/m"):
        store.put(key, b"")

    count = store.delete_prefix("jobs/a/")

    assert count == 1
    assert list(store.list_prefixes("jobs/")) == ["b"]


def test_deleting_a_prefix_spares_the_neighbours(store: ObjectStore) -> None:
    for key in ("jobs/a/m", "jobs/ab/m"):
        store.put(key, b"")

    store.delete_prefix("jobs/a/")

    assert [info.key for info in store.list("")] == ["jobs/ab/m"]


def test_listing_goes_on_while_objects_are_deleted(store: ObjectStore) -> None:
    keys = [f"jobs/{index}/m" for index in range(9)]
    for key in keys:
        store.put(key, b"")

    listing = store.list("jobs/")
    first = next(listing)
    store.delete_prefix("jobs/")

    assert first.key == keys[0]
    assert {info.key for info in listing} <= set(keys)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "jobs/../../etc", "a//b", "a/", ".incoming/x", "a\\b", "a\nb"]
)
def test_what_is_no_key_is_refused(store: ObjectStore, key: str) -> None:
    for use in (store.get, store.exists, store.delete, lambda key: store.put(key, b"")):
        with pytest.raises(ValueError, match="not a key"):
            use(key)


def test_prefixes_that_are_none_are_refused_at_once(store: ObjectStore) -> None:
    with pytest.raises(ValueError, match="beginning of any key"):
        store.list("../")
    with pytest.raises(ValueError, match="must end in '/'"):
        store.list_prefixes("jobs")


def test_no_secret_is_shown(store: ObjectStore) -> None:
    assert "to-be-or-not-to-be" not in f"{store!r} {store.url} {vars(store)}"
