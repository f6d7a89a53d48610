from types import SimpleNamespace

import pytest

from api_client.contract import ChunkMarker, Manifest, Stage, TrackMarker, keys
from api_client.job_files import JobFiles
from api_client.queue.connections import Connections
from api_client.queue.items import TASKS, Item, outstanding_list
from api_client.settings import Settings
from tasks.received import renew_received
from tasks.reconciler import reconcile_open_jobs
from tests.manifests import store_manifest
from tests.unit.queue.messages import queued

TRACK = Item(stage=Stage.TRACK)


@pytest.fixture
def connections(settings: Settings) -> Connections:
    return Connections(settings)


@pytest.fixture
def files(connections: Connections, two_chunks: Manifest) -> JobFiles:
    store_manifest(connections.store, two_chunks)
    return connections.files(two_chunks.job_id)


def finish(files: JobFiles, index: int, stage: Stage = Stage.DETECT) -> None:
    files.write_part_marker(stage, index, ChunkMarker(outcome="done", worker="test"))


def part(index: int) -> Item:
    return Item(stage=Stage.DETECT, index=index)


def test_chunks_nobody_has_are_enqueued(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    found = connections.reconciler.reconcile(files, two_chunks)

    assert (found.parts_missing, found.enqueued) == (2, 2)
    assert queued(connections, "detect") == [("job", 0), ("job", 1)]


def test_chunks_that_are_outstanding_are_left_alone(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, [0, 1])

    found = connections.reconciler.reconcile(files, two_chunks)

    assert (found.parts_missing, found.enqueued) == (2, 0)
    assert len(queued(connections, "detect")) == 2


def test_a_chunk_whose_worker_has_been_silent_too_long_is_enqueued_again(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    for item in (part(0), part(1)):
        connections.state("job").start(item, silence_seconds=60, take_over=False)
    connections.redis.zadd("horatio:job:job:running", {"detect/1": 1000.0})  # long ago

    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 1)]


def test_a_chunk_that_waits_in_the_queue_is_never_lost_however_long_it_waits(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, [0, 1])
    connections.redis.zadd("horatio:job:job:sent", {"detect/0": 1000.0, "detect/1": 1000.0})

    found = connections.reconciler.reconcile(files, two_chunks)

    assert found.enqueued == 0


def test_a_message_lost_between_queue_and_worker_is_sent_again(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, [0, 1])
    connections.redis.lpop("detect")
    connections.redis.lpop("detect")
    connections.redis.zadd("horatio:job:job:sent", {"detect/0": 1000.0, "detect/1": 1000.0})

    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 0), ("job", 1)]


def test_a_message_that_a_worker_has_taken_is_not_lost_while_its_parent_lives(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, [0, 1])
    connections.redis.delete("detect")
    connections.redis.zadd("horatio:job:job:sent", {"detect/0": 1000.0, "detect/1": 1000.0})

    taken = SimpleNamespace(name=TASKS[Stage.DETECT], kwargs={"job_id": "job", "index": 0})
    renew_received(connections.redis, [taken])
    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 1)]


def test_a_stage_of_the_whole_job_that_fell_silent_is_sent_again(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    finish(files, 0)
    finish(files, 1)
    connections.state("job").start(TRACK, silence_seconds=60, take_over=False)
    assert not connections.reconciler.reconcile(files, two_chunks).enqueued
    connections.redis.zadd("horatio:job:job:running", {"track": 1000.0})

    assert connections.reconciler.reconcile(files, two_chunks).enqueued


def test_what_is_still_noted_of_a_finished_chunk_is_cleared_away(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, [0, 1])
    connections.state("job").start(part(0), silence_seconds=60, take_over=False)
    finish(files, 0)  # and killed before it could say so

    connections.reconciler.reconcile(files, two_chunks)

    assert connections.redis.lrange(outstanding_list(Stage.DETECT), 0, -1) == ["job/1"]
    state = connections.state("job")
    assert state.progress(state.holdings()) == []


def test_foreign_objects_among_the_chunks_are_ignored(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    for name in ("thumbs/done.json", "999999/done.json", "1/done.json"):
        connections.store.put(f"{keys.stage_prefix('job', Stage.DETECT)}{name}", b"{}")

    found = connections.reconciler.reconcile(files, two_chunks)

    assert found.parts_missing == 2


def test_names_that_are_no_jobs_do_not_keep_the_others_from_being_mended(
    connections: Connections, files: JobFiles
) -> None:
    for name in ("0000_Backup", "2025 Backup", "nobody"):
        connections.store.put(f"{keys.OPEN}{name}", b"")
    files.open()

    assert reconcile_open_jobs(connections) == 1

    assert queued(connections, "detect") == [("job", 0), ("job", 1)]


def test_the_tracker_is_enqueued_exactly_once_when_all_markers_are_there(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    finish(files, 0)
    finish(files, 1)

    first, second = (connections.reconciler.reconcile(files, two_chunks) for _ in range(2))

    assert (first.enqueued, second.enqueued) == (1, 0)
    assert queued(connections, "control") == [("job", None)]


def test_a_redis_that_forgot_everything_costs_only_what_is_missing_in_the_store(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, [0, 1])
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


def test_once_the_log_is_there_parts_are_drawn_and_then_put_together(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    for index in (0, 1):
        finish(files, index)
    files.write_tracked(TrackMarker(files=(), rows=(), detection_count=0, provenance={}))

    found = connections.reconciler.reconcile(files, two_chunks)
    assert (found.stage, found.parts_missing) == (Stage.RENDER, 2)
    assert queued(connections, "render") == [("job", 0), ("job", 1)]
    assert queued(connections, "detect") == []

    for index in (0, 1):
        finish(files, index, Stage.RENDER)
    assert connections.reconciler.reconcile(files, two_chunks).stage is Stage.ASSEMBLE
    assert queued(connections, "control") == [("job", None)]
