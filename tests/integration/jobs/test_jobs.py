import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from api_client import Client, Settings, verify_result
from api_client.job_state import OUTSTANDING
from tests.integration.jobs.conftest import COLOURS
from tests.waiting import wait_until

StartWorkers = Callable[..., list[subprocess.Popen[bytes]]]
LOGS = ("detections.parquet", "detections.jsonl", "detections.txt", "summary.json")


def logs(directory: Path) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in LOGS}


def test_a_job_finds_the_squares_in_every_frame(
    client: Client, clip: Path, start_workers: StartWorkers, tmp_path: Path
) -> None:
    start_workers(1)

    job_id = client.submit(clip, vocabulary="red square, blue square, green square", detector=COLOURS)
    status = client.wait(job_id)
    fetched = client.fetch(job_id, tmp_path / "out")

    assert (status.state, status.frames_done, status.chunks_total) == ("completed", 60, 5)
    assert verify_result(clip, tmp_path / "out").differences == ()
    frames = frames_of(tmp_path / "out")
    assert all({d["class_name"] for d in f["detections"]} == {"red square", "blue square"} for f in frames)
    assert json.loads((tmp_path / "out/summary.json").read_text())["not_found"] == ["green square"]
    assert fetched.video_path.name == "squares-annotated.mp4"
    assert sound_packets(fetched.video_path) == sound_packets(clip)


def frames_of(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "detections.jsonl").read_text().splitlines()]


def sound_packets(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(p.pts, bytes(p)) for p in container.demux(container.streams.audio[0]) if p.size]


def test_two_workers_write_the_log_of_one(
    client: Client, settings: Settings, clip: Path, start_workers: StartWorkers, tmp_path: Path
) -> None:
    workers = start_workers(2)
    first = client.submit(clip, vocabulary="red square, blue square", detector=COLOURS)
    client.wait(first)
    workers[1].send_signal(signal.SIGTERM)
    workers[1].wait(20)

    second = client.submit(clip, vocabulary="red square, blue square", detector=COLOURS)
    client.wait(second)

    client.fetch(first, tmp_path / "two")
    client.fetch(second, tmp_path / "one")
    assert logs(tmp_path / "two") == logs(tmp_path / "one")


def test_nothing_is_left_in_redis_that_would_keep_a_cluster_awake(
    client: Client, settings: Settings, clip: Path, start_workers: StartWorkers
) -> None:
    start_workers(1)

    client.wait(client.submit(clip, vocabulary="red", detector=COLOURS))

    connections = client._connect()
    assert connections.redis.llen(OUTSTANDING) == 0
    assert connections.redis.llen("detect") == connections.redis.llen("control") == 0


def test_a_killed_worker_costs_time_and_nothing_else(
    client: Client, settings: Settings, clip: Path, start_workers: StartWorkers, tmp_path: Path
) -> None:
    undisturbed, disturbed = (client.submit(clip, vocabulary="red", detector=COLOURS) for _ in range(2))
    worker = start_workers(1)[0]
    wait_until(
        lambda: client.status(disturbed).chunks_done > 0,
        timeout_seconds=60,
        description="the second job to begin",
    )

    os.killpg(worker.pid, signal.SIGKILL)
    start_workers(1)
    client.resume(disturbed)

    assert client.wait(disturbed).state == "completed"
    client.fetch(undisturbed, tmp_path / "a")
    client.fetch(disturbed, tmp_path / "b")
    assert logs(tmp_path / "a") == logs(tmp_path / "b")


def test_a_chunk_that_kills_its_worker_becomes_a_gap_that_is_named(
    client: Client, clip_with_a_deadly_frame: Path, start_workers: StartWorkers, tmp_path: Path
) -> None:
    start_workers(1)

    job_id = client.submit(
        clip_with_a_deadly_frame, vocabulary="red", detector="python:tests.colour_detector:load_deadly"
    )
    status = client.wait(job_id)
    result = client.fetch(job_id, tmp_path / "out").result

    assert status.state == "completed_with_gaps"
    assert [(gap.first_frame, gap.last_frame) for gap in result.gaps] == [(24, 35)]
    assert result.gaps[0].reason == "every worker that tried it died"
    assert verify_result(clip_with_a_deadly_frame, tmp_path / "out").differences == ()
    assert "(every worker that tried it died)" in (tmp_path / "out/detections.txt").read_text()


def test_a_cancelled_job_stops_and_can_be_resumed(
    client: Client, clip: Path, start_workers: StartWorkers
) -> None:
    job_id = client.submit(clip, vocabulary="red", detector=COLOURS)
    client.cancel(job_id)
    start_workers(1)
    assert client.wait(job_id).state == "cancelled"
    wait_until(
        lambda: client._connect().redis.llen(OUTSTANDING) == 0,
        timeout_seconds=30,
        description="the worker to drop the chunks of the cancelled job",
    )

    assert client.resume(job_id) == 5

    assert client.wait(job_id).state == "completed"


def test_redis_may_forget_everything_in_the_middle(
    client: Client, clip: Path, start_workers: StartWorkers, tmp_path: Path
) -> None:
    job_id = client.submit(clip, vocabulary="red", detector=COLOURS)
    client._connect().redis.flushall()
    start_workers(1)

    status = client.wait(job_id)  # watching reconciles

    assert status.state == "completed"


def test_with_every_third_frame_the_log_says_which_were_looked_at(
    client: Client, clip: Path, start_workers: StartWorkers, tmp_path: Path
) -> None:
    start_workers(1)

    job_id = client.submit(clip, vocabulary="red", detector=COLOURS, every=3)
    client.wait(job_id)
    client.fetch(job_id, tmp_path / "out")

    frames = frames_of(tmp_path / "out")
    looked_at = [f["frame_index"] for f in frames if f["unseen"] is None]
    assert looked_at == [i for i in range(60) if i % 3 == 0]
    assert verify_result(clip, tmp_path / "out").differences == ()


@pytest.fixture
def clip_with_a_deadly_frame(tmp_path: Path) -> Path:
    from tests.clips import write_clip

    return write_clip(tmp_path / "deadly.mp4", frames=60, gop=12, grey_frames=range(30, 31))
