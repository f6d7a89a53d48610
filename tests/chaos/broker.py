"""A Redis server that a test kills and starts again, with what it held or without."""

import signal
import subprocess
import tempfile
from pathlib import Path

import redis

from tests.servers.process import free_ports
from tests.servers.redis import redis_binary
from tests.waiting import wait_until


class MortalRedis:
    """Keeps everything on disk, as in production. A context manager."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self._directory = tempfile.TemporaryDirectory(prefix="redis-", ignore_cleanup_errors=True)
        self.connection = redis.Redis.from_url(self.url, decode_responses=True)

    def __enter__(self) -> "MortalRedis":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self.kill()
        self._directory.cleanup()

    def start(self) -> None:
        """Return once it answers."""
        binary = redis_binary()
        assert binary is not None
        directory = Path(self._directory.name)
        command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", directory]
        command += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        with (directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*map(str, command), "--maxmemory-policy", "noeviction"], stdout=log, stderr=log
            )
        wait_until(self._answers, 20, description="Redis to answer")

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As a service manager does."""
        self._end(signal.SIGTERM)

    def forget(self) -> None:
        """Lose the disk; only while it does not run."""
        for path in Path(self._directory.name).rglob("*aof*"):
            if path.is_file():
                path.unlink()

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(20)
            self._process = None

    def _answers(self) -> bool:
        try:
            return bool(self.connection.ping())
        except redis.RedisError:
            return False
