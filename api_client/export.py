"""Exporting: the log of a finished job in another format, from what is stored of it alone."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from api_client.contract import JobSpec
from api_client.contract.export_names import EXPORT_NAMES, NEEDS_TRACKS
from api_client.contract.marker import JobResult
from api_client.errors import SettingsError
from api_client.finished_job import LOG, TRACKS, fetched_result_file
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


def export_log(files: JobFiles, formats: Iterable[str], directory: Path) -> list[Path]:
    """Write a finished job's log in these formats; each file appears complete or not at all.

    Raises `SettingsError` for an unknown format, `JobFailedError` where there is no result (yet),
    `IntegrityError` where what is stored is damaged or of an older version.
    """
    checked_exports(formats, tracks=True)
    job = files.manifest().job
    wanted = checked_exports(formats, tracks=job.tracks)
    result = files.successful_result()
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".exporting-") as partial:
        written = _export(files, job, result, wanted, Path(partial))
        return [path.replace(directory / path.name) for path in written]


def _export(
    files: JobFiles, job: JobSpec, result: JobResult, formats: tuple[str, ...], directory: Path
) -> list[Path]:
    # loaded here: pyarrow takes longer to load than most commands to run
    from api_client.log.exports import ExportedJob, write_exports
    from api_client.log.frames import frames_of
    from api_client.log.merged import read_merged

    stored = directory / "stored"
    stored.mkdir()
    log = read_merged(fetched_result_file(files, result, LOG, stored))
    exported = ExportedJob(
        manifest=files.manifest(),
        description=log.description,
        last_frames=dict(_last_frames(files, result, stored)) if job.tracks else {},
    )
    frames = frames_of(exported.manifest, result.gaps, log.boxes())
    return write_exports(frames, formats, directory, exported)


def _last_frames(files: JobFiles, result: JobResult, directory: Path) -> Iterator[tuple[int, int]]:
    from api_client.log.tracks.table import read_tracks

    for track in read_tracks(fetched_result_file(files, result, TRACKS, directory)):
        yield track["tracker_id"], track["last_frame"]
