"""How far a job is."""

import html
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from api_client.contract import JobResult, Manifest
from api_client.contract.ids import JobId
from api_client.job_files import JobFiles
from api_client.queue.job_state import ChunkProgress, JobState

State = Literal[
    "queued", "running", "reducing", "interrupted", "completed", "completed_with_gaps", "failed", "cancelled"
]
"""Interrupted: not ended, and nobody works on it; `client resume` goes on."""
_WORDS_SHOWN = 8


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
    vocabulary_name: str = ""
    """A shipped list's or a file's name, or "custom"."""
    words: tuple[str, ...] = ()
    """The first few of the vocabulary."""
    word_count: int = 0
    detector: str = ""
    waiting_for: str | None = None
    """What does not answer, so that all the rest may be out of date; None where everything does."""

    @classmethod
    def unknown(cls, manifest: Manifest) -> "JobStatus":
        """What can be said of a job before anything has answered."""
        return cls(
            job_id=manifest.job_id,
            state="queued",
            source_name=manifest.source.file_name,
            created_at=manifest.created_at,
            frames_total=manifest.video.frame_count,
            frames_done=0,
            chunks_total=len(manifest.chunks),
            chunks_done=0,
        )

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ("completed", "completed_with_gaps", "failed", "cancelled")

    @property
    def has_result(self) -> bool:
        """Whether there is something to fetch."""
        return self.state in ("completed", "completed_with_gaps")

    def _repr_html_(self) -> str:
        """Shown by notebooks: a bar."""
        bar = f'<progress value="{self.frames_done}" max="{self.frames_total}"></progress>'
        state = self.state.replace("_", " ")
        return f"{bar} {html.escape(self.source_name)} {state}, {self.frames_done}/{self.frames_total} frames"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "created_at": self.created_at.isoformat()}


def read_status(
    files: JobFiles,
    manifest: Manifest,
    state: JobState | None,
    *,
    result: JobResult | None = None,
    finished_in_store: Collection[int] = (),
) -> JobStatus:
    """Ask Redis where it can be asked, and the store for everything it does not know.

    result, finished_in_store: where they are known already; Redis may have forgotten some of the latter.
    """
    result = result or files.result()
    if result is not None:
        return _ended(manifest, result)
    finished = (state.finished() if state else set()) | set(finished_in_store)
    finished = finished or set(files.finished_chunks(manifest))
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


def with_question(status: JobStatus, manifest: Manifest) -> JobStatus:
    """Return the status with what the job looks for."""
    vocabulary = manifest.job.vocabulary
    return replace(
        status,
        vocabulary_name=vocabulary.name,
        words=vocabulary.labels[:_WORDS_SHOWN],
        word_count=len(vocabulary.labels),
        detector=manifest.job.detector.name,
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
