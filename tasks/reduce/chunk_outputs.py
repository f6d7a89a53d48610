"""Reading back what the workers wrote, checked against their markers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api_client.contract import ChunkMarker, ChunkSpec, Manifest, keys
from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError
from api_client.job_files import JobFiles


@dataclass(frozen=True, kw_only=True)
class FinishedChunk:
    """A chunk and how it ended."""

    chunk: ChunkSpec
    marker: ChunkMarker

    @property
    def is_done(self) -> bool:
        """Whether a detector looked at it."""
        return self.marker.outcome == "done"


def finished_chunks(files: JobFiles, manifest: Manifest) -> list[FinishedChunk]:
    """Return every chunk with its marker, in order; raise `IntegrityError` where one is missing."""
    return [
        FinishedChunk(chunk=chunk, marker=_marker(files, chunk.index, len(manifest.chunks)))
        for chunk in manifest.chunks
    ]


def _marker(files: JobFiles, index: int, count: int) -> ChunkMarker:
    marker = files.chunk_marker(index)
    if marker is None:
        raise IntegrityError(f"chunk {index} of {count} of job {files.job_id} has not been finished")
    return marker


def fetch_output(files: JobFiles, finished: FinishedChunk, name: str, directory: Path) -> Path:
    """Download one output of a done chunk; raise `IntegrityError` where its bytes are not the marker's."""
    index = finished.chunk.index
    expected = next(file for file in finished.marker.files if file.name == name)
    path = directory / f"{index:06d}-{name}"
    files.store.get_file(keys.chunk_output(files.job_id, index, name), path)
    if file_sha256(path) != expected.sha256:
        raise IntegrityError(f"{name} of chunk {index} of job {files.job_id} is damaged in {files.store.url}")
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
