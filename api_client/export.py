"""Exporting: the log of a finished job in another format, from what is stored of it alone."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from api_client.contract.export_names import EXPORT_NAMES, NEEDS_TIME, NEEDS_TRACKS
from api_client.errors import SettingsError
from api_client.finished_job import FinishedJob, finished_job
from api_client.job_files import JobFiles


def checked_exports(names: Iterable[str], *, tracks: bool) -> tuple[str, ...]:
    """Return the names of formats, each once; raise `SettingsError` for one that cannot be written.

    tracks: whether the job follows objects.
    """
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        raise SettingsError(f"no format is named: there are {', '.join(EXPORT_NAMES)}")
    for name in wanted:
        if name not in EXPORT_NAMES:
            raise SettingsError(f"there is no format {name!r}: there are {', '.join(EXPORT_NAMES)}")
        if name in NEEDS_TRACKS and not tracks:
            raise SettingsError(f"the format {name!r} holds tracks alone: submit the job without --no-tracks")
    return wanted


def check_exports_of_pictures(names: Iterable[str]) -> None:
    """Raise `SettingsError` for a format that tells of a video."""
    for name in names:
        if name in NEEDS_TIME:
            fitting = ", ".join(other for other in EXPORT_NAMES if other not in NEEDS_TIME)
            raise SettingsError(f"the format {name!r} tells of a video: for pictures there are {fitting}")


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
