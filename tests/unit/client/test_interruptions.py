"""What is left, and what is said, when a client ends or its broker does."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import pytest

from api_client import Client
from api_client.cli.main import run
from api_client.client import UnfinishedJobsWarning
from api_client.errors import StoreAccessError, StoreUnavailableError
from api_client.job_files import JobFiles
from api_client.local import LocalStack
from api_client.local.stack_record import StackRecord
from api_client.queue.connections import open_store_of
from api_client.queue.dispatch import Dispatcher
from api_client.settings import Settings
from api_client.status import JobStatus
from api_client.store.directory import DirectoryStore
from tests.clips import write_clip
from tests.servers.process import free_ports
from tests.servers.redis import redis_server
from tests.unit.client.stored_jobs import store_job
from tests.waiting import wait_until


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "walk.mp4", frames=12, gop=12, audio=False)


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_dispatching_names_the_stored_job(
    cluster: Settings, clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Dispatcher, "enqueue_parts", interrupt)

    assert run(["submit", str(clip), "-v", "dog"]) == 130

    (job,) = Client(cluster).jobs()
    assert f"`client resume {job.job_id}`" in capsys.readouterr().err


def test_a_store_that_refuses_while_dispatching_names_the_stored_job(
    cluster: Settings, clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: JobFiles) -> None:
        raise StoreAccessError("access is denied: check the key")

    with monkeypatch.context() as patched:
        patched.setattr(JobFiles, "result", refuse)
        assert run(["submit", str(clip), "-v", "dog"]) == 2

    (job,) = Client(cluster).jobs()
    assert f"access is denied: check the key; the job is stored: `client resume {job.job_id}`" in (
        capsys.readouterr().err
    )


def test_ctrl_c_while_the_job_is_being_stored_leaves_no_job(
    cluster: Settings, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ServerThatLagsBehind() as server:
        monkeypatch.setattr(DirectoryStore, "put", lambda *of: server.put(*of))
        monkeypatch.setattr(DirectoryStore, "delete_prefix", lambda *of: server.delete_prefix(*of))
        assert run(["submit", str(clip), "-v", "dog"]) == 130

    store = open_store_of(cluster)
    assert [*store.list("jobs/"), *store.list("open/")] == []


class ServerThatLagsBehind:
    """Carries out the request to store a job after its client was told to end, whether or not that waits."""

    def __init__(self) -> None:
        self._put, self._delete_prefix = DirectoryStore.put, DirectoryStore.delete_prefix
        self._told, self._removed = threading.Event(), threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self._before = signal.signal(signal.SIGINT, self._interrupt)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        signal.signal(signal.SIGINT, self._before)

    def put(self, store: DirectoryStore, key: str, data: bytes) -> None:
        if not key.endswith("manifest.json"):
            self._put(store, key, data)
            return
        answer = self._pool.submit(self._carry_out, store, key, data)
        os.kill(os.getpid(), signal.SIGINT)
        answer.result()

    def delete_prefix(self, store: DirectoryStore, prefix: str) -> int:
        deleted = self._delete_prefix(store, prefix)
        self._removed.set()
        return deleted

    def _interrupt(self, _number: int, _frame: object) -> None:
        self._told.set()
        raise KeyboardInterrupt

    def _carry_out(self, store: DirectoryStore, key: str, data: bytes) -> None:
        assert self._told.wait(10)
        self._removed.wait(0.3)  # in vain, where the client waits for the answer
        self._put(store, key, data)


def test_a_name_of_no_encoding_is_stored_under_one_that_has(cluster: Settings, clip: Path) -> None:
    named = clip.rename(clip.with_name("wa\udcfflk.mp4"))

    job_id = Client(cluster).submit(named, vocabulary="dog")

    assert Client(cluster).status(job_id).source_name == "wa\ufffdlk.mp4"


def test_ctrl_c_while_uploading_leaves_nothing_and_names_the_jobs_before(
    cluster: Settings, clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    original, uploads = DirectoryStore.put_file, []

    def put_file(store: DirectoryStore, key: str, path: Path) -> None:
        uploads.append(key)
        return original(store, key, path) if len(uploads) == 1 else interrupt()

    monkeypatch.setattr(DirectoryStore, "put_file", put_file)
    second = write_clip(clip.with_name("run.mp4"), frames=18, gop=12, audio=False)

    assert run(["submit", str(clip), str(second), "-v", "dog"]) == 130

    (job,) = Client(cluster).jobs()
    printed = capsys.readouterr().err
    assert f"{job.job_id}: no longer watched, the job goes on" in printed
    assert "interrupted; nothing of run.mp4 is kept" in printed


def test_a_store_that_is_away_while_uploading_is_waited_for(
    cluster: Settings, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, tries = DirectoryStore.put_file, []

    def put_file(store: DirectoryStore, key: str, path: Path) -> None:
        tries.append(key)
        if len(tries) < 3:
            raise StoreUnavailableError("away")
        original(store, key, path)

    monkeypatch.setattr(DirectoryStore, "put_file", put_file)
    monkeypatch.setattr("api_client.waiting.time.sleep", lambda _: None)
    told: list[Exception] = []

    job_id = Client(cluster, on_wait=told.append).submit(clip, vocabulary="dog")

    assert Client(cluster).status(job_id).state == "queued"
    assert len(told) == 2


def test_a_watcher_outlives_its_broker(alone: Settings, tmp_path: Path) -> None:
    port = free_ports(1)[0]
    settings = alone.model_copy(
        update={"broker_url": Settings(broker_url=f"redis://127.0.0.1:{port}/0").broker_url}
    )
    job = store_job(settings)
    seen: list[JobStatus] = []

    with redis_server(port=port):
        client = Client(settings)
        watcher = threading.Thread(
            target=lambda: seen.extend(client.watch(job.job_id, interval_seconds=0.02)), daemon=True
        )
        statuses = client.watch(job.job_id, interval_seconds=0.02)
        assert next(statuses).waiting_for is None
    away = next(status for status in statuses if status.waiting_for)
    with redis_server(port=port):
        back = next(status for status in statuses if not status.waiting_for)
        watcher.start()
        wait_until(
            lambda: Client(settings).status(job.job_id).state == "queued",
            timeout_seconds=20,
            description="the watcher to put the job back on its way",
        )
        Client(settings).cancel(job.job_id)
        watcher.join(timeout=20)

    assert f"127.0.0.1:{port} does not answer" in str(away.waiting_for)
    assert back.state == "queued"
    assert seen[-1].state == "cancelled"


class StackWithoutWorkers:
    """A stack whose workers never come to anything."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.record = StackRecord(supervisor_pid=2, broker_url="", log_path="", flower_url=None)

    def answers(self) -> bool:
        return True

    def check(self) -> None:
        """Runs."""

    def stop(self) -> None:
        """Stopped."""


def test_leaving_a_client_whose_workers_are_not_done_warns(
    alone: Settings, cluster: Settings, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStack, "start", lambda _, **_options: StackWithoutWorkers(cluster))

    with (
        pytest.warns(UnfinishedJobsWarning, match=r"`client resume \S+-walk-\S+` goes on"),
        Client(alone) as client,
    ):
        client.submit(clip, vocabulary=["dog"])
