import pytest

from api_client.connections import Connections
from api_client.contract import ChunkMarker, Manifest, keys
from api_client.job_files import JobFiles
from api_client.settings import Settings
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
    connections.dispatcher.detect("job", [0, 1])

    found = connections.reconciler.reconcile(files, two_chunks)

    assert (found.chunks_missing, found.chunks_enqueued) == (2, 0)
    assert len(queued(connections, "detect")) == 2


def test_a_chunk_whose_worker_has_been_silent_too_long_is_enqueued_again(
    connections: Connections, files: JobFiles, two_chunks: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.state("job").add_outstanding([0, 1])
    monkeypatch.setattr("api_client.job_state.time.time", lambda: 1000.0)
    connections.state("job").report_progress(1, frames_done=3, worker="dead")
    monkeypatch.undo()

    connections.reconciler.reconcile(files, two_chunks)

    assert queued(connections, "detect") == [("job", 1)]


def test_the_reducer_is_enqueued_exactly_once_when_all_markers_are_there(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    finish(files, 0)
    finish(files, 1)

    first, second = (connections.reconciler.reconcile(files, two_chunks) for _ in range(2))

    assert (first.finish_enqueued, second.finish_enqueued) == (True, False)
    assert queued(connections, "control") == [("job", None)]


def test_a_redis_that_forgot_everything_costs_only_what_is_missing_in_the_store(
    connections: Connections, files: JobFiles, two_chunks: Manifest
) -> None:
    connections.dispatcher.detect("job", [0, 1])
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
