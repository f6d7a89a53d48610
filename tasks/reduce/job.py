"""Reducing a job: check that everything is there, put it together, write the result marker last."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from api_client.contract import JobResult, Manifest, keys
from api_client.contract.marker import StoredFile
from api_client.job_files import JobFiles
from api_client.scratch import scratch_directory
from tasks.reduce.chunk_outputs import FinishedChunk, finished_chunks
from tasks.reduce.gaps import gaps_of
from tasks.reduce.log import merge_logs
from tasks.reduce.provenance import provenance
from tasks.reduce.video import assemble_video


def reduce_job(
    files: JobFiles, manifest: Manifest, *, heartbeat: Callable[[], None] = lambda: None
) -> JobResult:
    """Write everything below `result/`, `job.json` last. Doing it twice gives the same files.

    heartbeat: called now and then; may raise to end the work.
    Raises `DamagedOutputError` where a chunk's marker or output is missing or damaged.
    """
    chunks = finished_chunks(files, manifest)
    if not any(chunk.is_done for chunk in chunks):
        return fail_job(files, manifest, f"no chunk could be processed: {chunks[0].marker.reason}", chunks)
    with scratch_directory("reduce") as directory:
        return _reduce(files, manifest, chunks, directory, heartbeat)


def fail_job(
    files: JobFiles, manifest: Manifest, reason: str, chunks: list[FinishedChunk] | None = None
) -> JobResult:
    """End the job without a result."""
    result = JobResult(
        state="failed",
        job_id=manifest.job_id,
        created_at=manifest.created_at,
        finished_at=datetime.now(UTC),
        files=(),
        frame_count=manifest.video.frame_count,
        detection_count=0,
        reason=reason,
        provenance=provenance(manifest, chunks or []),
    )
    files.store.put(keys.job_done(files.job_id), result.to_bytes())
    return result


def _reduce(
    files: JobFiles,
    manifest: Manifest,
    chunks: list[FinishedChunk],
    directory: Path,
    heartbeat: Callable[[], None],
) -> JobResult:
    gaps = gaps_of(chunks)
    summary = merge_logs(files, manifest, chunks, gaps, directory)
    assert summary.frames == manifest.video.frame_count
    heartbeat()
    video, notes = assemble_video(files, manifest, chunks, directory)
    heartbeat()
    names = ("detections.parquet", "detections.jsonl", "detections.txt", "summary.json", video.name)
    for name in names:
        files.store.put_file(keys.result(files.job_id, name), directory / name)
    result = JobResult(
        state="completed_with_gaps" if gaps else "completed",
        job_id=manifest.job_id,
        created_at=manifest.created_at,
        finished_at=datetime.now(UTC),
        files=tuple(StoredFile.of(directory / name) for name in names),
        frame_count=summary.frames,
        detection_count=summary.detections,
        gaps=gaps,
        notes=(*manifest.notes, *notes),
        provenance=provenance(manifest, chunks),
    )
    files.store.put(keys.job_done(files.job_id), result.to_bytes())
    return result
