"""A lock among workers outlives its holder's death for a moment, and its holder's work for none."""

import subprocess
import sys
import threading

import pytest
import redis

from api_client.errors import JobCancelledError
from tasks.shared_lock import shared_lock
from tests.waiting import wait_until

HOLDER = """
import sys, time, redis
from tasks.shared_lock import shared_lock
with shared_lock(redis.Redis.from_url(sys.argv[1]), "words", seconds=1, waiting=lambda: None):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def connection(broker_url: str) -> redis.Redis:
    return redis.Redis.from_url(broker_url)


def never() -> None:
    raise AssertionError("nobody else holds it")


def test_a_killed_holder_gives_way_to_the_next(broker_url, connection):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, broker_url], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    waits: list[int] = []

    holder.kill()
    with shared_lock(connection, "words", seconds=1, waiting=lambda: waits.append(1)):
        assert len(waits) <= 3

    holder.communicate()


def test_a_holder_at_work_keeps_it(connection):
    waited = threading.Event()
    second_has_it = threading.Event()

    def second() -> None:
        with shared_lock(connection, "words", seconds=0.5, waiting=waited.set):
            second_has_it.set()

    thread = threading.Thread(target=second)
    with shared_lock(connection, "words", seconds=0.5, waiting=never):
        thread.start()
        assert waited.wait(30), "the second waits longer than the lock would last by itself"
        assert not second_has_it.is_set()
    thread.join(30)

    assert second_has_it.is_set()


def test_who_waits_may_be_told_to_end(connection):
    def cancelled() -> None:
        raise JobCancelledError("the job was cancelled")

    with (
        shared_lock(connection, "words", seconds=5, waiting=never),
        pytest.raises(JobCancelledError),
        shared_lock(connection, "words", seconds=5, waiting=cancelled),
    ):
        pass


def test_a_lock_that_redis_forgot_is_given_back_by_nobody(connection):
    with shared_lock(connection, "words", seconds=0.5, waiting=never):
        connection.flushall()
        with shared_lock(connection, "words", seconds=60, waiting=never):
            pass

    with shared_lock(connection, "words", seconds=60, waiting=never):
        wait_until(lambda: connection.exists("horatio:lock:words"), 5, description="the lock to be there")
    assert not connection.exists("horatio:lock:words")
