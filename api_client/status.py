"""How far a job is."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from api_client.contract import JobResult, Manifest
from api_client.contract.ids import JobId
from api_client.job_files import JobFiles
from api_client.job_state import ChunkProgress, JobState

State = Literal["queued", "running", "reducing", "completed", "completed_with_gaps", "failed", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """A job at one moment."""

    job_id: JobId
    state: State
    source_name: str
    """The input's file name."""
    created_at: datetime
    frames_total: int
    frames_done: int
    """Of finished chunks, and of those being worked on."""
    chunks_total: int
    chunks_done: int
    """Finished: done or given up."""
    working: tuple[ChunkProgress, ...] = ()
    """Chunks being worked on now."""
    detection_count: int | None = None
    """Known once the job has completed."""
    reason: str | None = None
    """Why the job failed."""
    trouble: str | None = None
    """Why nothing moves at the moment, as a worker said: its store is away, for instance."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ("completed", "completed_with_gaps", "failed", "cancelled")

    @property
    def has_result(self) -> bool:
        """Whether there is something to fetch."""
        return self.state in ("completed", "completed_with_gaps")

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "created_at": self.created_at.isoformat()}


def read_status(files: JobFiles, manifest: Manifest, state: JobState | None) -> JobStatus:
    """Ask Redis where it can be asked, and the store for everything it does not know."""
    result = files.result()
    if result is not None:
        return _ended(manifest, result)
    finished = state.finished() if state else set()
    finished = finished or set(files.finished_chunks(len(manifest.chunks)))
    working = tuple(p for p in (state.progress() if state else []) if p.index not in finished)
    frames = sum(chunk.frame_count for chunk in manifest.chunks if chunk.index in finished)
    return JobStatus(
        job_id=manifest.job_id,
        state=_state(files, manifest, len(finished), working),
        source_name=manifest.source.file_name,
        created_at=manifest.created_at,
        frames_total=manifest.video.frame_count,
        frames_done=frames + sum(progress.frames_done for progress in working),
        chunks_total=len(manifest.chunks),
        chunks_done=len(finished),
        working=working,
        trouble=state.trouble() if state else None,
    )


def _state(
    files: JobFiles, manifest: Manifest, finished: int, working: tuple[ChunkProgress, ...]
) -> Literal["queued", "running", "reducing", "cancelled"]:
    if files.is_cancelled():
        return "cancelled"
    if finished >= len(manifest.chunks):
        return "reducing"
    return "running" if finished or working else "queued"


def _ended(manifest: Manifest, result: JobResult) -> JobStatus:
    return JobStatus(
        job_id=manifest.job_id,
        state=result.state,
        source_name=manifest.source.file_name,
        created_at=manifest.created_at,
        frames_total=manifest.video.frame_count,
        frames_done=manifest.video.frame_count if result.state != "failed" else 0,
        chunks_total=len(manifest.chunks),
        chunks_done=len(manifest.chunks),
        detection_count=result.detection_count,
        reason=result.reason,
    )
