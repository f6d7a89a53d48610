"""What other servers than the one at hand answer, played by botocore's stub."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from api_client.errors import StoreAccessError, StoreUnavailableError
from api_client.store.s3 import S3Store
from api_client.store.s3_settings import S3Settings

PUT = {"Bucket": "elsinore", "Key": "jobs/a", "Body": ANY}
CONDITION = PUT | {"IfNoneMatch": "*"}


@pytest.fixture(scope="module")
def store() -> S3Store:
    return S3Store(
        S3Settings(bucket="elsinore", region="eu-north-1", access_key_id="key", secret_access_key="secret")
    )


@pytest.fixture
def server(store: S3Store) -> Iterator[Stubber]:
    with Stubber(store._client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def body(data: bytes, length: int | None = None) -> dict[str, object]:
    return {"Body": StreamingBody(BytesIO(data), len(data) if length is None else length)}


def absent(server: Stubber) -> None:
    server.add_client_error("head_object", "404", http_status_code=404)
    server.add_response("head_bucket", {})


def test_without_conditions_the_object_is_written_plainly(store: S3Store, server: Stubber) -> None:
    store._bucket_seen = False
    absent(server)
    server.add_client_error("put_object", "NotImplemented", http_status_code=501, expected_params=CONDITION)
    server.add_response("put_object", {}, PUT)

    assert store.put_if_absent("jobs/a", b"")


def test_an_object_that_is_there_is_not_overwritten_by_a_server_without_conditions(
    store: S3Store, server: Stubber
) -> None:
    server.add_response("head_object", {})

    assert not store.put_if_absent("jobs/a", b"")


def test_two_writers_that_meet_try_again(store: S3Store, server: Stubber) -> None:
    store._bucket_seen = True
    server.add_client_error("head_object", "404", http_status_code=404)
    server.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    server.add_client_error("put_object", "PreconditionFailed", http_status_code=412)

    assert not store.put_if_absent("jobs/a", b"")


def test_a_server_that_cannot_delete_many_deletes_one_by_one(store: S3Store, server: Stubber) -> None:
    server.add_response("list_objects_v2", {"Contents": [{"Key": "jobs/a"}, {"Key": "jobs/b"}]})
    server.add_client_error("delete_objects", "MissingContentMD5")
    server.add_response("delete_object", {}, {"Bucket": "elsinore", "Key": "jobs/a"})
    server.add_response("delete_object", {}, {"Bucket": "elsinore", "Key": "jobs/b"})

    assert store.delete_prefix("jobs/") == 2


def test_an_object_that_may_not_be_deleted_is_told(store: S3Store, server: Stubber) -> None:
    server.add_response("list_objects_v2", {"Contents": [{"Key": "jobs/a"}]})
    server.add_response("delete_objects", {"Errors": [{"Key": "jobs/a", "Code": "AccessDenied"}]})

    with pytest.raises(StoreAccessError, match="access is denied"):
        store.delete_prefix("jobs/")


def test_folders_that_consoles_make_are_no_objects(store: S3Store, server: Stubber) -> None:
    server.add_response("list_objects_v2", {"Contents": [{"Key": "jobs/", "Size": 0}]})

    assert list(store.list("")) == []


def test_a_download_that_breaks_off_begins_again(store: S3Store, server: Stubber, tmp_path: Path) -> None:
    server.add_response("get_object", body(b"whol", length=5))
    server.add_response("get_object", body(b"whole"))

    store.get_file("jobs/a", tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == b"whole"


def test_a_download_that_always_breaks_off_is_told_and_leaves_no_file(
    store: S3Store, server: Stubber, tmp_path: Path
) -> None:
    for _ in range(3):
        server.add_response("get_object", body(b"whol", length=5))

    with pytest.raises(StoreUnavailableError, match="does not answer"):
        store.get_file("jobs/a", tmp_path / "a")

    assert list(tmp_path.iterdir()) == []


def test_refusals_of_a_condition_that_mean_something_else_are_told(store: S3Store, server: Stubber) -> None:
    store._bucket_seen = True
    server.add_client_error("head_object", "404", http_status_code=404)
    server.add_client_error("put_object", "AccessDenied", http_status_code=403)

    with pytest.raises(StoreAccessError) as caught:
        store.put_if_absent("jobs/a", b"")

    assert isinstance(caught.value.__cause__, ClientError)


def test_a_time_is_told_in_utc(store: S3Store, server: Stubber) -> None:
    local = datetime(2026, 11, 22, 23, 0, tzinfo=timezone(timedelta(hours=2)))
    server.add_response("list_objects_v2", {"Contents": [{"Key": "a", "Size": 0, "LastModified": local}]})

    (info,) = store.list("")

    assert info.modified_at.tzinfo is UTC
    assert info.modified_at == local
