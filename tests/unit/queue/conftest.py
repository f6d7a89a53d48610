"""A real Redis, a real directory store, and tasks called in this process."""

from pathlib import Path

import pytest

from api_client.contract import Manifest
from api_client.settings import Settings
from tests.manifests import chunk, manifest


@pytest.fixture
def settings(broker_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HORATIO_BROKER_URL", broker_url)  # the task application reads its own
    return Settings.load(
        broker_url=broker_url, store_url=str(tmp_path / "store"), store_wait_seconds=0, max_attempts=2
    )


@pytest.fixture
def two_chunks() -> Manifest:
    return manifest(chunks=(chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10)))
