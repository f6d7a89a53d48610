"""The official checkpoints: downloaded once, checked at every use."""

import fcntl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from api_client.contract.digest import file_sha256
from workers.detectors.errors import WeightsError

BytesProgress = Callable[[int, int], None]
"""Called with (bytes there, bytes in all)."""

TIMEOUT_SECONDS = 30
BLOCK_BYTES = 1 << 20
PARTIAL_CONTENT = 206
RANGE_NOT_SATISFIABLE = 416


def default_cache() -> Path:
    """Where checkpoints are kept unless somebody says otherwise."""
    return Path.home() / ".cache" / "horatio" / "weights"


def cached_checkpoint(url: str, cache: Path, *, progress: BytesProgress | None = None) -> Path:
    """Return the file of that URL in the cache, downloading it where it is not there.

    An interrupted download goes on where it stopped; the file appears under its name only when complete.
    Processes that share a cache wait for each other. Its sha256 is recorded beside it at the first use and
    compared at every later one. Raises `WeightsError` where it cannot be had, or is not what was recorded.
    """
    path = cache / url.rpartition("/")[2]
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f"{path.name}.lock"):
            if not path.exists():
                _download(url, path, progress)
            _check_recorded_digest(path)
    except (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError) as error:
        reason = getattr(error, "reason", None) or error
        raise WeightsError(
            f"cannot download {url} ({reason}): put it at {path}, or submit with --weights FILE"
        ) from error
    except OSError as error:
        raise WeightsError(f"cannot keep weights in {cache}: {error.strerror or error}") from error
    return path


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _download(url: str, path: Path, progress: BytesProgress | None) -> None:
    part = path.with_name(f"{path.name}.part")
    start = part.stat().st_size if part.exists() else 0
    try:
        response = _open_from(url, start)
    except urllib.error.HTTPError as error:
        if error.code != RANGE_NOT_SATISFIABLE or not start:
            raise
        part.unlink()  # nothing is left to send after what is there: whether that is the file nobody knows
        response = _open_from(url, 0)
    with response:
        _receive(response, part, start if response.status == PARTIAL_CONTENT else 0, progress)
    part.replace(path)


def _receive(response: HTTPResponse, part: Path, there: int, progress: BytesProgress | None) -> None:
    """Write what comes behind the bytes that are there; raise `ConnectionError` where it ends too early."""
    total = there + int(response.headers.get("Content-Length", 0))
    with part.open("ab" if there else "wb") as file:
        while block := response.read(BLOCK_BYTES):
            file.write(block)
            there += len(block)
            if progress is not None:
                progress(there, total)
    if there < total:
        raise ConnectionError(f"the connection ended after {there} of {total} bytes")


def _open_from(url: str, start: int) -> HTTPResponse:
    headers = {"Range": f"bytes={start}-"} if start else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  (the URL is ours, https)
    response: HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310
    return response


def _check_recorded_digest(path: Path) -> None:
    record = path.with_name(f"{path.name}.sha256")
    digest = file_sha256(path)
    if not record.exists():
        record.write_text(digest + "\n")
    elif (recorded := record.read_text().strip()) != digest:
        raise WeightsError(
            f"{path} has changed since its first use: its sha256 is {digest}, recorded was {recorded}; "
            f"delete it and {record.name} to download it again"
        )
