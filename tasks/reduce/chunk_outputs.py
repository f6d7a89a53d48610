"""Reading back what the workers wrote, checked against their markers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from api_client.contract import ChunkMarker, ChunkSpec, Manifest, keys
from api_client.errors import IntegrityError, ObjectNotFoundError
from api_client.job_files import JobFiles
from api_client.store.checked_download import download_checked


class DamagedOutputError(IntegrityError):
    """What a worker stored is not there any more, or not as it was stored: the chunk is to be done again."""

    def __init__(self, message: str, chunk_index: int) -> None:
        super().__init__(message)
        self.chunk_index = chunk_index

    def __reduce__(self) -> tuple[type[Self], tuple[str, int]]:
        return type(self), (str(self), self.chunk_index)


@dataclass(frozen=True, kw_only=True)
class FinishedChunk:
    """A chunk and how it ended."""

    chunk: ChunkSpec
    marker: ChunkMarker

    @property
    def is_done(self) -> bool:
        """Whether a detector looked at it."""
        return self.marker.outcome == "done"


def used_threshold(manifest: Manifest, chunks: list[FinishedChunk]) -> float | None:
    """Return the lowest confidence kept; None where the detector chose it and no chunk was looked at."""
    asked = manifest.job.threshold
    return asked if asked is not None else next(filter(None, (c.marker.threshold for c in chunks)), None)


def finished_chunks(files: JobFiles, manifest: Manifest) -> list[FinishedChunk]:
    """Return every chunk with its marker, in order; raise `DamagedOutputError` where one is missing."""
    return [FinishedChunk(chunk=chunk, marker=_marker(files, chunk.index)) for chunk in manifest.chunks]


def _marker(files: JobFiles, index: int) -> ChunkMarker:
    marker = files.chunk_marker(index)
    if marker is None:
        raise DamagedOutputError(f"the marker of chunk {index} cannot be read", index)
    return marker


def fetch_output(files: JobFiles, finished: FinishedChunk, name: str, directory: Path) -> Path:
    """Download one output of a done chunk; raise `DamagedOutputError` where it is not the marker's."""
    index = finished.chunk.index
    expected = next((file.sha256 for file in finished.marker.files if file.name == name), None)
    path = directory / f"{index:06d}-{name}"
    try:
        is_whole = download_checked(files.store, keys.chunk_output(files.job_id, index, name), path, expected)
    except ObjectNotFoundError:
        raise DamagedOutputError(f"{name} of chunk {index} is gone from the store", index) from None
    if not is_whole:
        raise DamagedOutputError(f"{name} of chunk {index} is damaged in the store", index)
    return path


def fetched_one_by_one(
    files: JobFiles, chunks: list[FinishedChunk], name: str, directory: Path
) -> Iterator[tuple[FinishedChunk, Path | None]]:
    """Yield each chunk with the named output, or None where it was given up; one on disk at a time."""
    for finished in chunks:
        path = fetch_output(files, finished, name, directory) if finished.is_done else None
        yield finished, path
        if path is not None:
            path.unlink(missing_ok=True)
