"""Jobs made of other jobs: the same detections followed anew, the same log told as another video."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from api_client.asked_exports import check_exports_of_pictures, checked_exports
from api_client.contract import JobDocument, JobSpec, Manifest, Rendering, TrackMarker
from api_client.contract.ids import JobId, new_job_id
from api_client.contract.thresholds import floor_of
from api_client.errors import JobFailedError, SettingsError
from api_client.job_files import JobFiles
from api_client.question import BOXES, check_threshold, checked_rendering
from api_client.zones.asked import check_inside, shapes_drawn


@dataclass(frozen=True, kw_only=True)
class Retracking:
    """What is to be another in a log made again."""

    threshold: float | None = None
    """None for that of the job."""
    exports: tuple[str, ...] = ()
    rendering: Rendering | None = BOXES
    """None for a log without a video."""


UNCHANGED = Retracking()


def rendered_again(files: JobFiles, rendering: Rendering) -> Manifest:
    """Return a job that tells a finished job's log as another video."""
    manifest, logged = _log_of(files)
    checked_rendering(rendering, manifest.job.vocabulary.labels)
    _check_is_told(rendering.threshold, manifest, _used(logged))
    check_inside(shapes_drawn(rendering), manifest.video)
    job = manifest.job.model_copy(update={"rendering": rendering, "exports": ()})
    return _derived(manifest, job, log_of=manifest.job_id)


def tracked_again(files: JobFiles, change: Retracking) -> Manifest:
    """Return a job that makes a finished job's log anew from what its workers logged."""
    manifest, logged = _log_of(files)
    _check_threshold(change.threshold, _used(logged), manifest.detect_job_id)
    check_inside(shapes_drawn(change.rendering), manifest.video)
    tracks = not manifest.footage.pictures
    if not tracks:
        check_exports_of_pictures(change.exports)
    job = manifest.job.model_copy(
        update={
            "threshold": manifest.job.threshold if change.threshold is None else change.threshold,
            "tracks": tracks,
            "exports": checked_exports(change.exports, tracks=tracks) if change.exports else (),
            "rendering": change.rendering,
        }
    )
    return _derived(manifest, job, detections_of=manifest.detect_job_id)


def log_files(files: JobFiles) -> JobFiles:
    """The job whose log this one tells: itself, unless it is a rendering of another."""
    log_job_id = files.manifest().log_job_id
    return files if log_job_id == files.job_id else JobFiles(files.store, log_job_id)


def _used(logged: TrackMarker) -> float:
    """The threshold a log was made with, for words that have none of their own."""
    used = logged.provenance.get("threshold")
    return used if isinstance(used, float) else 0.0


def _check_is_told(threshold: float | None, manifest: Manifest, used: float) -> None:
    _check_threshold(threshold, used, manifest.detect_job_id)
    told = min((used, *dict(manifest.job.vocabulary.thresholds).values()))
    if threshold is not None and threshold < told:
        raise SettingsError(
            f"the threshold {threshold:g} is below {told:g}, from where on the log of job "
            f"{manifest.job_id} tells: `client track {manifest.job_id} -t {threshold:g}` makes another, "
            "down to what was detected"
        )


def _check_threshold(threshold: float | None, used: float, job_id: JobId) -> None:
    check_threshold(threshold)
    if threshold is not None and threshold < floor_of(used):
        raise SettingsError(
            f"the threshold {threshold:g} is below what job {job_id} has logged, {floor_of(used):g}: "
            "submit the video again with that threshold"
        )


def _derived(manifest: Manifest, job: JobSpec, **of: JobId) -> Manifest:
    document = JobDocument(
        job_id=new_job_id(PurePath(manifest.source.file_name)),
        created_at=datetime.now(UTC),
        source=manifest.source,
        source_id=manifest.footage.source_id,
        job=job,
        **of,  # type: ignore[arg-type]  # one of two fields, both a job's id
    )
    return Manifest(document=document, footage=manifest.footage)


def _log_of(files: JobFiles) -> tuple[Manifest, TrackMarker]:
    """The job whose log this one tells, and the log. Raises `JobFailedError` where it is not there (yet)."""
    origin = log_files(files)
    tracked = origin.tracked()
    if tracked is None:
        raise JobFailedError(f"job {files.job_id} has no log yet: `client watch {files.job_id}` waits for it")
    return origin.manifest(), tracked
