"""A finished job, read back from what is stored of it: its frames, its tracks, its summary."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api_client.contract import Manifest, keys
from api_client.contract.marker import JobResult
from api_client.errors import IntegrityError
from api_client.job_files import JobFiles
from api_client.scratch import scratch_directory
from api_client.store.checked_download import download_checked

if TYPE_CHECKING:
    from api_client.log.frames import FrameRecord
    from api_client.log.merged import StoredLog

_LOG, _TRACKS, _SUMMARY = "detections.parquet", "tracks.parquet", "summary.json"


@dataclass(frozen=True, kw_only=True)
class FinishedJob:
    """What a job ended with. Its files lie in a directory that ends with `finished_job`."""

    files: JobFiles
    manifest: Manifest
    result: JobResult
    directory: Path
    """Where this job's stored files are downloaded to."""

    def log(self) -> "StoredLog":
        """The log of all boxes. Raises `IntegrityError` where it is damaged or of an older version."""
        from api_client.log.merged import read_merged  # deferred: pyarrow takes longer to load than most

        return read_merged(self._fetched(_LOG))

    def frames(self) -> "Iterator[FrameRecord]":
        """Yield every frame of the video once, in order, with its boxes."""
        from api_client.log.frames import frames_of

        return frames_of(self.manifest, self.result.gaps, self.log().boxes())

    def tracks(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of `tracks.parquet`; none where nothing was followed."""
        from api_client.log.tracks.table import read_tracks

        if self.manifest.job.tracks:
            yield from read_tracks(self._fetched(_TRACKS))

    def summary(self) -> dict[str, Any]:
        """`summary.json`."""
        summary: dict[str, Any] = json.loads(self._fetched(_SUMMARY).read_bytes())
        return summary

    def _fetched(self, name: str) -> Path:
        path = self.directory / name
        return path if path.exists() else _fetched(self.files, self.result, name, self.directory)


@contextmanager
def finished_job(files: JobFiles) -> Iterator[FinishedJob]:
    """Open a finished job.

    Raises `JobNotFoundError`, and `JobFailedError` where there is no result (yet).
    """
    manifest, result = files.manifest(), files.successful_result()
    with scratch_directory("finished") as directory:
        yield FinishedJob(files=files, manifest=manifest, result=result, directory=directory)


def _fetched(files: JobFiles, result: JobResult, name: str, directory: Path) -> Path:
    """Download one file of a result, checked; raise `IntegrityError` where it is missing or damaged."""
    expected = next((file for file in result.files if file.name == name), None)
    if expected is None:
        raise IntegrityError(f"job {files.job_id} is of an older version, without {name}: submit it again")
    if not download_checked(files.store, keys.result(files.job_id, name), directory / name, expected):
        raise IntegrityError(
            f"{name} of job {files.job_id} is damaged in {files.store.url}: "
            f"`client resume {files.job_id}` puts it together again"
        )
    return directory / name
