"""A simulated GPU: 25 ms a frame, batches of 8, chunks of four seconds; a real worker process for each."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from api_client import Client, Settings
from benchmarks.bench.measuring import Row, ffmpeg
from benchmarks.bench.simulated import FRAME_SECONDS
from benchmarks.cluster import empty_cluster

_REPOSITORY = Path(__file__).parents[2]
_GOALS = {1: 0.97, 2: 0.96, 4: 0.95, 8: 0.95, 16: 0.9}


def rows(workers: Sequence[int], frames: int, directory: Path) -> Iterator[Row]:
    """One row for each number of workers."""
    clip = _clip(directory / "small.mp4", frames)
    for count in workers:
        warm_up = _clip(directory / f"warm-up-{count}.mp4", 200 * count)
        seconds = _seconds(clip, warm_up, count)
        ideal = frames * FRAME_SECONDS / count
        yield Row(
            what=f"a simulated GPU, {count} worker{'s' if count > 1 else ''}, {frames} frames",
            ours=f"{seconds:.1f} s",
            baseline=f"25 ms a frame shared by {count}: {ideal:.1f} s",
            ratio=ideal / seconds,
            goal=_GOALS.get(count, 0.9),
            more_is_better=True,
            repeats=1,
        )


def _clip(path: Path, frames: int) -> Path:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-frames:v", frames, "-g", 25,
           "-c:v", "libx264", "-preset", "veryfast", path)  # fmt: skip
    return path


def _seconds(clip: Path, warm_up: Path, count: int) -> float:
    """From the first batch to the end of looking: the workers are there and warm."""
    with (
        empty_cluster(chunk_seconds=4, allow_python_detectors=True) as settings,
        _celery(settings, "tasks.app", "control", "control"),
        ExitStack() as stack,
    ):
        for number in range(count):
            stack.enter_context(_worker(settings, number))
        with Client(settings) as client:
            _run(client, warm_up)
            return _run(client, clip)


def _run(client: Client, clip: Path) -> float:
    """Seconds of a job, from a batch before the first progress that is seen to the end of its looking."""
    began_at: float | None = None
    job_id = client.submit(
        clip, vocabulary=["word"], detector="python:benchmarks.bench.simulated:load", rendering=None
    )
    for status in client.watch(job_id, interval_seconds=0.05):
        if began_at is None and status.frames_done:
            began_at = time.perf_counter() - FRAME_SECONDS * 8
        if status.stage != "detect":
            break
    ended_at = time.perf_counter()
    client.wait(job_id)
    return ended_at - (began_at or ended_at)


@contextmanager
def _worker(settings: Settings, number: int) -> Iterator[None]:
    with _celery(settings, "workers.boot", "detect", f"gpu-{number}"):
        yield


@contextmanager
def _celery(settings: Settings, app: str, queue: str, name: str) -> Iterator[None]:
    command = [
        *(sys.executable, "-m", "celery", "-A", app, "worker", "-Q", queue, "-n", f"{name}@%h", "-c", "1"),
        *("--without-mingle", "--without-gossip", "--loglevel", "WARNING"),
    ]
    environment = {
        **os.environ,
        **settings.to_environment(),
        "PYTHONPATH": str(_REPOSITORY),
        "PYTHONWARNINGS": "ignore",
    }
    process = subprocess.Popen(command, cwd=_REPOSITORY, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
