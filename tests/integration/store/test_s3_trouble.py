"""What an S3 server's refusals become: one line that names the value and the remedy."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api_client.errors import HoratioError, StoreAccessError, StoreUnavailableError
from api_client.store.s3 import S3Store
from api_client.store.s3_settings import S3Settings
from tests.servers.process import free_ports
from tests.servers.seaweedfs import S3Server
from tests.servers.seaweedfs import s3_server as new_s3_server

USES: dict[str, Callable[[S3Store, Path], object]] = {
    "get": lambda store, path: store.get("jobs/a/m"),
    "get_file": lambda store, path: store.get_file("jobs/a/m", path / "target"),
    "put": lambda store, path: store.put("jobs/a/m", b""),
    "put_file": lambda store, path: store.put_file("jobs/a/m", path / "source"),
    "put_if_absent": lambda store, path: store.put_if_absent("jobs/a/m", b""),
    "exists": lambda store, path: store.exists("jobs/a/m"),
    "list": lambda store, path: list(store.list("jobs/")),
    "list_prefixes": lambda store, path: list(store.list_prefixes("jobs/")),
    "delete": lambda store, path: store.delete("jobs/a/m"),
    "delete_prefix": lambda store, path: store.delete_prefix("jobs/"),
}


@pytest.fixture
def settings(s3_server: S3Server) -> S3Settings:
    return S3Settings(
        bucket=s3_server.bucket,
        endpoint_url=s3_server.endpoint_url,
        access_key_id=s3_server.access_key_id,
        secret_access_key=s3_server.secret_access_key,
        attempts=1,
    )


def failures(settings: S3Settings, path: Path) -> list[HoratioError]:
    """What each method raises, one line each."""
    (path / "source").write_bytes(b"12345")
    store, errors = S3Store(settings), []
    for name, use in USES.items():
        with pytest.raises(HoratioError) as caught:
            pytest.fail(f"{name} returned {use(store, path)!r}")
        assert "\n" not in str(caught.value)
        errors.append(caught.value)
    return errors


def test_a_wrong_secret_is_told(settings: S3Settings, tmp_path: Path) -> None:
    errors = failures(dataclasses.replace(settings, secret_access_key="wrong"), tmp_path)

    assert {type(error) for error in errors} == {StoreAccessError}
    assert all("HORATIO_S3_SECRET_ACCESS_KEY" in str(error) for error in errors)
    assert all(settings.bucket in str(error) for error in errors)


def test_an_unknown_access_key_is_told(settings: S3Settings, tmp_path: Path) -> None:
    errors = failures(dataclasses.replace(settings, access_key_id="nobody"), tmp_path)

    assert {type(error) for error in errors} == {StoreAccessError}
    assert all("HORATIO_S3_ACCESS_KEY_ID" in str(error) for error in errors)


def test_a_missing_bucket_is_told(settings: S3Settings, tmp_path: Path) -> None:
    errors = failures(dataclasses.replace(settings, bucket="no-such-bucket"), tmp_path)

    assert {type(error) for error in errors} == {StoreAccessError}
    assert all("there is no bucket 'no-such-bucket'" in str(error) for error in errors)


def test_a_server_that_is_not_there_is_told(settings: S3Settings, tmp_path: Path) -> None:
    endpoint_url = f"http://127.0.0.1:{free_ports(1)[0]}"

    errors = failures(dataclasses.replace(settings, endpoint_url=endpoint_url), tmp_path)

    assert {type(error) for error in errors} == {StoreUnavailableError}
    assert all(endpoint_url in str(error) for error in errors)


def test_a_server_that_stops_is_told(settings: S3Settings) -> None:
    with new_s3_server() as server:
        store = S3Store(dataclasses.replace(settings, endpoint_url=server.endpoint_url))
        store.put("jobs/a/m", b"")
        server.stop()

        with pytest.raises(StoreUnavailableError, match="does not answer"):
            store.get("jobs/a/m")


def test_a_missing_file_is_told(settings: S3Settings, tmp_path: Path) -> None:
    with pytest.raises(StoreAccessError, match=r"nothing\.mp4: there is no such file"):
        S3Store(settings).put_file("jobs/a/m", tmp_path / "nothing.mp4")


def test_a_store_is_used_on_both_sides_of_a_fork(settings: S3Settings) -> None:
    store = S3Store(dataclasses.replace(settings, prefix="fork"))
    store.put("parent", b"")

    child = os.fork()
    if child == 0:
        try:
            store.put("child", b"")
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert [info.key for info in store.list("")] == ["child", "parent"]
    store.delete_prefix("")
