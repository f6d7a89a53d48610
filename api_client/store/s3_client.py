"""boto3's client, as every S3 server understands it, one for each process."""

import os
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig
from boto3.session import Session
from botocore.config import Config

from api_client.store.s3_settings import S3Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_MIB = 1 << 20

TRANSFER = TransferConfig(
    multipart_threshold=32 * _MIB,
    multipart_chunksize=16 * _MIB,
    max_concurrency=4,
    preferred_transfer_client="classic",  # the CRT client takes all cores, and the worker needs them
)


class S3ClientOfProcess:
    """Makes a client on first use and again after a fork: connections must not be shared by processes."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._made: tuple[int, S3Client] | None = None

    def get(self) -> "S3Client":
        """Return this process's client. Two threads may make one each at first, which does no harm."""
        made = self._made
        if made is None or made[0] != os.getpid():
            made = self._made = (os.getpid(), _make_client(self._settings))
        return made[1]


def _make_client(settings: S3Settings) -> "S3Client":
    # a session of its own: boto3's default one is not safe to use from several threads
    return Session().client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name=settings.region,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": settings.attempts},
            connect_timeout=10,
            read_timeout=60,
            tcp_keepalive=True,
            max_pool_connections=32,
            s3={"addressing_style": "auto" if settings.endpoint_url is None else "path"},
            # since 1.36 boto3 sends CRC32 trailers, which other servers reject
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
