"""The render task: what the log says of one part, drawn into its frames."""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.contract import ChunkMarker, Stage, TrackMarker, keys
from api_client.contract.ids import JobId
from api_client.contract.marker import StoredFile
from api_client.job_files import JobFiles
from api_client.queue.items import TASKS, Item
from api_client.store.checked_download import download_whole
from tasks.app import app
from tasks.damage import DamagedOutputError, LogAbsentError
from tasks.delivered import attempt_delivered
from tasks.part_step import PartAttempt, PartStep
from tasks.processors import processors
from tasks.work import RenderWork
from tasks.worker_name import worker_name

if TYPE_CHECKING:
    from celery import Task


@app.task(name=TASKS[Stage.RENDER], bind=True)
def render_part(self: "Task", *, job_id: JobId, index: int) -> None:
    """Draw one part. Delivered at least once; its result is stored exactly once."""
    step_of = partial(PartStep, work=render)
    attempt_delivered(self, Stage.RENDER, step_of, job_id=job_id, index=index)


def render(attempt: PartAttempt) -> ChunkMarker:
    """Draw and encode a part's frames."""
    started = time.perf_counter()
    log_files = attempt.job.connections.files(attempt.job.manifest.log_job_id)
    tracked = log_of(log_files)
    rows = _fetch_rows(log_files, tracked, attempt)
    video_path = attempt.fetch_part()
    fetch_seconds = time.perf_counter() - started
    output = processors().render(
        RenderWork(
            manifest=attempt.job.manifest,
            chunk=attempt.chunk,
            video_path=video_path,
            rows=rows,
            gaps=tracked.gaps,
            output_dir=attempt.output_dir,
            heartbeat=attempt.heartbeat,
        )
    )
    return ChunkMarker(
        outcome="done",
        unreadable_frames=output.unreadable_frames,
        attempts=attempt.attempts,
        worker=worker_name(),
        seconds_by_stage={"fetch": fetch_seconds, **output.seconds_by_stage},
    )


def log_of(files: JobFiles) -> TrackMarker:
    """Return what `track` wrote; raise `LogAbsentError` where it has to be done (again)."""
    tracked = files.tracked()
    if tracked is None:
        raise LogAbsentError(
            f"the log of job {files.job_id} is not there", files.job_id, Item(stage=Stage.TRACK)
        )
    return tracked


def _fetch_rows(files: JobFiles, tracked: TrackMarker, attempt: PartAttempt) -> dict[int, Path]:
    """Part → its rows: of this part and, where frames depend on those around them, of its neighbours."""
    manifest, frames = attempt.job.manifest, attempt.chunk.frame_indices
    first, last = frames[0] - manifest.margin_frames, frames[-1] + manifest.margin_frames
    near = (
        chunk for chunk in manifest.chunks if chunk.first_frame <= last and chunk.frame_indices[-1] >= first
    )
    wanted = {f"{chunk.index:06d}.parquet": chunk.index for chunk in near}
    return {
        wanted[stored.name]: _fetched(files, wanted[stored.name], stored, attempt.directory)
        for stored in tracked.rows
        if stored.name in wanted
    }


def _fetched(files: JobFiles, part: int, stored: StoredFile, directory: Path) -> Path:
    path = directory / f"rows-{part:06d}.parquet"
    if not download_whole(files.store, keys.part_rows(files.job_id, part), path, stored):
        raise DamagedOutputError(
            f"what is to be drawn in chunk {part} is gone or damaged in the store",
            files.job_id,
            Item(stage=Stage.TRACK),
        )
    return path
