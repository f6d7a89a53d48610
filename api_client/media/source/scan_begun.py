"""Reading a file while that is loaded which asks for it."""

from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from api_client.loading import loading
from api_client.media.source.film_head import HEAD_BYTES, begins_as_film

if TYPE_CHECKING:
    from api_client.media.source.scan import Scan


def scan_begun(path: Path, stream: int | None) -> "Future[Scan] | None":
    """Begin to read a film in a thread; None where the file does not begin as one.

    Whoever asks for the result waits for it, and is told then what went wrong. Where nobody asks, nothing is
    told, and the thread ends with the process.
    """
    try:
        if not path.is_file() or not begins_as_film(_head(path)):
            return None
    except OSError:
        return None
    begun: Future[Scan] = Future()
    Thread(target=_scan, args=(begun, path, stream), name="scanning", daemon=True).start()
    return begun


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _scan(begun: "Future[Scan]", path: Path, stream: int | None) -> None:
    try:
        with loading():
            from api_client.media.source.scan import scanned  # deferred: FFmpeg's libraries, NumPy
        begun.set_result(scanned(path, stream=stream))
    except Exception as error:  # noqa: BLE001  # raised again where the result is asked for
        begun.set_exception(error)
