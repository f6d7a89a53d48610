"""How a job ends: `job.json`, written last of all."""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from api_client.contract import JobResult, TrackMarker, keys
from api_client.contract.marker import AskedRegions, StoredFile
from api_client.contract.picture import PictureFile
from tasks.job import Job
from tasks.log.provenance import question_asked

logger = logging.getLogger(__name__)


def conclude(
    job: Job,
    tracked: TrackMarker,
    *,
    video: Path | None = None,
    pictures: tuple[PictureFile, ...] = (),
    notes: tuple[str, ...] = (),
    lacks_pictures: bool = False,
    seconds: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """Store the video, if there is one, and end the job with its result.

    video: or the pack of annotated pictures; pictures: what is in that.
    notes: what had to be done differently, for people. lacks_pictures: the video, or a part of it, could not
    be made. seconds: busy time of what came after the log.
    """
    own_log = job.manifest.document.log_of is None
    if video is not None:
        job.files.store.put_file(keys.result(job.job_id, video.name), video)
    spent = Counter(_seconds(tracked))
    spent.update(seconds)  # adds: both stages by part fetch, decode and put
    result = JobResult(
        state="completed_with_gaps" if tracked.gaps or lacks_pictures else "completed",
        job_id=job.job_id,
        created_at=job.manifest.created_at,
        finished_at=datetime.now(UTC),
        files=(*(tracked.files if own_log else ()), *([StoredFile.of(video)] if video else [])),
        pictures=pictures,
        frame_count=job.manifest.video.frame_count,
        detection_count=tracked.detection_count,
        gaps=tracked.gaps,
        notes=(*job.manifest.notes, *_of_regions(tracked), *tracked.notes, *notes),
        provenance={
            **tracked.provenance,
            **question_asked(job.manifest),
            "seconds_by_stage": {step: round(busy, 3) for step, busy in spent.items()},
        },
    )
    job.files.store.put(keys.job_done(job.job_id), result.to_bytes())
    logger.info("job %s: %s: %d detections", job.job_id, result.state, result.detection_count)


def fail_job(job: Job, reason: str) -> None:
    """End the job without a result."""
    result = JobResult(
        state="failed",
        job_id=job.job_id,
        created_at=job.manifest.created_at,
        finished_at=datetime.now(UTC),
        files=(),
        frame_count=job.manifest.video.frame_count,
        detection_count=0,
        reason=reason,
        provenance=question_asked(job.manifest),
    )
    job.files.store.put(keys.job_done(job.job_id), result.to_bytes())


def _of_regions(tracked: TrackMarker) -> tuple[str, ...]:
    """How sparse what was asked was, where it was regions that another job kept."""
    asked, asked_job = tracked.provenance.get("asked_regions"), tracked.provenance.get("regions_of")
    if asked is None:
        return ()
    regions = AskedRegions.model_validate(asked)
    return (
        f"answered from the regions that job {asked_job} kept: at most {regions.most_regions} a frame, "
        f"what they look like {regions.looks_per_second:g} times a second, complete down to the threshold "
        f"{regions.lowest_threshold:g}",
    )


def _seconds(tracked: TrackMarker) -> dict[str, float]:
    spent = tracked.provenance.get("seconds_by_stage")
    return spent if isinstance(spent, dict) else {}
