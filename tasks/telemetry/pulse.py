"""Whether a worker is alive, without asking it: `python -m tasks.telemetry.pulse`, for a container's probe.

A worker's parent process touches `HORATIO_PULSE_FILE` with every heartbeat, each two seconds, however busy
its child is. It stops when the event loop hangs, and while the broker is away; the latter is no reason to
restart anything, so a stale file counts only where Redis answers the probe.
"""

import sys
import time
from pathlib import Path

import redis

from api_client.queue.broker import connect
from api_client.settings import Settings

STALE_SECONDS = 120.0


def touch(path: Path) -> None:
    """Say that the event loop turns."""
    path.touch()


def is_alive(settings: Settings) -> bool:
    """Whether the worker beside this process is well, or waits for Redis, which it may."""
    if settings.pulse_file is None:
        return True
    try:
        age_seconds = time.time() - settings.pulse_file.stat().st_mtime
    except FileNotFoundError:
        age_seconds = float("inf")
    return age_seconds < STALE_SECONDS or not _redis_answers(settings)


def _redis_answers(settings: Settings) -> bool:
    try:
        return bool(connect(settings, retries=0).ping())
    except redis.RedisError:
        return False


def main() -> int:
    """Return the exit status a probe expects."""
    return 0 if is_alive(Settings.load()) else 1


if __name__ == "__main__":
    sys.exit(main())
