"""Zones and lines over a finished job."""

from pathlib import Path

from api_client.derived_place import new_directory
from api_client.errors import SettingsError
from api_client.finished_job import FinishedJob, finished_job
from api_client.job_files import JobFiles
from api_client.zones.asked import Shapes, check_inside
from api_client.zones.counted import Counted, count
from api_client.zones.tables import write_tables


def count_zones(files: JobFiles, shapes: Shapes, directory: Path | None) -> tuple[Counted, list[Path]]:
    """Count a finished job's tracks in zones and over lines; return that, and the files written.

    directory: None for `NAME-zones` here, numbered where that is taken; never one in which anything lies.
    Raises `SettingsError` for a zone outside of the frame or a job whose objects were not followed.
    """
    if not shapes:
        raise SettingsError("name a zone or a line: --zone door=10,20,300,400, --line in=0,200,640,200")
    with finished_job(files) as job:
        counted = counted_in(job, shapes)
        with new_directory(job.manifest.source.file_name, "zones", directory) as made:
            written = write_tables(counted, made.partial)
        return counted, [made.place / path.name for path in written]


def counted_in(job: FinishedJob, shapes: Shapes) -> Counted:
    """Count. Raises as `count_zones`."""
    check_inside(shapes, job.manifest.video)
    if not job.manifest.job.tracks:
        raise SettingsError(
            f"the objects of job {job.files.job_id} were not followed, so nobody knows who enters: "
            f"`client track {job.files.job_id}` follows them"
        )
    return count(job.frames(), shapes)
