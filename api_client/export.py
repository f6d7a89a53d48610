"""Exporting: the log of a finished job in another format, from what is stored of it alone."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from api_client.asked_exports import check_exports_of_pictures, checked_exports
from api_client.finished_job import FinishedJob, finished_job
from api_client.job_files import JobFiles


def export_log(files: JobFiles, formats: Iterable[str], directory: Path) -> list[Path]:
    """Write a finished job's log in these formats; each file appears complete or not at all.

    Raises `SettingsError` for an unknown format, `JobFailedError` where there is no result (yet),
    `IntegrityError` where what is stored is damaged or of an older version.
    """
    checked_exports(formats, tracks=True)
    with finished_job(files) as job:
        if job.manifest.footage.pictures:
            check_exports_of_pictures(formats)
        wanted = checked_exports(formats, tracks=job.manifest.job.tracks)
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory, prefix=".exporting-") as partial:
            written = _export(job, wanted, Path(partial))
            return [path.replace(directory / path.name) for path in written]


def _export(job: FinishedJob, formats: tuple[str, ...], directory: Path) -> list[Path]:
    from api_client.log.exports import ExportedJob, write_exports  # deferred: as in `finished_job`

    exported = ExportedJob(
        manifest=job.manifest,
        description=job.log().description,
        last_frames={track["tracker_id"]: track["last_frame"] for track in job.tracks()},
    )
    return write_exports(job.frames(), formats, directory, exported)
