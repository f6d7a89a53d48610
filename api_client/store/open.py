"""From what people write to a store."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from api_client.errors import SettingsError
from api_client.store.directory import DirectoryStore
from api_client.store.protocol import ObjectStore

_FORMS = "`s3://bucket/prefix`, `file:///path` or a directory"


def open_store(
    url: str,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    access_key_id: str | None = None,
    secret_access_key: str | None = None,
) -> ObjectStore:
    """Return the store a URL names; nothing is contacted or created before its first use.

    The keyword arguments concern `s3://` alone; without keys boto3 searches as it always does
    (environment, profile, IAM role). Raises `SettingsError` for a URL or keys that cannot work.
    """
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme == "s3":
        from api_client.store.s3 import S3Store  # boto3 takes a while to import
        from api_client.store.s3_settings import S3Settings

        return S3Store(
            S3Settings.of_url(
                url,
                endpoint_url=endpoint_url,
                region=region,
                access_key_id=access_key_id,
                secret_access_key=secret_access_key,
            )
        )
    if scheme == "file":
        return DirectoryStore(_path_of(url))
    if scheme:
        raise SettingsError(f"the store URL begins with {scheme + '://'!r}: it must be {_FORMS}")
    if not url.strip() or "\0" in url:
        raise SettingsError(f"the store URL {url!r} names nothing: it must be {_FORMS}")
    return DirectoryStore(_expanded(url))


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise SettingsError(
            f"the store {path!r} begins with an unknown user's home: write the path out"
        ) from None


def _path_of(url: str) -> Path:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost") or not path or "\0" in path or parts.query or parts.fragment:
        raise SettingsError(f"the store URL {url!r} names no local path: write `file:///path`, three slashes")
    return Path(path)
