import subprocess
import sys
from pathlib import Path

import pytest

from api_client.errors import SettingsError
from api_client.store import ObjectStore, open_store
from api_client.store.directory import DirectoryStore
from api_client.store.s3 import S3Store

SECRET = "to-be-or-not-to-be"


def directory(url: str) -> Path:
    store = open_store(url)
    assert isinstance(store, DirectoryStore)
    return store.root


def test_a_path_is_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/yorick")

    assert directory("/srv/store") == Path("/srv/store")
    assert directory("store") == tmp_path / "store"
    assert directory("~/store") == Path("/home/yorick/store")
    assert directory("/srv/100%20") == Path("/srv/100%20")


@pytest.mark.parametrize("path", ["/srv/store", "/srv/a b", "/srv/100%", "/srv/été", "/srv/a#b?c"])
def test_a_store_opens_again_by_its_url(path: str) -> None:
    assert directory(open_store(path).url) == Path(path)


def test_a_relative_store_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("store")

    monkeypatch.chdir("/")
    store.put("jobs/a", b"")

    assert (tmp_path / "store/jobs/a").exists()


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/", "s3://bucket"),
        ("s3://bucket/some/prefix/", "s3://bucket/some/prefix"),
    ],
)
def test_a_bucket_is_opened_with_its_prefix(url: str, opened: str) -> None:
    store: ObjectStore = open_store(url)

    assert isinstance(store, S3Store)
    assert store.url == opened


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "names nothing"),
        ("  ", "names nothing"),
        ("gs://bucket/prefix", "begins with 'gs://'"),
        ("https://user:secret@host/bucket", "begins with 'https://'"),
        ("s3://", "no bucket name"),
        ("s3:///prefix", "no bucket name"),
        ("s3://b", "no bucket name"),
        ("s3://bucket//prefix", "prefix that cannot be"),
        ("s3://bucket/../other", "prefix that cannot be"),
        ("s3://key:secret@bucket/prefix", "no credentials"),
        ("file://host/path", "three slashes"),
        ("file://", "three slashes"),
        ("~nobody-of-that-name/store", "unknown user's home"),
        ("/srv/\0", "names nothing"),
    ],
)
def test_a_url_that_cannot_be_is_told_in_one_line(url: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint) as caught:
        open_store(url)

    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint", ["localhost:8333", "ftp://host", "http://", "http://host:port", "http://a:b@host"]
)
def test_an_endpoint_that_cannot_be_is_told(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="HORATIO_S3_ENDPOINT_URL"):
        open_store("s3://bucket", endpoint_url=endpoint)


@pytest.mark.parametrize("given", ["access_key_id", "secret_access_key"])
def test_half_a_pair_of_credentials_is_told(given: str) -> None:
    with pytest.raises(SettingsError, match="HORATIO_S3_SECRET_ACCESS_KEY together") as caught:
        open_store("s3://bucket", **{given: SECRET})

    assert SECRET not in str(caught.value)


def test_empty_settings_are_no_settings() -> None:
    open_store("s3://bucket", endpoint_url="", region="", access_key_id="", secret_access_key="")


def test_the_secret_is_in_no_repr() -> None:
    store = open_store("s3://bucket", access_key_id="key", secret_access_key=SECRET)

    assert SECRET not in f"{store!r} {vars(store)!r}"


def test_a_directory_needs_no_boto3() -> None:
    code = "import sys, api_client.store as s; s.open_store('/x'); sys.exit('boto3' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
