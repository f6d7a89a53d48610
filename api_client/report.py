"""The report of a finished job: a page beside its results."""

import json
from pathlib import Path
from typing import Literal

from api_client.contract.ids import JobId
from api_client.fetch import fetch_result
from api_client.fetched import ANNOTATED
from api_client.finished_job import FinishedJob, finished_job
from api_client.job_files import JobFiles
from api_client.results_place import CLAIM, fitting_stem, free_directory, job_of
from api_client.waiting import NO_RETRIES, Retries
from api_client.zones.asked import NO_SHAPES, Shapes, shapes_drawn

REPORT = "report.html"
Looks = Literal["all", "few"]
"""Whether every object gets its picture, or as many as a bounded effort allows."""


def report_job(
    files: JobFiles,
    directory: Path | None,
    *,
    looks: Looks = "all",
    shapes: Shapes | None = None,
    retries: Retries = NO_RETRIES,
) -> Path:
    """Write `report.html` beside the job's results, which are fetched where they are not there yet.

    directory: None for `NAME-horatio` here, numbered where that is taken.
    looks: with "few" the time is bounded however long the video is, but for reading its log.
    shapes: zones and lines that are shown and counted; None for those of the job's rendering.
    Raises as `fetch_result` does, and `SettingsError` for zones outside of the frame.
    """
    source_name = retries.call(files.manifest).source.file_name
    place = _with_results(files, directory, source_name, retries)
    retries.call(lambda: _write_report(files, place, looks, shapes))
    return place / REPORT


def _write_report(files: JobFiles, place: Path, looks: Looks, shapes: Shapes | None) -> None:
    with finished_job(files, results=place) as job:
        if job.manifest.footage.pictures:
            _write_of_pictures(job, place)
        else:
            _write(job, place, looks, shapes)


def _write(job: FinishedJob, place: Path, looks: Looks, asked: Shapes | None) -> None:
    # loaded here: pyarrow takes longer to load than most commands to run
    from api_client.best_looks import BRIEF, UNLIMITED, best_looks
    from api_client.log.report import write_report
    from api_client.zones.job import counted_in

    shapes = shapes_drawn(job.manifest.job.rendering) if asked is None else asked
    if asked is None and not job.manifest.job.tracks:
        shapes = NO_SHAPES  # drawn they are; there is nobody to count
    write_report(
        place / REPORT,
        manifest=job.manifest,
        frames=job.frames(),
        tracks=job.tracks(),
        summary=job.summary(),
        crops=best_looks(job, UNLIMITED if looks == "all" else BRIEF),
        video_name=_video_in(place),
        gaps=job.result.gaps,
        notes=job.result.notes,
        provenance=job.result.provenance,
        zones=counted_in(job, shapes) if shapes else None,
    )


def _write_of_pictures(job: FinishedJob, place: Path) -> None:
    from api_client.log.report import write_picture_report

    there = {picture.name for picture in job.result.pictures}
    names = (picture.name for picture in job.manifest.footage.pictures)
    drawn = ((name, next((one for one in (name, f"{name}.jpg") if one in there), None)) for name in names)
    write_picture_report(
        place / REPORT,
        manifest=job.manifest,
        frames=job.frames(),
        summary=job.summary(),
        annotated={name: f"{ANNOTATED}/{one}" for name, one in drawn if one is not None},
        gaps=job.result.gaps,
        notes=job.result.notes,
        provenance=job.result.provenance,
    )


def _with_results(files: JobFiles, directory: Path | None, source_name: str, retries: Retries) -> Path:
    if directory is None:
        wanted = Path(f"{fitting_stem(source_name, Path())}-horatio")
        directory = free_directory(wanted, job_id=files.job_id)
    if _holds_results(directory, files.job_id):
        return directory
    return fetch_result(files, directory, retries=retries).directory


def _holds_results(directory: Path, job_id: JobId) -> bool:
    return job_of(directory) == job_id and not (directory / CLAIM).exists()


def _video_in(directory: Path) -> str | None:
    """The annotated video's name, by which it lies beside the page: `job.json` has it as it was fetched."""
    files = json.loads((directory / "job.json").read_bytes())["files"]
    names = (Path(file["name"]).name for file in files)
    return next((name for name in names if "-annotated." in name and (directory / name).exists()), None)
