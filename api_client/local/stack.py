"""Starting, finding and ending a local stack, from the client's side."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from api_client.errors import BrokerUnavailableError, SettingsError
from api_client.local.processes import redis_executable, socket_path
from api_client.local.stack_record import StackRecord, lasting_record, passing_records
from api_client.settings import Settings
from api_client.store.os_errors import os_errors_translated

_START_SECONDS = 20.0
_LOGS_KEPT = 20
_PORTS_TRIED = 20
_ANSWER_SECONDS = 10.0
_PONG = b"+PONG\r\n"


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
    def start(cls, settings: Settings, *, detect_first: bool = False) -> "LocalStack":
        """Start a stack that ends with this process, however it ends. Returns once Redis answers.

        detect_first: frames are to be looked at before anything else, so that what does starts first.
        """
        stack = cls.begin(settings, detect_first=detect_first)
        stack.wait()
        return stack

    @classmethod
    def begin(cls, settings: Settings, *, detect_first: bool = False) -> "LocalStack":
        """As `start`, without waiting: `wait` does."""
        options = ["--until-stdin-closes", *(["--detect-first"] if detect_first else [])]
        with os_errors_translated(settings.home):
            return _begun(settings, *options)

    def wait(self) -> None:
        """Return once Redis answers, and let other clients know of a stack that was begun."""
        assert self._supervisor is not None, "a stack that was found answers"
        with os_errors_translated(self.settings.home):
            _wait_for_redis(self, self._supervisor)
            self.record.write(self._passing_record())

    @classmethod
    def start_lasting(cls, settings: Settings, *, workers: int | None = None) -> "LocalStack":
        """Start a stack that stays until `stop`, Flower included; return the one there is, if any.

        workers: how many detect; None for one a GPU, or one. Raises `SettingsError` where a number is asked
        for and a stack runs already.
        """
        with os_errors_translated(settings.home), _exclusively(settings):
            running = cls.find(settings)
            if running is not None:
                if workers is not None:
                    raise SettingsError("a local stack runs already: end it first, by `client down`")
                return running
            options = ["--detect-first", *(["--flower"] if find_spec("flower") else []), *_counted(workers)]
            stack = _begun(settings.model_copy(update={"flower_port": _free_port(settings)}), *options)
            assert stack._supervisor is not None
            _wait_for_redis(stack, stack._supervisor)
            stack.record.write(lasting_record(settings))
            return cls(stack.settings, stack.record)

    @classmethod
    def find(cls, settings: Settings) -> "LocalStack | None":
        """Return the lasting stack, if it is running."""
        record = StackRecord.read(lasting_record(settings))
        stack = cls(settings, record) if record else None
        return stack if stack and stack.answers() else None

    @classmethod
    def of_other_clients(cls, settings: Settings) -> "list[LocalStack]":
        """Stacks that run on this machine and end with their clients; records of others are cleared."""
        running = []
        for path in sorted(passing_records(settings).glob("*.json")):
            record = StackRecord.read(path)
            stack = cls(settings, record) if record else None
            if stack and stack.answers():
                running.append(stack)
            elif record is None or not _is_alive(record.supervisor_pid):
                path.unlink(missing_ok=True)
        return running

    def answers(self) -> bool:
        """Whether its Redis does. Asked over its socket: Redis' client takes longer to load than most."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_ANSWER_SECONDS)
            try:
                connection.connect(self.record.broker_url.removeprefix("redis+socket://"))
                connection.sendall(b"PING\r\n")
                return connection.recv(len(_PONG)) == _PONG
            except OSError:
                return False

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
            self._passing_record().unlink(missing_ok=True)
            return
        lasting_record(self.settings).unlink(missing_ok=True)
        try:
            os.kill(self.record.supervisor_pid, signal.SIGTERM)
        except ProcessLookupError:
            return
        _wait(lambda: not _is_alive(self.record.supervisor_pid), _START_SECONDS)

    def _passing_record(self) -> Path:
        return passing_records(self.settings) / f"{self.record.supervisor_pid}.json"


def _counted(workers: int | None) -> list[str]:
    return [] if workers is None else [f"--workers={workers}"]


def _begun(settings: Settings, *options: str) -> LocalStack:
    """Start the supervisor; return at once."""
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
    record = StackRecord(
        supervisor_pid=supervisor.pid,
        broker_url=broker_url,
        log_path=str(log_path),
        flower_url=f"http://127.0.0.1:{settings.flower_port}" if "--flower" in options else None,
        started_at_unix_seconds=time.time(),
    )
    return LocalStack(settings, record, supervisor)


def _wait_for_redis(stack: LocalStack, supervisor: "subprocess.Popen[bytes]") -> None:
    _wait(lambda: stack.answers() or supervisor.poll() is not None, _START_SECONDS)
    stack.check()


def _on_stack(settings: Settings, broker_url: str) -> Settings:
    return settings.model_copy(
        update={"broker_url": SecretStr(broker_url), "store_url": settings.resolved_store_url}
    )


def _free_port(settings: Settings) -> int:
    """The port asked for, or the next that nothing listens on."""
    for port in range(settings.flower_port, min(settings.flower_port + _PORTS_TRIED, 65536)):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise SettingsError(
        f"port {settings.flower_port} for Flower and the {_PORTS_TRIED - 1} after it are taken: "
        "set HORATIO_FLOWER_PORT to another"
    )


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
