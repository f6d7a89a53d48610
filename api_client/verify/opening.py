"""Opening media files for verification: nothing of the product's own reading is used here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer

from api_client.errors import MediaError


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """The file, closed afterwards. Raises `MediaError` where it cannot be read.

    A name with a colon is no URL, and a playlist may name nothing elsewhere: only local files are read.
    """
    with media_errors(path):
        container = av.open(
            str(path.absolute()), container_options={"protocol_whitelist": "file"}, metadata_errors="replace"
        )
    with container:
        yield container


@contextmanager
def media_errors(path: Path) -> Iterator[None]:
    """Translate what PyAV and the system raise about a file to a `MediaError` that names it."""
    try:
        yield
    except FileNotFoundError:
        raise MediaError(f"{str(path)!r} does not exist; check the path") from None
    except (av.error.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MediaError(f"{str(path)!r} cannot be read ({reason}); check that it plays") from error
