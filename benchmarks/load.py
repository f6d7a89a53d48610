"""What the queue costs: many chunks of a few clients, by real workers whose detector does nothing.

    python -m benchmarks.load --chunks 2000 10000

Prints, for each number of chunks: whether one was lost, seconds beside the stages for each chunk, Redis'
memory for each queued chunk, what a reconciler's look costs, and how long a small job waits behind a big one.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from api_client import Client, Settings
from api_client.contract import (
    ChunkSpec,
    DetectorSpec,
    JobDocument,
    JobSpec,
    Manifest,
    PtsRuns,
    Source,
    SourceSpec,
    Stage,
    VideoSpec,
    keys,
)
from api_client.contract.digest import file_sha256
from api_client.queue.connections import Connections
from api_client.queue.items import outstanding_list
from benchmarks.cluster import empty_cluster, wait_until
from vocabularies import Vocabulary

_REPOSITORY = Path(__file__).parents[1]
_FRAMES = 10


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--chunks", type=int, nargs="+", default=[2000, 10_000])
    parser.add_argument("--clients", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--enqueue", metavar="JOB", help="be one of the clients")
    arguments = parser.parse_args()
    if arguments.enqueue:
        with Client() as client:
            client.resume(arguments.enqueue)
        return
    for chunks in arguments.chunks:
        with empty_cluster() as settings:
            _measure_queue(settings, chunks, arguments.clients, arguments.workers)
    with empty_cluster() as settings:
        _measure_fairness(settings, arguments.workers)


def _measure_queue(settings: Settings, chunks: int, clients: int, workers: int) -> None:
    to = Connections(settings)
    jobs = [_store_job(to, f"job-{number}", chunks // clients) for number in range(clients)]
    empty_bytes = _memory_bytes(to)
    began_at = time.perf_counter()
    _enqueue(settings, [job.job_id for job in jobs])
    enqueue_seconds = time.perf_counter() - began_at
    queued_bytes = _memory_bytes(to) - empty_bytes
    looks = [_seconds_of_a_look(to, job) for job in jobs]
    wall_seconds, cpu_seconds = _run_to_the_end(settings, to, jobs, workers)
    markers = [
        to.files(job.job_id).part_marker(Stage.DETECT, chunk.index) for job in jobs for chunk in job.chunks
    ]
    done = [marker for marker in markers if marker is not None]
    stage_seconds = sum(sum(marker.seconds_by_stage.values()) for marker in done)
    print(f"{chunks} chunks of {clients} clients, {workers} workers on {os.cpu_count()} cores")
    print(f"  lost: {chunks - len(done)}; tried more than once: {sum(m.attempts > 1 for m in done)}")
    print(f"  enqueued in {enqueue_seconds:.1f} s, the clients' start included")
    print(f"  Redis: {queued_bytes / chunks:.0f} bytes a queued chunk")
    print(f"  reconciling a job of {chunks // clients} chunks, all queued: {1000 * median(looks):.0f} ms")
    beside_ms = 1000 * (wall_seconds * workers - stage_seconds) / chunks
    print(f"  {wall_seconds:.1f} s; a chunk: {1000 * stage_seconds / chunks:.1f} ms in its stages", end="")
    print(f" and {beside_ms:.1f} ms beside them; {1000 * cpu_seconds / chunks:.1f} ms of CPU in all")


def _measure_fairness(
    settings: Settings, workers: int, *, chunks: int = 300, work_seconds: float = 0.1
) -> None:
    """A job of one chunk behind one of many."""
    to = Connections(settings)
    big, small = _store_job(to, "job-big", chunks), _store_job(to, "job-small", 1)
    _enqueue(settings, [big.job_id])
    with _workers(settings, workers, work_seconds):
        wait_until(lambda: len(to.files(big.job_id).finished_parts(big, Stage.DETECT)) >= 20)
        with Client(settings) as client:
            client.resume(small.job_id)
        began_at = time.perf_counter()
        wait_until(lambda: to.files(small.job_id).finished_parts(small, Stage.DETECT))
        seconds = time.perf_counter() - began_at
        ahead = chunks - len(to.files(big.job_id).finished_parts(big, Stage.DETECT))
    print(f"one chunk behind a job of {chunks}, {work_seconds:g} s each: done after {seconds:.2f} s", end="")
    print(f", while {ahead} of the other were still to be done")


def _store_job(to: Connections, job_id: str, count: int) -> Manifest:
    """Write inputs and manifest, as a client would have."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"video")
        file.flush()
        digest = file_sha256(Path(file.name))
    chunks = tuple(
        ChunkSpec(
            index=index,
            first_frame=index * _FRAMES,
            pts=PtsRuns.from_pts(range(index * _FRAMES, (index + 1) * _FRAMES)),
            offset_pts=0,
            size_bytes=5,
            sha256=digest,
        )
        for index in range(count)
    )
    source_id = hashlib.sha256(job_id.encode()).hexdigest()[:32]
    for chunk in chunks:
        to.store.put(keys.source_part(source_id, chunk.index), b"video")
    footage = Source(
        source_id=source_id,
        chunks=chunks,
        video=VideoSpec(
            codec="h264",
            width_px=64,
            height_px=48,
            time_base=(1, 10),
            average_rate=(10, 1),
            frame_count=count * _FRAMES,
            first_pts=0,
        ),
    )
    document = JobDocument(
        job_id=job_id,
        created_at=datetime.now(UTC),
        source=SourceSpec(file_name="clip.mp4", size_bytes=1, container="mp4"),
        source_id=source_id,
        job=JobSpec(
            vocabulary=Vocabulary(name="custom", labels=("nothing",)), detector=DetectorSpec(name="pocket")
        ),
    )
    to.store.put(keys.source(source_id), footage.to_bytes())
    to.store.put(keys.manifest(job_id), document.to_bytes())
    return Manifest(document=document, footage=footage)


def _enqueue(settings: Settings, job_ids: list[str]) -> None:
    """Let one client each enqueue a job, all at once."""
    environment = {**os.environ, **settings.to_environment()}
    clients = [
        subprocess.Popen([sys.executable, "-m", "benchmarks.load", "--enqueue", job_id], env=environment)
        for job_id in job_ids
    ]
    assert [client.wait() for client in clients] == [0] * len(clients)


def _seconds_of_a_look(to: Connections, job: Manifest) -> float:
    began_at = time.perf_counter()
    to.reconciler.reconcile(to.files(job.job_id), job)
    return time.perf_counter() - began_at


def _run_to_the_end(
    settings: Settings, to: Connections, jobs: list[Manifest], workers: int
) -> tuple[float, float]:
    """Return wall and CPU seconds of the workers for all chunks, their start not counted."""
    count = sum(len(job.chunks) for job in jobs)
    with _workers(settings, workers, 0) as processes:
        wait_until(lambda: to.redis.llen(outstanding_list(Stage.DETECT)) < count - 10 * workers)
        began_at, first = time.perf_counter(), count - to.redis.llen(outstanding_list(Stage.DETECT))
        cpu_seconds = -sum(map(_cpu_seconds, processes))
        wait_until(lambda: to.redis.llen(outstanding_list(Stage.DETECT)) == 0)
        wall_seconds = time.perf_counter() - began_at
        cpu_seconds += sum(map(_cpu_seconds, processes))
        share = (count - first) / count
        return wall_seconds / share, cpu_seconds / share


def _cpu_seconds(pid: int) -> float:
    """Of a process and its children, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu_seconds(int(child)) for child in children)


@contextmanager
def _workers(settings: Settings, count: int, work_seconds: float) -> Iterator[list[int]]:
    """Run so many; yield their process ids."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(_worker(settings, f"load-{number}", work_seconds)) for number in range(count)
        ]


@contextmanager
def _worker(settings: Settings, name: str, work_seconds: float) -> Iterator[int]:
    command = [
        *(sys.executable, "-m", "celery", "-A", "benchmarks.load_boot", "worker", "-Q", "detect"),
        *("-n", f"{name}@%h", "-c", "1", "--without-mingle", "--without-gossip", "--loglevel", "WARNING"),
    ]
    environment = {
        **os.environ,
        **settings.to_environment(),
        "LOAD_WORK_SECONDS": str(work_seconds),
        "PYTHONPATH": str(_REPOSITORY),
        "PYTHONWARNINGS": "ignore",
    }
    process = subprocess.Popen(command, cwd=_REPOSITORY, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _memory_bytes(to: Connections) -> int:
    return int(to.redis.info("memory")["used_memory"])


if __name__ == "__main__":
    main()
