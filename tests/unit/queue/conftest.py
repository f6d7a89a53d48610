"""A real Redis, a real directory store, and tasks called in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from api_client.contract import ChunkMarker, Manifest
from api_client.settings import Settings
from tests.manifests import chunk, manifest
from tests.servers.redis import RedisServer


@pytest.fixture
def settings(redis_server: RedisServer, tmp_path: Path) -> Settings:
    return Settings.load(
        broker_url=redis_server.url,
        store_url=str(tmp_path / "store"),
        store_patience_seconds=0,
        max_attempts=2,
    )


@pytest.fixture
def two_chunks() -> Manifest:
    return manifest(chunks=(chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10)))


@pytest.fixture
def done_marker() -> Callable[[], ChunkMarker]:
    return lambda: ChunkMarker(outcome="done", worker="test")
