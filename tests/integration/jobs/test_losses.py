"""Jobs whose workers and broker do not last."""

import os
import signal
from pathlib import Path

from api_client import Client
from api_client.queue.connections import Connections
from tests.integration.jobs.conftest import StartWorker
from tests.integration.jobs.results import COLOURS, logs
from tests.results.verified import assert_verified
from tests.waiting import wait_until


def test_a_killed_worker_costs_time_and_nothing_else(
    client: Client, clip: Path, start_worker: StartWorker, tmp_path: Path
) -> None:
    undisturbed, disturbed = (client.submit(clip, vocabulary="red", detector=COLOURS) for _ in range(2))
    worker = start_worker("first")
    wait_until(
        lambda: client.status(disturbed).chunks_done > 0,
        timeout_seconds=60,
        description="the second job to begin",
    )

    os.killpg(worker.pid, signal.SIGKILL)
    start_worker("second")
    client.resume(disturbed)

    assert client.wait(disturbed).state == "completed"
    client.fetch(undisturbed, tmp_path / "a")
    client.fetch(disturbed, tmp_path / "b")
    assert logs(tmp_path / "a") == logs(tmp_path / "b")
    assert_verified(clip, tmp_path / "b")


def test_redis_may_forget_everything_in_the_middle(
    client: Client, clip: Path, start_worker: StartWorker
) -> None:
    job_id = client.submit(clip, vocabulary="red", detector=COLOURS)
    Connections(client.settings).redis.flushall()
    start_worker("worker")

    status = client.wait(job_id)  # watching reconciles

    assert status.state == "completed"
