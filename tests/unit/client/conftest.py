"""This machine with nothing running, and a cluster's Redis without workers."""

from pathlib import Path

import pytest

from api_client.settings import Settings


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """No broker: the environment too, for whatever reads its own settings."""
    monkeypatch.delenv("HORATIO_BROKER_URL", raising=False)
    monkeypatch.delenv("HORATIO_STORE_URL", raising=False)
    monkeypatch.setenv("HORATIO_HOME", str(tmp_path / "home"))
    return Settings.load()


@pytest.fixture
def cluster(alone: Settings, broker_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A real Redis, a directory as store, no workers."""
    monkeypatch.setenv("HORATIO_BROKER_URL", broker_url)
    return Settings.load()
