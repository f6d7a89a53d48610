import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_client.store import ObjectStore, open_store
from tests.servers.seaweedfs import S3Server


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "directory":
        yield open_store(str(tmp_path / "store"))
        return
    server: S3Server = request.getfixturevalue("s3_server")
    opened = open_on(server, f"{server.url}/{secrets.token_hex(4)}")
    yield opened
    opened.delete_prefix("")


def open_on(server: S3Server, url: str) -> ObjectStore:
    return open_store(
        url,
        endpoint_url=server.endpoint_url,
        access_key_id=server.access_key_id,
        secret_access_key=server.secret_access_key,
    )
