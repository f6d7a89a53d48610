"""Starting, finding and ending a local stack, from the client's side."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import redis
from pydantic import SecretStr

from api_client.errors import BrokerUnavailableError
from api_client.local.processes import redis_executable, socket_path
from api_client.settings import Settings

_START_SECONDS = 20.0
_LOGS_KEPT = 20


@dataclass(frozen=True, kw_only=True)
class StackRecord:
    """What `client up` leaves behind, so that other commands find the stack."""

    supervisor_pid: int
    broker_url: str
    log_path: str
    flower_url: str | None


class LocalStack:
    """A supervisor and its processes, seen from outside."""

    def __init__(
        self, settings: Settings, record: StackRecord, supervisor: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self.settings = _on_stack(settings, record.broker_url)
        """What a client of this stack uses."""
        self.record = record
        self._supervisor = supervisor

    @classmethod
    def start(cls, settings: Settings) -> "LocalStack":
        """Start a stack that ends with this process, however it ends. Returns once Redis answers."""
        return _start(settings, "--until-stdin-closes")

    @classmethod
    def start_lasting(cls, settings: Settings) -> "LocalStack":
        """Start a stack that stays until `stop`, Flower included; return the one there is, if any."""
        with _exclusively(settings):
            running = cls.find(settings)
            if running is not None:
                return running
            stack = _start(settings, "--flower")
            _record_path(settings).write_text(json.dumps(asdict(stack.record)))
            return stack

    @classmethod
    def find(cls, settings: Settings) -> "LocalStack | None":
        """Return the lasting stack, if it is running."""
        try:
            record = StackRecord(**json.loads(_record_path(settings).read_text()))
        except FileNotFoundError:
            return None
        stack = cls(settings, record)
        return stack if stack.answers() else None

    def answers(self) -> bool:
        """Whether its Redis does."""
        connection = redis.Redis.from_url(self.record.broker_url.replace("redis+socket://", "unix://"))
        try:
            return bool(connection.ping())
        except redis.RedisError:
            return False
        finally:
            connection.close()

    def check(self) -> None:
        """Raise `BrokerUnavailableError`, with the worker's last words, where the stack has ended."""
        ended = self._supervisor is not None and self._supervisor.poll() is not None
        if ended or not self.answers():
            raise BrokerUnavailableError(
                f"the local stack ended unexpectedly: {_last_words(Path(self.record.log_path))} "
                f"(all of it in {self.record.log_path})"
            )

    def stop(self) -> None:
        """End all its processes; returns when they are gone."""
        if self._supervisor is not None and self._supervisor.stdin is not None:
            self._supervisor.stdin.close()
            self._supervisor.wait()
            return
        _record_path(self.settings).unlink(missing_ok=True)
        try:
            os.kill(self.record.supervisor_pid, signal.SIGTERM)
        except ProcessLookupError:
            return
        _wait(lambda: not _is_alive(self.record.supervisor_pid), _START_SECONDS)


def _start(settings: Settings, *options: str) -> LocalStack:
    redis_executable()  # says what is missing before anything is started
    # a short path, since a unix socket's may have no more than about 100 characters
    run_dir = Path(tempfile.mkdtemp(prefix="horatio-"))
    log_path = _new_log(settings)
    command = [sys.executable, "-P", "-m", "api_client.local.supervisor", "--run-dir", str(run_dir)]
    command += ["--log-level", settings.log_level]
    command += [
        f"--flower-port={settings.flower_port}" if option == "--flower" else option for option in options
    ]
    broker_url = f"redis+socket://{socket_path(run_dir)}"
    with log_path.open("wb") as log:
        supervisor = subprocess.Popen(
            command,
            cwd=run_dir,
            env={**os.environ, **_on_stack(settings, broker_url).to_environment()},
            stdin=subprocess.PIPE if "--until-stdin-closes" in options else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is the client's to handle
        )
    lasting = "--flower" in options
    record = StackRecord(
        supervisor_pid=supervisor.pid,
        broker_url=broker_url,
        log_path=str(log_path),
        flower_url=f"http://127.0.0.1:{settings.flower_port}" if lasting else None,
    )
    stack = LocalStack(settings, record, None if lasting else supervisor)
    _wait(lambda: stack.answers() or supervisor.poll() is not None, _START_SECONDS)
    stack.check()
    return stack


def _on_stack(settings: Settings, broker_url: str) -> Settings:
    return settings.model_copy(
        update={"broker_url": SecretStr(broker_url), "store_url": settings.resolved_store_url}
    )


def _record_path(settings: Settings) -> Path:
    return settings.home / "stack.json"


def _new_log(settings: Settings) -> Path:
    directory = settings.home / "logs"
    directory.mkdir(parents=True, exist_ok=True)
    for old in sorted(directory.glob("stack-*.log"))[:-_LOGS_KEPT]:
        old.unlink(missing_ok=True)
    return directory / f"stack-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"


@contextmanager
def _exclusively(settings: Settings) -> Iterator[None]:
    """One `client up` at a time; the lock goes with the process."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _last_words(log_path: Path) -> str:
    lines = [line.strip() for line in log_path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
