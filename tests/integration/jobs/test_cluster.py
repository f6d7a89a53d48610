"""The whole of it, all of it real: Redis, S3, two workers, the client, the footage, the detector."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from api_client import Client, Settings
from api_client.contract.stages import BY_PART
from tests.integration.jobs.results import logs
from tests.results.verified import assert_verified
from tests.servers.seaweedfs import S3Server
from tests.servers.worker import REPOSITORY, running_worker

BIKES = REPOSITORY / ".venv" / "demo" / "bikes.mp4"
WORDS = "person, bicycle, car, taxi"


@pytest.fixture
def settings(broker_url: str, s3_server: S3Server, tmp_path: Path) -> Settings:
    return Settings.load(
        broker_url=broker_url,
        store_url=f"{s3_server.url}/{tmp_path.name}",
        s3_endpoint_url=s3_server.endpoint_url,
        s3_access_key_id=s3_server.access_key_id,
        s3_secret_access_key=s3_server.secret_access_key,
        home=tmp_path / "home",
        chunk_seconds=2,
        device="cpu",
        cpu_threads=1,
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    with Client(settings) as client:
        yield client


@pytest.mark.skipif(not BIKES.exists(), reason="needs the clip of `make demo` and `make test`")
def test_two_workers_on_real_footage_write_the_log_of_one(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        stack.enter_context(running_worker(settings, "first"))
        second = stack.enter_context(running_worker(settings, "second"))
        shared = client.submit(BIKES, vocabulary=WORDS)
        assert client.wait(shared).state == "completed"
        os.killpg(second.pid, signal.SIGKILL)

        alone = client.submit(BIKES, vocabulary=WORDS)
        assert client.wait(alone).state == "completed"

    both = client.fetch(shared, tmp_path / "two")
    client.fetch(alone, tmp_path / "one")
    assert logs(tmp_path / "two") == logs(tmp_path / "one")
    assert both.result.frame_count == 250
    assert_verified(BIKES, tmp_path / "two")
    assert worked_on(client, shared) > worked_on(client, alone) == 1


def worked_on(client: Client, job_id: str) -> int:
    """How many worker processes had a part in a job."""
    files = client._files(job_id)
    parts = [(stage, chunk.index) for stage in BY_PART for chunk in files.manifest().chunks]
    markers = [files.part_marker(stage, index) for stage, index in parts]
    return len({marker.worker for marker in markers if marker})
