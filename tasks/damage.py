"""What workers stored and is not there any more, or not as it was stored."""

from pathlib import Path
from typing import Self

from api_client.contract import keys
from api_client.contract.ids import JobId
from api_client.contract.marker import ChunkMarker
from api_client.errors import IntegrityError, ObjectNotFoundError
from api_client.job_files import JobFiles
from api_client.queue.items import Item
from api_client.store.checked_download import download_checked


class DamagedOutputError(IntegrityError):
    """An item's outputs are gone or are others: it is to be done again."""

    def __init__(self, message: str, job_id: JobId, item: Item) -> None:
        super().__init__(message)
        self.job_id = job_id
        self.item = item

    def __reduce__(self) -> tuple[type[Self], tuple[str, JobId, Item]]:
        return type(self), (str(self), self.job_id, self.item)


class AbsentError(DamagedOutputError):
    """Nothing is there: it was never made, or somebody has it made again."""


class LogAbsentError(AbsentError):
    """The log is not there."""


class EmbeddingsAbsentError(AbsentError):
    """The embeddings of the words are not there."""


def part_marker(files: JobFiles, item: Item) -> ChunkMarker:
    """Return how a part ended; raise `DamagedOutputError` where nothing says so."""
    assert item.index is not None
    marker = files.part_marker(item.stage, item.index)
    if marker is None:
        raise DamagedOutputError(f"the marker of chunk {item.index} cannot be read", files.job_id, item)
    return marker


def fetch_output(files: JobFiles, item: Item, marker: ChunkMarker, name: str, directory: Path) -> Path:
    """Download one output of a done part; raise `DamagedOutputError` where it is not the marker's."""
    assert item.index is not None
    expected = next((file for file in marker.files if file.name == name), None)
    path = directory / f"{item.index:06d}-{name}"
    key = keys.part_output(files.job_id, item.stage, item.index, name)
    what = f"{name} of chunk {item.index}"
    try:
        is_whole = expected is not None and download_checked(files.store, key, path, expected)
    except ObjectNotFoundError:
        raise DamagedOutputError(f"{what} is gone from the store", files.job_id, item) from None
    if not is_whole:
        raise DamagedOutputError(f"{what} is damaged in the store", files.job_id, item)
    return path
