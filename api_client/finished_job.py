"""A finished job, read back from what is stored of it: its frames, its tracks, its summary."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api_client.contract import Manifest, keys
from api_client.contract.digest import file_sha256
from api_client.contract.marker import JobResult, StoredFile
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
    results: Path | None = None
    """Where its results lie already, if anywhere: what is whole there is not downloaded again."""

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

    def video(self) -> Path | None:
        """The annotated video; None where the job made none."""
        names = (file.name for file in self.result.files)
        name = next((name for name in names if name.startswith("annotated.")), None)
        return None if name is None else self._fetched(name)

    def _fetched(self, name: str) -> Path:
        path = self.directory / name
        return path if path.exists() else self._beside(name) or self._downloaded(name)

    def _beside(self, name: str) -> Path | None:
        path = self.results and self.results / name
        is_whole = path and path.is_file() and file_sha256(path) == self._stored(name).sha256
        return path if is_whole else None

    def _downloaded(self, name: str) -> Path:
        """Download one file of the result, checked; raise `IntegrityError` where it is missing or damaged."""
        path, key = self.directory / name, keys.result(self.files.job_id, name)
        if not download_checked(self.files.store, key, path, self._stored(name)):
            raise IntegrityError(
                f"{name} of job {self.files.job_id} is damaged in {self.files.store.url}: "
                f"`client resume {self.files.job_id}` puts it together again"
            )
        return path

    def _stored(self, name: str) -> StoredFile:
        """Raise `IntegrityError` where the job has no such file."""
        stored = next((file for file in self.result.files if file.name == name), None)
        if stored is None:
            raise IntegrityError(
                f"job {self.files.job_id} is of an older version, without {name}: submit it again"
            )
        return stored


@contextmanager
def finished_job(files: JobFiles, *, results: Path | None = None) -> Iterator[FinishedJob]:
    """Open a finished job.

    results: a directory its results were fetched to.
    Raises `JobNotFoundError`, and `JobFailedError` where there is no result (yet).
    """
    manifest, result = files.manifest(), files.successful_result()
    with scratch_directory("finished") as directory:
        yield FinishedJob(files=files, manifest=manifest, result=result, directory=directory, results=results)
