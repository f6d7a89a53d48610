"""An object store in an S3 bucket."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from botocore.exceptions import ClientError

from api_client.errors import StoreUnavailableError
from api_client.store.atomic_file import partial_file
from api_client.store.key_syntax import checked_key, checked_parent, checked_prefix, is_key, is_part
from api_client.store.os_errors import os_errors_translated
from api_client.store.protocol import MOST_BYTES_IN_MEMORY, ObjectInfo, larger_than_known, too_large
from api_client.store.s3_client import TRANSFER, S3ClientOfProcess
from api_client.store.s3_errors import s3_errors_translated
from api_client.store.s3_requests import code_of, delete_batch, put_on_condition
from api_client.store.s3_settings import S3Settings

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

_CONDITION_ATTEMPTS = 5
"""How often two writers of one key may meet before the server is said to be in trouble."""
_DOWNLOAD_ATTEMPTS = 3
"""boto3 repeats requests, but not the reading of a response that breaks off."""
_COPY_BYTES = 1 << 20

T = TypeVar("T")


class S3Store:
    """`ObjectStore` in a bucket, below a prefix. Nothing is contacted before the first use."""

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self.url = settings.url
        self._root = f"{settings.prefix}/" if settings.prefix else ""
        self._client_of_process = S3ClientOfProcess(settings)
        self._bucket_seen = False

    def __repr__(self) -> str:
        return f"S3Store({self.url!r} at {self.settings.server})"

    def get(self, key: str) -> bytes:
        """Return the whole object."""
        data = self._downloaded(key, _read_bounded)
        if len(data) > MOST_BYTES_IN_MEMORY:
            raise too_large(self.url, key)
        return data

    def get_file(self, key: str, path: Path, *, most_bytes: int | None = None) -> None:
        """Download to a path."""
        with os_errors_translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial_file(path.parent) as file:
                is_whole = self._downloaded(key, lambda body: _filled(file, body, most_bytes))
                if most_bytes is not None and not is_whole:
                    raise larger_than_known(self.url, key, most_bytes)
                file.flush()
                Path(file.name).replace(path)

    def put(self, key: str, data: bytes) -> None:
        """Write or replace."""
        name = self._name(key)
        with self._errors(key):
            self._client.put_object(Bucket=self.settings.bucket, Key=name, Body=data)

    def put_file(self, key: str, path: Path) -> None:
        """Upload a file, in several parts at once where it is large."""
        name = self._name(key)
        with os_errors_translated(path), path.open("rb") as file, self._errors(key):
            self._client.upload_fileobj(file, self.settings.bucket, name, Config=TRANSFER)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write unless present: decided by the server where it knows conditions, else by looking first."""
        if self.exists(key):  # also for servers that ignore the condition and would overwrite
            return False
        name = self._name(key)
        with self._errors(key):
            for _ in range(_CONDITION_ATTEMPTS):
                outcome = put_on_condition(self._client, self.settings.bucket, name, data)
                if outcome is not None:
                    return outcome
        raise StoreUnavailableError(f"{self.url}/{key} is written by others all the time: try again later")

    def exists(self, key: str) -> bool:
        """Whether an object is there now."""
        name = self._name(key)
        with self._errors(key):
            try:
                self._client.head_object(Bucket=self.settings.bucket, Key=name)
            except ClientError as error:
                if code_of(error) not in ("404", "NoSuchKey"):
                    raise
                self._check_bucket()
                return False
        return True

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the objects, a page of a thousand at a time."""
        return self._objects(checked_prefix(prefix))

    def list_prefixes(self, prefix: str) -> Iterator[str]:
        """Yield the names right below a prefix that lead to objects."""
        return self._names(checked_parent(prefix))

    def delete(self, key: str) -> None:
        """Delete if present."""
        name = self._name(key)
        with self._errors(key):
            self._client.delete_object(Bucket=self.settings.bucket, Key=name)

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object whose key begins with the prefix, a page at a time; return how many."""
        count = 0
        for page in self._pages(checked_prefix(prefix)):
            names = [entry["Key"] for entry in page.get("Contents", [])]
            with self._errors():
                delete_batch(self._client, self.settings.bucket, names)
            count += len(names)
        return count

    @property
    def _client(self) -> "S3Client":
        return self._client_of_process.get()

    def _name(self, key: str) -> str:
        return self._root + checked_key(key)

    def _errors(self, key: str = "") -> AbstractContextManager[None]:
        return s3_errors_translated(self.settings, key)

    def _downloaded(self, key: str, read: "Callable[[StreamingBody], T]") -> T:
        """Read one object, again from its beginning where the connection breaks; always of one version."""
        name = self._name(key)
        for attempt in range(1, _DOWNLOAD_ATTEMPTS + 1):
            with self._errors(key):
                body = self._client.get_object(Bucket=self.settings.bucket, Key=name)["Body"]
            try:
                with self._errors(key), closing(body):
                    return read(body)
            except StoreUnavailableError:
                if attempt == _DOWNLOAD_ATTEMPTS:
                    raise
        raise AssertionError("the loop returns or raises")

    def _check_bucket(self) -> None:
        """Raise where the bucket itself is missing: asked about an object, servers say 404 to both."""
        if not self._bucket_seen:
            self._client.head_bucket(Bucket=self.settings.bucket)
            self._bucket_seen = True

    def _objects(self, prefix: str) -> Iterator[ObjectInfo]:
        for page in self._pages(prefix):
            for entry in page.get("Contents", []):
                key = entry["Key"].removeprefix(self._root)
                if is_key(key):  # "folder/", which consoles leave, is none
                    yield ObjectInfo(
                        key=key,
                        size_bytes=entry["Size"],
                        modified_at=entry["LastModified"].astimezone(UTC),
                    )

    def _names(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix, delimiter="/"):
            for entry in page.get("CommonPrefixes", []):
                name = entry["Prefix"].removeprefix(self._root + prefix).removesuffix("/")
                if is_part(name) and self._holds_an_object(entry["Prefix"]):
                    yield name

    def _holds_an_object(self, name_prefix: str) -> bool:
        """Ask, since SeaweedFS goes on naming a prefix after its last object was deleted."""
        with self._errors():
            page = self._client.list_objects_v2(Bucket=self.settings.bucket, Prefix=name_prefix, MaxKeys=1)
        return bool(page.get("Contents"))

    def _pages(self, prefix: str, *, delimiter: str = "") -> "Iterator[ListObjectsV2OutputTypeDef]":
        with self._errors():
            paginator = self._client.get_paginator("list_objects_v2")
            pages = iter(
                paginator.paginate(
                    Bucket=self.settings.bucket, Prefix=self._root + prefix, Delimiter=delimiter
                )
            )
        while True:
            with self._errors():
                page = next(pages, None)
            if page is None:
                return
            yield page


def _read_bounded(body: "StreamingBody") -> bytes:
    """Read at most one byte too many; the second read lets boto3 see whether the response was whole."""
    data = body.read(MOST_BYTES_IN_MEMORY + 1)
    if len(data) <= MOST_BYTES_IN_MEMORY:
        data += body.read()
    return data


def _filled(file: BinaryIO, body: "StreamingBody", most_bytes: int | None) -> bool:
    """Write the object into the file; return whether that was all of it, or already too much."""
    file.seek(0)
    file.truncate()
    while data := body.read(_COPY_BYTES):
        file.write(data)
        if most_bytes is not None and file.tell() > most_bytes:
            return False
    return True
