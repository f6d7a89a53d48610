"""Every way a chunk can end, with the task called in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from api_client.contract import Manifest, keys
from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError, StoreUnavailableError, WorkerStoppingError
from api_client.job_state import OUTSTANDING
from api_client.settings import Settings
from tasks.connections import WorkerConnections
from tasks.processor import install
from tasks.work import ChunkOutput, ChunkWork
from tests.manifests import chunk, manifest
from tests.unit.queue.messages import queued

Behaviour = Callable[[ChunkWork], ChunkOutput]


def works(work: ChunkWork) -> ChunkOutput:
    work.heartbeat(work.chunk.frame_count)
    path = work.output_dir / "detections.parquet"
    path.write_bytes(b"rows")
    return ChunkOutput(
        files=(path,),
        detection_count=3,
        unreadable_frames=(),
        seconds_by_stage={"detect": 1.0},
        detector_weights_digest="0" * 64,
    )


def raises(error: Exception) -> Behaviour:
    def behave(_: ChunkWork) -> ChunkOutput:
        raise error

    return behave


@pytest.fixture
def to(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkerConnections:
    """A job of two uploaded chunks, and a worker process's connections to it."""
    import tasks.connections as module
    import tasks.detect

    connections = WorkerConnections(settings)
    job = _upload(connections, tmp_path)
    for place in (module, tasks.detect):
        monkeypatch.setattr(place, "connections", lambda: connections)
    monkeypatch.setattr("tasks.chunk.manifest_of", lambda _: job)
    connections.dispatcher.detect("job", [0, 1])
    connections.redis.delete("detect")
    return connections


def _upload(connections: WorkerConnections, tmp_path: Path) -> Manifest:
    path = tmp_path / "chunk.mp4"
    path.write_bytes(b"video")
    chunks = (chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10))
    chunks = tuple(c.model_copy(update={"sha256": file_sha256(path)}) for c in chunks)
    job = manifest(chunks=chunks)
    for index in range(2):
        connections.store.put_file(keys.chunk_input("job", index), path)
    connections.store.put(keys.manifest("job"), job.to_bytes())
    return job


def run(behaviour: Behaviour, index: int = 0) -> None:
    from tasks.detect import detect_chunk

    install(lambda: behaviour)
    detect_chunk(job_id="job", index=index)


def outstanding(to: WorkerConnections) -> list[str]:
    return to.redis.lrange(OUTSTANDING, 0, -1)


def test_a_chunk_is_committed_with_its_outputs(to: WorkerConnections) -> None:
    run(works)

    marker = to.files("job").chunk_marker(0)
    assert marker is not None
    assert (marker.outcome, marker.detection_count) == ("done", 3)
    assert to.store.get(keys.chunk_output("job", 0, "detections.parquet")) == b"rows"
    assert outstanding(to) == ["job/1"]


def test_the_last_chunk_enqueues_the_reducer_exactly_once(to: WorkerConnections) -> None:
    run(works, 0)
    assert queued(to, "control") == []
    run(works, 1)
    run(works, 1)

    assert queued(to, "control") == [("job", None)]


def test_a_chunk_that_is_already_done_is_not_done_again(to: WorkerConnections) -> None:
    run(works)

    run(raises(AssertionError("must not be called")))

    assert outstanding(to) == ["job/1"]


def test_a_bug_is_tried_again_and_then_given_up_with_its_reason(to: WorkerConnections) -> None:
    with pytest.raises(ZeroDivisionError):
        run(raises(ZeroDivisionError("boom")))
    assert queued(to, "detect") == [("job", 0)]

    with pytest.raises(ZeroDivisionError):
        run(raises(ZeroDivisionError("boom")))

    marker = to.files("job").chunk_marker(0)
    assert marker is not None
    assert (marker.outcome, marker.reason, marker.attempts) == ("failed", "ZeroDivisionError: boom", 2)


def test_a_chunk_that_kills_every_worker_is_given_up(to: WorkerConnections) -> None:
    for _ in range(2):  # started, and never heard of again
        to.state("job").count_attempt(0)

    run(raises(AssertionError("must not be called")))

    marker = to.files("job").chunk_marker(0)
    assert marker is not None
    assert (marker.outcome, marker.reason) == ("failed", "every worker that tried it died")


def test_a_permanent_error_is_not_tried_again(to: WorkerConnections) -> None:
    run(raises(IntegrityError("damaged")))

    marker = to.files("job").chunk_marker(0)
    assert marker is not None
    assert (marker.outcome, marker.reason) == ("failed", "damaged")
    assert queued(to, "detect") == []


@pytest.mark.parametrize("error", [WorkerStoppingError("stopping"), StoreUnavailableError("away")])
def test_a_chunk_given_back_is_enqueued_and_not_blamed(to: WorkerConnections, error: Exception) -> None:
    for _ in range(5):
        run(raises(error))

    assert len(queued(to, "detect")) == 5
    assert to.files("job").chunk_marker(0) is None
    assert sorted(outstanding(to)) == ["job/0", "job/1"]


def test_a_cancelled_job_stops_at_the_next_batch_and_leaves_nothing_outstanding(
    to: WorkerConnections,
) -> None:
    to.state("job").cancel()

    run(works)

    assert to.files("job").chunk_marker(0) is None
    assert outstanding(to) == ["job/1"]


def test_a_chunk_of_a_deleted_job_is_dropped(to: WorkerConnections, monkeypatch: pytest.MonkeyPatch) -> None:
    from api_client.errors import JobNotFoundError

    run(raises(JobNotFoundError("gone")))

    assert queued(to, "detect") == []
    assert outstanding(to) == ["job/1"]


def test_a_chunk_damaged_in_the_store_is_noticed_before_it_is_decoded(to: WorkerConnections) -> None:
    to.store.put(keys.chunk_input("job", 0), b"other bytes")

    run(works)

    marker = to.files("job").chunk_marker(0)
    assert marker is not None
    assert "not what was uploaded" in str(marker.reason)
