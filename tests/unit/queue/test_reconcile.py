from types import SimpleNamespace

import pytest

from api_client.contract import ChunkMarker, Manifest, keys
from api_client.job_files import JobFiles
from api_client.queue.celery_app import DETECT_CHUNK
from api_client.queue.connections import Connections
from api_client.queue.job_state import OUTSTANDING, REDUCE
from api_client.settings import Settings
from tasks.received import renew_received
from tasks.reconciler import reconcile_open_jobs
from tests.unit.queue.messages import queued


@pytest.fixture
def connections(settings: Settings) -> Connections:
    return Connections(settings)


@pytest.fixture
def files(connections: Connections, two_chunks: Manifest) -> JobFiles:
    connections.store.put(keys.manifest(two_chunks.job_id), two_chunks.to_bytes())
    return connections.files(two_chunks.job_id)


def finish(files: JobFiles, index: int) -> None:
    files.write_chunk_marker(index, ChunkMarker(outcome="done", worker="test"))


def test_chunks_nobody_has_are_enqueued(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    found = connections.reconciler.reconcile(files, two_chunks)

    assert (found.chunks_missing, found.chunks_enqueued) == (2, 2)
    assert queued(connections, "detect") == [("job", 0), ("job", 1)]


def test_chunks_that_are_outstanding_are_left_alone(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue("job", [0, 1])

    found = connections.reconciler.reconcile(files, two_chunks)

    assert (found.chunks_missing, found.chunks_enqueued) == (2, 0)
    assert len(queued(connections, "detect")) == 2


def test_a_chunk_whose_worker_has_been_silent_too_long_is_enqueued_again(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    for item in ("0", "1"):
        connections.state("job").start(item, silence_seconds=60, take_over=False)
    connections.redis.zadd("horatio:job:job:running", {"1": 1000.0})  # long ago

    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 1)]


def test_a_chunk_that_waits_in_the_queue_is_never_lost_however_long_it_waits(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue("job", [0, 1])
    connections.redis.zadd("horatio:job:job:sent", {"0": 1000.0, "1": 1000.0})

    found = connections.reconciler.reconcile(files, two_chunks)

    assert found.chunks_enqueued == 0


def test_a_message_lost_between_queue_and_worker_is_sent_again(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue("job", [0, 1])
    connections.redis.lpop("detect")
    connections.redis.lpop("detect")
    connections.redis.zadd("horatio:job:job:sent", {"0": 1000.0, "1": 1000.0})

    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 0), ("job", 1)]


def test_a_message_that_a_worker_has_taken_is_not_lost_while_its_parent_lives(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue("job", [0, 1])
    connections.redis.delete("detect")
    connections.redis.zadd("horatio:job:job:sent", {"0": 1000.0, "1": 1000.0})

    taken = SimpleNamespace(name=DETECT_CHUNK, kwargs={"job_id": "job", "index": 0})
    renew_received(connections.redis, [taken])
    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 1)]


def test_a_reducer_that_fell_silent_is_sent_again(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    finish(files, 0)
    finish(files, 1)
    connections.state("job").start(REDUCE, silence_seconds=60, take_over=False)
    assert not connections.reconciler.reconcile(files, two_chunks).reduce_enqueued
    connections.redis.zadd("horatio:job:job:running", {REDUCE: 1000.0})

    assert connections.reconciler.reconcile(files, two_chunks).reduce_enqueued


def test_what_is_still_noted_of_a_finished_chunk_is_cleared_away(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue("job", [0, 1])
    connections.state("job").start("0", silence_seconds=60, take_over=False)
    finish(files, 0)  # and killed before it could say so

    connections.reconciler.reconcile(files, two_chunks)

    assert connections.redis.lrange(OUTSTANDING, 0, -1) == ["job/1"]
    assert connections.state("job").progress() == []


def test_foreign_objects_among_the_chunks_are_ignored(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    for name in ("thumbs/done.json", "999999/done.json", "1/done.json"):
        connections.store.put(f"{keys.chunks_prefix('job')}{name}", b"{}")

    found = connections.reconciler.reconcile(files, two_chunks)

    assert found.chunks_missing == 2


def test_names_that_are_no_jobs_do_not_keep_the_others_from_being_mended(
    connections: Connections, files: JobFiles
) -> None:
    for name in ("0000_Backup", "2025 Backup", "nobody"):
        connections.store.put(f"{keys.OPEN}{name}", b"")
    files.open()

    assert reconcile_open_jobs(connections) == 1

    assert queued(connections, "detect") == [("job", 0), ("job", 1)]


def test_the_reducer_is_enqueued_exactly_once_when_all_markers_are_there(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    finish(files, 0)
    finish(files, 1)

    first, second = (connections.reconciler.reconcile(files, two_chunks) for _ in range(2))

    assert (first.reduce_enqueued, second.reduce_enqueued) == (True, False)
    assert queued(connections, "control") == [("job", None)]


def test_a_redis_that_forgot_everything_costs_only_what_is_missing_in_the_store(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue("job", [0, 1])
    finish(files, 0)
    connections.redis.flushall()

    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 1)]


def test_a_cancelled_job_is_left_alone(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    files.cancel()

    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == []
