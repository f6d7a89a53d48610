"""An empty Redis and an empty store, for measurements that bring their own workers."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api_client import Settings
from api_client.local.processes import redis_command, socket_path


@contextmanager
def empty_cluster(**settings: Any) -> Iterator[Settings]:
    """Yield the settings by which both are reached; they are gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        server = subprocess.Popen(redis_command(directory), stdout=subprocess.DEVNULL)
        found = Settings.load(
            broker_url=f"redis+socket://{socket_path(directory)}",
            store_url=str(directory / "store"),
            home=directory / "home",
            log_level="WARNING",
            **settings,
        )
        try:
            wait_until(socket_path(directory).exists)
            yield found
        finally:
            server.terminate()
            server.wait()


def wait_until(condition: Callable[[], object]) -> None:
    """Look every 20 ms."""
    while not condition():
        time.sleep(0.02)
