"""Fetching: the results of a job, beside the video or wherever the user wants them."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from api_client.contract import JobResult, keys
from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError, JobFailedError
from api_client.job_files import JobFiles
from api_client.printable import shortened


@dataclass(frozen=True, kw_only=True)
class FetchedResult:
    """A job's results on disk."""

    directory: Path
    video_path: Path
    """The annotated video, named after the source."""
    result: JobResult


def fetch_result(files: JobFiles, directory: Path) -> FetchedResult:
    """Download everything; each file appears complete or not at all, `job.json` last.

    Raises `JobFailedError` where there is no result (yet), `IntegrityError` where bytes differ from
    what the reducer stored.
    """
    manifest = files.manifest()
    result = files.result()
    if result is None:
        raise JobFailedError(
            f"job {files.job_id} has no result yet: `client watch {files.job_id}` waits for it"
        )
    if result.state == "failed":
        raise JobFailedError(f"job {files.job_id} failed: {result.reason}")
    directory.mkdir(parents=True, exist_ok=True)
    stem = shortened(Path(manifest.source.file_name).stem)
    video_path = directory
    for stored in result.files:
        is_video = stored.name.startswith("annotated.")
        name = f"{stem}-{stored.name}" if is_video else stored.name
        _download(files, stored.name, stored.sha256, directory / name)
        video_path = directory / name if is_video else video_path
    (directory / "job.json").write_bytes(result.to_bytes())
    return FetchedResult(directory=directory, video_path=video_path, result=result)


def _download(files: JobFiles, name: str, sha256: str, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetching-") as directory:
        partial = Path(directory, name)
        files.store.get_file(keys.result(files.job_id, name), partial)
        if file_sha256(partial) != sha256:
            raise IntegrityError(
                f"{name} of job {files.job_id} is damaged in {files.store.url}: submit the video again"
            )
        partial.replace(path)
