"""`client gc` deletes what is old, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from api_client.cli.gc import Age, gc
from api_client.contract import Manifest, Stage, keys
from api_client.errors import BrokerUnavailableError
from api_client.gc import GarbageCollector
from api_client.queue.connections import Connections
from api_client.queue.items import Item, outstanding_list
from api_client.settings import Settings
from tests.manifests import SOURCE_ID, chunk, manifest, store_manifest

LATER = datetime.now(UTC) + timedelta(days=1)
PART = Item(stage=Stage.DETECT, index=0)


@pytest.fixture
def settings(broker_url: str, tmp_path: Path) -> Settings:
    return Settings.load(broker_url=broker_url, store_url=str(tmp_path / "store"))


@pytest.fixture
def connections(settings: Settings) -> Connections:
    return Connections(settings)


@pytest.fixture
def job(connections: Connections) -> Manifest:
    """Finished."""
    found = manifest(chunks=(chunk(0, range(10)),))
    connections.store.put(keys.source_part(SOURCE_ID, 0), b"video")
    store_manifest(connections.store, found)
    connections.store.put(keys.job_done(found.job_id), b"{}")
    connections.state(found.job_id).finish(PART)
    return found


def old_jobs(connections: Connections, older_than: datetime = LATER) -> list[str]:
    collector = GarbageCollector(connections.store, connections)
    return [found.job_id for found in collector.find(older_than=older_than) if not found.is_in_use]


def test_a_job_is_old_once_nothing_of_it_was_written_for_long(
    connections: Connections, job: Manifest
) -> None:
    assert old_jobs(connections, datetime.now(UTC) - timedelta(days=7)) == []
    assert old_jobs(connections) == [job.job_id]


def test_deleting_leaves_nothing_of_the_job_and_all_that_is_shared(
    connections: Connections, job: Manifest
) -> None:
    connections.store.put(keys.weights("0" * 64), b"weights")
    collector = GarbageCollector(connections.store, connections)
    (old,) = collector.find(older_than=LATER)

    collector.delete(old)

    assert [*connections.store.list(keys.JOBS)] == []
    assert connections.store.exists(keys.weights("0" * 64))
    assert connections.redis.keys("*") == []


def test_a_job_that_waits_for_workers_is_kept(connections: Connections, job: Manifest) -> None:
    connections.store.delete(keys.job_done(job.job_id))
    connections.state(job.job_id).add_to_backlog([PART])

    assert old_jobs(connections) == []


@pytest.mark.parametrize("end", [None, "done", "cancelled"])
def test_a_job_is_kept_until_what_is_made_of_it_has_ended(
    connections: Connections, job: Manifest, end: str | None
) -> None:
    update = {"job_id": "query-of-it", "regions_of": job.job_id, "text_encoder": "colour-words"}
    query = replace(job, document=job.document.model_copy(update=update))
    store_manifest(connections.store, query)
    connections.store.put(keys.open_job(query.job_id), b"")
    if end == "done":
        connections.store.delete(keys.open_job(query.job_id))
        connections.store.put(keys.job_done(query.job_id), b"{}")
    elif end == "cancelled":
        connections.store.put(keys.cancelled(query.job_id), b"")

    (found,) = GarbageCollector(connections.store, connections).find_named([job.job_id])

    assert found.needed_by == (None if end else query.job_id)
    assert found.is_in_use == (end is None)


def test_a_job_another_clients_stack_works_on_is_kept(connections: Connections, job: Manifest) -> None:
    connections.store.delete(keys.job_done(job.job_id))
    connections.state(job.job_id).add_to_backlog([PART])
    collector = GarbageCollector(connections.store, None, others=[connections])

    assert [found.is_in_use for found in collector.find(older_than=LATER)] == [True]


def test_a_cancelled_job_is_deleted_with_what_kept_the_cluster_awake(
    connections: Connections, job: Manifest
) -> None:
    connections.store.delete(keys.job_done(job.job_id))
    connections.store.put(keys.cancelled(job.job_id), b"")
    connections.state(job.job_id).add_to_backlog([PART])
    collector = GarbageCollector(connections.store, connections)
    (old,) = collector.find(older_than=LATER)

    collector.delete(old)

    assert connections.redis.llen(outstanding_list(Stage.DETECT)) == 0


def test_what_a_broken_upload_left_is_deleted(connections: Connections) -> None:
    connections.store.put(keys.part_done("broken-upload", Stage.DETECT, 0), b"{}")

    assert old_jobs(connections) == ["broken-upload"]


def test_nothing_outside_of_the_store_is_deleted(
    connections: Connections, job: Manifest, tmp_path: Path
) -> None:
    precious = tmp_path / "outside" / "manifest.json"
    precious.parent.mkdir()
    precious.write_bytes(b"precious")
    jobs = tmp_path / "store" / "jobs"
    (jobs / "linked").symlink_to(precious.parent)
    (jobs / job.job_id / "detect").symlink_to(precious.parent)
    collector = GarbageCollector(connections.store, connections)

    found = [*collector.find(older_than=LATER)]
    for old in found:
        collector.delete(old)

    assert [old.job_id for old in found] == [job.job_id]
    assert precious.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["2025_Backup", "new\nline", "no utf-8 \udcff", "back\\slash", "UPPER"])
def test_what_is_no_job_is_left_alone(
    connections: Connections, job: Manifest, tmp_path: Path, name: str
) -> None:
    foreign = tmp_path / "store" / "jobs" / name / "manifest.json"
    foreign.parent.mkdir()
    foreign.touch()
    (foreign.parent.parent / "loop").symlink_to(foreign.parent.parent / "loop")

    assert old_jobs(connections) == [job.job_id]
    assert foreign.exists()


def test_without_yes_nothing_is_deleted(
    settings: Settings, connections: Connections, job: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)

    listed = CliRunner().invoke(gc, ["--older-than", "0h"])
    assert (listed.exit_code, job.job_id in listed.output) == (0, True)
    assert "would delete 1 job" in listed.output
    assert connections.store.exists(keys.manifest(job.job_id))

    deleted = CliRunner().invoke(gc, ["--older-than", "0h", "--yes"])
    assert "deleted 1 job" in deleted.output
    assert [*connections.store.list(keys.JOBS)] == []


def test_without_redis_to_say_what_waits_nothing_is_deleted(
    connections: Connections, job: Manifest, free_port: int
) -> None:
    away = Connections(connections.settings.model_copy(update=_broker(free_port)))

    with pytest.raises(BrokerUnavailableError):
        next(GarbageCollector(connections.store, away).find(older_than=LATER))


def _broker(port: int) -> dict[str, object]:
    return {"broker_url": Settings.load(broker_url=f"redis://127.0.0.1:{port}").broker_url}


@pytest.mark.parametrize(("text", "hours"), [("12h", 12), ("7d", 7 * 24), ("4w", 4 * 7 * 24), ("0h", 0)])
def test_ages(text: str, hours: int) -> None:
    assert Age().convert(text, None, None) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "1.5d", "7 d", "100000000d"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no age"):
        Age().convert(text, None, None)


def test_footage_goes_with_the_last_job_that_needs_it(connections: Connections, job: Manifest) -> None:
    collector = GarbageCollector(connections.store, connections)
    other = replace(job, document=job.document.model_copy(update={"job_id": "another"}))
    store_manifest(connections.store, other)
    assert collector.unused_sources(older_than=LATER) == []

    for old in collector.find(older_than=LATER):
        collector.delete(old)

    (unused,) = collector.unused_sources(older_than=LATER)
    assert (unused.source_id, unused.object_count) == (SOURCE_ID, 2)
    assert collector.delete_sources([unused]) == [unused]
    assert [*connections.store.list(keys.SOURCES)] == []


def test_footage_that_is_being_uploaded_is_kept(connections: Connections) -> None:
    connections.store.put(keys.source_part(SOURCE_ID, 0), b"video")

    collector = GarbageCollector(connections.store, connections)

    assert collector.unused_sources(older_than=datetime.now(UTC) - timedelta(hours=1)) == []


def test_footage_of_a_job_that_cannot_be_read_is_kept(connections: Connections, job: Manifest) -> None:
    connections.store.put(keys.manifest(job.job_id), b"{}")

    assert GarbageCollector(connections.store, connections).unused_sources(older_than=LATER) == []
