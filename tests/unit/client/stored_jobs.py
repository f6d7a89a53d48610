"""Jobs in a store, as workers and reducer leave them, without any having run."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from api_client.contract import ChunkMarker, JobResult, Manifest, SourceSpec, Stage, keys
from api_client.contract.marker import Gap, StoredFile
from api_client.job_files import JobFiles
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from tests.manifests import chunk, manifest, store_manifest

CHUNKS = (chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10))
SUMMARY = {"classes": {}, "not_found": ["cat", "dog"], "near_misses": {"dog": 0.42}}
FILES = {
    "annotated.mp4": b"a video",
    "detections.txt": b"0\t00:00:00.000\t-\n",
    "summary.json": json.dumps(SUMMARY).encode(),
}


def store_job(settings: Settings, *, job_id: str = "20260101-clip", file_name: str = "clip.mp4") -> Manifest:
    """A job of two chunks that nobody has begun."""
    source = SourceSpec(file_name=file_name, size_bytes=1, container="mp4")
    made = manifest(job_id=job_id, chunks=CHUNKS)
    made = replace(made, document=made.document.model_copy(update={"source": source}))
    store_manifest(open_store_of(settings), made)
    return made


def finish_chunk(settings: Settings, job: Manifest, index: int) -> None:
    """Commit a chunk in the store, unknown to any queue."""
    marker = ChunkMarker(outcome="done", worker="test")
    JobFiles(open_store_of(settings), job.job_id).write_part_marker(Stage.DETECT, index, marker)


def finish_job(
    settings: Settings, job: Manifest, *, files: dict[str, bytes] = FILES, gaps: tuple[Gap, ...] = ()
) -> JobResult:
    """Store a job's results, and its end."""
    store = open_store_of(settings)
    for name, data in files.items():
        if "/" not in name:
            store.put(keys.result(job.job_id, name), data)
    result = JobResult(
        state="completed_with_gaps" if gaps else "completed",
        job_id=job.job_id,
        created_at=job.created_at,
        finished_at=datetime(2026, 1, 2, tzinfo=UTC),
        files=tuple(
            StoredFile(name=name, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            for name, data in files.items()
        ),
        frame_count=20,
        detection_count=0,
        gaps=gaps,
        provenance={},
    )
    store.put(keys.job_done(job.job_id), result.to_bytes())
    return result


def files_below(directory: Path) -> set[str]:
    """Names, as paths from the directory."""
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
