"""Where a case happens: a broker and a store that can be made to misbehave, two workers, one clip."""

import os
import re
import secrets
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis

from api_client import Settings
from api_client.queue.connections import open_store_of
from api_client.store import ObjectStore
from tests.chaos.broker import MortalRedis
from tests.chaos.client_process import ClientProcess
from tests.chaos.crew import Crew
from tests.chaos.gates import VARIABLE as GATES
from tests.chaos.holding import HeldAtGate
from tests.chaos.leftovers import files_left, keys_left, messages_held
from tests.chaos.processes import with_in_environment
from tests.chaos.redis_proxy import RedisProxy
from tests.chaos.s3_proxy import S3Proxy
from tests.clips import write_clip
from tests.servers.seaweedfs import S3Server
from tests.servers.worker import REPOSITORY
from tests.waiting import wait_until

SILENCE_SECONDS = 3
"""Of a worker, after which its work is given to another: as short as a loaded machine of two cores bears."""
STALL_SECONDS = 20
"""More than any gate holds a batch."""
MEMORY_LIMIT_MB = 800
BOUND_SECONDS = 120
"""Within which every job must have ended, whatever happened to it."""
LEFTOVER_SECONDS = 40
"""Within which every trace must be gone."""
WORDS = "red square, blue square"
DETECTOR = "python:tests.chaos.detectors:load"
TROUBLED_FRAMES = range(6, 12)
"""Of the chunk that has a frame without colours."""


@dataclass(kw_only=True)
class Arena:
    """All of it. `reset` after every case."""

    directory: Path
    temporary: Path
    """Where its processes put what they need for a while."""
    redis: MortalRedis
    broker: RedisProxy
    s3: S3Proxy | None
    settings: Settings
    crew: Crew
    clip: Path
    environment: dict[str, str]
    identity: str
    undisturbed: Path
    """The results of a job to which nothing happens."""
    clients: list[ClientProcess] = field(default_factory=list)

    @property
    def store(self) -> ObjectStore:
        """The store as it is, whatever its door does."""
        return open_store_of(self.settings)

    @property
    def door(self) -> S3Proxy:
        """The way to the S3 server."""
        assert self.s3 is not None
        return self.s3

    def client(self, *arguments: object) -> ClientProcess:
        """Run a command of the client's."""
        directory = Path(tempfile.mkdtemp(dir=self.directory))
        client = ClientProcess([*map(str, arguments)], directory=directory, environment=self.environment)
        self.clients.append(client)
        return client

    def submit(
        self, output: Path, *options: object, detector: str = DETECTOR, footage: Path | None = None
    ) -> ClientProcess:
        """Submit the clip, or other footage, and follow it to its results."""
        return self.client(
            "submit", footage or self.clip, "-v", WORDS, "-d", detector, "-o", output, *options
        )

    def job_of(self, client: ClientProcess) -> str:
        """Wait until a client has submitted its job; return the job's id."""
        wait_until(client.job_id, 30, description="the job to be submitted")
        return str(client.job_id())

    @contextmanager
    def gate(self, name: str) -> Iterator[HeldAtGate]:
        """Hold the first worker that comes to a gate of `tests.chaos.gates`."""
        held = HeldAtGate(self.directory / "gates", name)
        try:
            yield held
        finally:
            held.release()

    def leftovers(self, *, output: Path, may_hold_messages: bool) -> list[str]:
        """What is there that should not be."""
        trees = [output] if self.s3 else [output, Path(self.settings.resolved_store_url)]
        left = [*keys_left(self.redis.connection), *files_left(self.temporary, *trees)]
        if not may_hold_messages:
            left += messages_held(self.redis.connection)
        strangers = with_in_environment(f"HORATIO_TEST_ARENA={self.identity}") - self.crew.members()
        return left + [f"process {pid} is left" for pid in strangers]

    def wait_until_idle(self) -> None:
        """Return once every worker waits for work."""
        self.crew.wait_until_ready()
        wait_until(self._all_wait, 120, description="the workers to wait for work")

    def reset(self, *, after_failure: bool) -> None:
        """Be as new, with the workers there are."""
        for client in self.clients:
            client.kill()
        self.clients.clear()
        if self.s3:
            self.s3.forget()
        for path in (self.directory / "gates").iterdir():
            path.unlink()
        self._remove_jobs()
        if after_failure:
            self.redis.connection.flushall()
            self._kill_workers()
        for key in self.redis.connection.scan_iter(count=1000):
            if not str(key).startswith("_kombu"):
                self.redis.connection.delete(key)
        self.crew.revive()
        for path in self.temporary.glob("horatio-*"):
            _remove_tree(path)

    def _all_wait(self) -> bool:
        try:
            waiting = [c for c in self.redis.connection.client_list() if c["cmd"] == "brpop"]
        except redis.RedisError:
            return False
        return len(waiting) >= len(self.crew.workers)

    def _remove_jobs(self) -> None:
        for prefix in ("jobs/", "open/", "sources/"):
            self.store.delete_prefix(prefix)

    def _kill_workers(self) -> None:
        for worker in self.crew.workers.values():
            if worker.process.poll() is None:
                os.killpg(worker.process.pid, signal.SIGKILL)
                worker.process.wait()


def _remove_tree(path: Path) -> None:
    for each in sorted(path.rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    path.rmdir()


@contextmanager
def open_arena(
    directory: Path, *, s3: S3Server | None, store_url: str | None = None, temporary: Path | None = None
) -> Iterator[Arena]:
    """Start everything but the workers; end it all, and them, at the end."""
    temporary = temporary or directory / "tmp"
    for path in (temporary, directory / "gates"):
        path.mkdir(exist_ok=True)
    identity = secrets.token_hex(8)
    with MortalRedis() as server, RedisProxy(server.url) as broker, _door(s3) as door:
        settings = _settings(directory, broker.url, s3, door, store_url)
        environment = _environment(settings, directory, temporary, identity)
        clip = write_clip(directory / "squares.mp4", frames=24, gop=6, grey_frames=range(8, 9))
        with Crew(directory, environment) as crew:
            arena = Arena(
                directory=directory,
                temporary=temporary,
                redis=server,
                broker=broker,
                s3=door,
                settings=settings,
                crew=crew,
                clip=clip,
                environment=environment,
                identity=identity,
                undisturbed=directory / "undisturbed",
            )
            yield arena
            arena.reset(after_failure=False)


@contextmanager
def _door(s3: S3Server | None) -> Iterator[S3Proxy | None]:
    if s3 is None:
        yield None
        return
    with S3Proxy(s3.endpoint_url) as proxy:
        yield proxy


def _settings(
    directory: Path, broker_url: str, s3: S3Server | None, door: S3Proxy | None, store_url: str | None
) -> Settings:
    of_s3: dict[str, object] = {}
    if s3 is not None and door is not None:
        of_s3 = {
            "s3_endpoint_url": door.url,
            "s3_access_key_id": s3.access_key_id,
            "s3_secret_access_key": s3.secret_access_key,
        }
        store_url = f"{s3.url}/{re.sub('[^a-z0-9]', '-', directory.name.lower())}"
    return Settings.load(
        broker_url=broker_url,
        store_url=store_url or str(directory / "store"),
        home=directory / "home",
        chunk_frames=6,
        regions_per_frame=4,
        allow_python_detectors=True,
        device="cpu",
        cpu_threads=1,
        silence_seconds=SILENCE_SECONDS,
        stall_seconds=STALL_SECONDS,
        memory_limit_mb=MEMORY_LIMIT_MB,
        shutdown_grace_seconds=0,
        store_wait_seconds=2,
        **of_s3,
    )


def _environment(settings: Settings, directory: Path, temporary: Path, identity: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HORATIO_")}
    return {
        **inherited,
        **settings.to_environment(),
        "PYTHONPATH": str(REPOSITORY),
        "TMPDIR": str(temporary),
        GATES: str(directory / "gates"),
        "HORATIO_TEST_ARENA": identity,
    }
