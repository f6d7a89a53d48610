"""A search of footage that was looked at into a bucket: everything it needs comes from there."""

import secrets
from pathlib import Path

import pytest

from api_client import Client
from api_client.contract import keys
from api_client.errors import SettingsError
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from tests.servers.seaweedfs import S3Server
from tests.unit.search.footage import store_looked_at

RED_THEN_BLUE = [[("red", 0), ("blue", 40)]] * 10


@pytest.fixture
def settings(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    wanted = s3_server.environment | {
        "HORATIO_STORE_URL": f"{s3_server.url}/{secrets.token_hex(4)}",
        "HORATIO_HOME": str(tmp_path / "home"),
        "HORATIO_ALLOW_PYTHON_DETECTORS": "1",
    }
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("HORATIO_BROKER_URL", raising=False)
    return Settings.load()


def test_jobs_in_a_bucket_are_searched_and_forgotten_with_it(settings: Settings, tmp_path: Path) -> None:
    store = open_store_of(settings)
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="first")
    with Client(settings) as client:
        one = client.search("blue")
        store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="second", source_id="1" * 32)
        two = client.search("blue")
        for job_id in ("first", "second"):
            store.delete_prefix(keys.job_prefix(job_id))
        with pytest.raises(SettingsError, match="no job in s3://"):
            client.search("blue")

    assert [moment.job_id for moment in one.moments] == ["first"]
    assert sorted(moment.job_id for moment in two.moments) == ["first", "second"]
    kept = [path for path in (tmp_path / "home" / "search").rglob("*") if path.is_file()]
    assert kept == []
    store.delete_prefix("")
