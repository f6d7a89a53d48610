"""Every way a chunk can end, with the task called in this process."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from api_client.contract import ChunkMarker, Manifest, Stage, keys
from api_client.contract.digest import file_sha256
from api_client.errors import (
    IntegrityError,
    JobCancelledError,
    JobNotFoundError,
    StoreAccessError,
    StoreUnavailableError,
    WorkerStoppingError,
)
from api_client.queue.items import Item, outstanding_list
from api_client.settings import Settings
from tasks.connections import WorkerConnections
from tasks.outcome import AttemptFailedError
from tasks.processors import install
from tasks.work import DetectOutput, DetectWork
from tests.manifests import SOURCE_ID, chunk, manifest, store_manifest
from tests.unit.queue.messages import queued
from tests.waiting import wait_until

Behaviour = Callable[[DetectWork], DetectOutput]
FIRST = Item(stage=Stage.DETECT, index=0)


class Behaving:
    """`Processors` of which one does as it is told."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.detect = behaviour


def works(work: DetectWork) -> DetectOutput:
    work.heartbeat(work.chunk.frame_count)
    path = work.output_dir / "detections.parquet"
    path.write_bytes(b"rows")
    return DetectOutput(
        detection_count=3,
        unreadable_frames=(),
        seconds_by_stage={"detect": 1.0},
        detector_weights_digest="0" * 64,
    )


def raises(error: BaseException) -> Behaviour:
    def behave(_: DetectWork) -> DetectOutput:
        raise error

    return behave


@pytest.fixture
def to(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkerConnections:
    """A job of two uploaded chunks, and a worker process's connections to it."""
    connections = WorkerConnections(settings)
    _upload(connections, tmp_path)
    monkeypatch.setattr("tasks.delivered.connections", lambda: connections)
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, [0, 1])
    connections.redis.delete("detect")
    return connections


def _upload(connections: WorkerConnections, tmp_path: Path) -> Manifest:
    path = tmp_path / "chunk.mp4"
    path.write_bytes(b"video")
    chunks = (chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10))
    known = {"size_bytes": path.stat().st_size, "sha256": file_sha256(path)}
    chunks = tuple(c.model_copy(update=known) for c in chunks)
    job = manifest(chunks=chunks)
    for index in range(2):
        connections.store.put_file(keys.source_part(SOURCE_ID, index), path)
    store_manifest(connections.store, job)
    return job


def run(behaviour: Behaviour, index: int = 0, *, redelivered: bool = False) -> None:
    from tasks.detect import detect_part

    install(lambda: Behaving(behaviour))  # type: ignore[arg-type,return-value]  # all that is asked for
    detect_part.push_request(delivery_info={"redelivered": redelivered})
    try:
        detect_part(job_id="job", index=index)
    finally:
        detect_part.pop_request()


def marker_of(to: WorkerConnections) -> ChunkMarker | None:
    return to.files("job").part_marker(Stage.DETECT, 0)


def outstanding(to: WorkerConnections) -> list[str]:
    return to.redis.lrange(outstanding_list(Stage.DETECT), 0, -1)


def test_a_chunk_is_committed_with_its_outputs(to: WorkerConnections) -> None:
    run(works)

    marker = marker_of(to)
    assert marker is not None
    assert (marker.outcome, marker.detection_count) == ("done", 3)
    assert to.store.get(keys.part_output("job", Stage.DETECT, 0, "detections.parquet")) == b"rows"
    assert outstanding(to) == ["job/1"]


def test_the_last_chunk_enqueues_the_tracker_exactly_once(to: WorkerConnections) -> None:
    run(works, 0)
    assert queued(to, "control") == []
    run(works, 1)
    run(works, 1)

    assert queued(to, "control") == [("job", None)]


def test_a_chunk_that_is_already_done_is_not_done_again(to: WorkerConnections) -> None:
    run(works)

    run(raises(AssertionError("must not be called")))

    assert outstanding(to) == ["job/1"]


@pytest.mark.parametrize("error", [ZeroDivisionError("boom"), MemoryError("boom"), SystemExit("boom")])
def test_an_error_of_the_detector_is_tried_again_and_then_given_up_with_its_reason(
    to: WorkerConnections, error: BaseException
) -> None:
    for _ in range(2):
        with pytest.raises(AttemptFailedError, match="boom"):
            run(raises(error))
    assert queued(to, "detect") == [("job", 0), ("job", 0)]

    run(raises(AssertionError("must not be called")))

    marker = marker_of(to)
    assert marker is not None
    reason = f"{type(error).__name__}: boom"
    assert (marker.outcome, marker.reason, marker.attempts) == ("failed", reason, 2)


def test_a_reason_of_many_lines_and_megabytes_is_one_bounded_line(to: WorkerConnections) -> None:
    for _ in range(2):
        with pytest.raises(AttemptFailedError):
            run(raises(RuntimeError("a\n\x1b[31mb\n" * 1_000_000)))
    run(works)

    marker = marker_of(to)
    assert marker is not None
    assert marker.reason is not None
    assert len(marker.reason) <= 1000
    assert marker.reason.isprintable()


def test_a_chunk_that_kills_every_worker_is_given_up(to: WorkerConnections) -> None:
    for _ in range(2):  # started, and never heard of again
        to.state("job").start(FIRST, silence_seconds=60, take_over=True)

    run(raises(AssertionError("must not be called")), redelivered=True)

    marker = marker_of(to)
    assert marker is not None
    assert (marker.outcome, marker.reason) == ("failed", "every worker that tried it died")


def test_a_chunk_whose_worker_was_ended_is_given_up_with_the_reason_for_that(to: WorkerConnections) -> None:
    for _ in range(2):
        to.state("job").start(FIRST, silence_seconds=60, take_over=True)
        to.state("job").note_reason(FIRST, "no batch was finished")

    run(raises(AssertionError("must not be called")), redelivered=True)

    marker = marker_of(to)
    assert marker is not None
    assert marker.reason == "no batch was finished"


def test_a_chunk_that_a_live_worker_has_is_left_to_it(to: WorkerConnections) -> None:
    to.state("job").start(FIRST, silence_seconds=60, take_over=False)

    run(raises(AssertionError("must not be called")))

    assert marker_of(to) is None
    assert sorted(outstanding(to)) == ["job/0", "job/1"]


def test_a_chunk_of_a_worker_that_fell_silent_is_done(
    to: WorkerConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    to.state("job").start(FIRST, silence_seconds=60, take_over=False)
    to.redis.zadd("horatio:job:job:running", {"detect/0": 1000.0})  # long ago

    run(works)

    assert marker_of(to) is not None


def test_a_permanent_error_is_not_tried_again(to: WorkerConnections) -> None:
    run(raises(IntegrityError("damaged")))

    marker = marker_of(to)
    assert marker is not None
    assert (marker.outcome, marker.reason) == ("failed", "damaged")
    assert queued(to, "detect") == []


@pytest.mark.parametrize(
    "error",
    [
        WorkerStoppingError("stopping"),
        StoreUnavailableError("503"),
        StoreAccessError("403"),
        redis.exceptions.OutOfMemoryError("OOM command not allowed"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_chunk_given_back_is_enqueued_and_not_blamed(to: WorkerConnections, error: Exception) -> None:
    for _ in range(5):
        run(raises(error))

    assert queued(to, "detect") == [("job", 0)] * 5
    assert marker_of(to) is None
    assert sorted(outstanding(to)) == ["job/0", "job/1"]


def test_a_cancelled_job_stops_at_the_next_batch_and_leaves_nothing_outstanding(
    to: WorkerConnections,
) -> None:
    def cancelled_meanwhile(work: DetectWork) -> DetectOutput:
        to.state("job").cancel()
        wait_until(lambda: stops(work), timeout_seconds=10, description="the heartbeat to say so")
        raise JobCancelledError("as the heartbeat did")

    run(cancelled_meanwhile)

    assert marker_of(to) is None
    assert outstanding(to) == []


def stops(work: DetectWork) -> bool:
    try:
        work.heartbeat(0)
    except JobCancelledError:
        return True
    return False


def test_a_chunk_of_a_deleted_job_is_dropped(to: WorkerConnections) -> None:
    run(raises(JobNotFoundError("gone")))

    assert queued(to, "detect") == []
    assert outstanding(to) == ["job/1"]


def test_a_chunk_damaged_in_the_store_is_noticed_before_it_is_decoded(to: WorkerConnections) -> None:
    to.store.put(keys.source_part(SOURCE_ID, 0), b"other bytes")

    run(works)

    marker = marker_of(to)
    assert marker is not None
    assert "gone from the store or damaged" in str(marker.reason)
    assert to.store.exists(keys.damaged_part(SOURCE_ID, 0))  # and uploaded again by who submits it again


@pytest.mark.parametrize("message", [{"index": 10**9}, {"index": -1}, {"index": "0"}, {"index": 5}])
def test_a_message_that_names_no_chunk_of_the_job_writes_nothing(
    to: WorkerConnections, message: dict[str, object]
) -> None:
    from tasks.detect import detect_part

    before = {info.key for info in to.store.list("")}

    detect_part(job_id="job", **message)

    assert {info.key for info in to.store.list("")} == before
    assert sorted(outstanding(to)) == ["job/0", "job/1"]


def test_a_message_that_names_no_possible_job_is_dropped(to: WorkerConnections) -> None:
    from tasks.detect import detect_part

    for job_id in ("../../evil", {"a": 1}, None, "x" * 10_000):
        detect_part(job_id=job_id, index=0)

    assert [key for key in to.redis.keys("*") if "evil" in key] == []


def test_a_chunk_whose_stored_video_is_gone_is_given_up_at_once(to: WorkerConnections) -> None:
    to.store.delete(keys.source_part(SOURCE_ID, 0))

    run(works)

    marker = marker_of(to)
    assert marker is not None
    assert "gone from the store" in str(marker.reason)


def test_starting_a_chunk_sends_the_next_of_its_job(settings: Settings, tmp_path: Path) -> None:
    connections = WorkerConnections(settings.model_copy(update={"queued_per_job": 1}))
    connections.dispatcher.enqueue_parts("job", Stage.DETECT, range(3))
    assert queued(connections, "detect") == [("job", 0)]

    connections.state("job").start(FIRST, silence_seconds=60, take_over=False)
    connections.dispatcher.send_next("job")

    assert queued(connections, "detect") == [("job", 0), ("job", 1)]
    assert len(outstanding(connections)) == 3


def test_a_manifest_that_this_version_cannot_read_is_told_to_who_watches(
    to: WorkerConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> Manifest:
        raise IntegrityError("a stored JobDocument cannot be read")

    monkeypatch.setattr(WorkerConnections, "manifest", unreadable)

    run(works)

    assert "client's version" in str(to.state("job").trouble())
    assert marker_of(to) is None
