"""Where an S3 bucket is and how to get in."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from api_client.errors import SettingsError
from api_client.store.key_syntax import checked_prefix

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")


@dataclass(frozen=True, kw_only=True)
class S3Settings:
    """One bucket on one server. Its credentials are never shown."""

    bucket: str
    """The bucket's name."""
    prefix: str = ""
    """What all keys begin with, without slashes around it: several installations may share a bucket."""
    endpoint_url: str | None = None
    """The server's URL; None for Amazon's own."""
    region: str | None = None
    """None: boto3's own search, then us-east-1."""
    access_key_id: str | None = field(default=None, repr=False)
    """None: boto3's own search (environment, profile, IAM role)."""
    secret_access_key: str | None = field(default=None, repr=False)
    """Goes with the access key."""
    attempts: int = 4
    """How often a request is made before the server is said not to answer."""

    def __post_init__(self) -> None:
        if not _BUCKET.fullmatch(self.bucket):
            raise SettingsError(f"{self.bucket!r} is no bucket name: write s3://bucket/prefix")
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise SettingsError(
                "one half of the S3 credentials is missing: set HORATIO_S3_ACCESS_KEY_ID "
                "and HORATIO_S3_SECRET_ACCESS_KEY together"
            )
        if self.endpoint_url is not None:
            _check_endpoint(self.endpoint_url)

    @classmethod
    def of_url(
        cls,
        url: str,
        *,
        endpoint_url: str | None = None,
        region: str | None = None,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
    ) -> Self:
        """Read `s3://bucket/prefix`; raise `SettingsError` where it is none."""
        if "@" in url:
            raise SettingsError(
                "the store URL must hold no credentials: set HORATIO_S3_ACCESS_KEY_ID instead"
            )
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        return cls(
            bucket=bucket,
            prefix=_checked_store_prefix(prefix, url),
            endpoint_url=endpoint_url or None,
            region=region or None,
            access_key_id=access_key_id or None,
            secret_access_key=secret_access_key or None,
        )

    @property
    def url(self) -> str:
        """`s3://bucket/prefix`."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @property
    def server(self) -> str:
        """The server, for messages."""
        return self.endpoint_url or "Amazon S3"


def _checked_store_prefix(prefix: str, url: str) -> str:
    try:
        return checked_prefix(prefix.removesuffix("/"))
    except ValueError:
        raise SettingsError(
            f"the store URL {url!r} has a prefix that cannot be: write s3://bucket/prefix"
        ) from None


def _check_endpoint(endpoint_url: str) -> None:
    remedy = "write http://host:port or https://host in HORATIO_S3_ENDPOINT_URL"
    try:
        parts = urlsplit(endpoint_url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if "@" in endpoint_url:
        raise SettingsError(f"the S3 endpoint must hold no credentials: {remedy}")
    if not valid:
        raise SettingsError(f"the S3 endpoint {endpoint_url!r} is no URL of a server: {remedy}")
