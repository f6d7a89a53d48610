"""How far a job is."""

import html
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from api_client.contract import JobResult, Manifest, Stage, keys
from api_client.contract.ids import JobId
from api_client.contract.picture import PICTURES
from api_client.job_files import JobFiles
from api_client.queue.job_state import Holdings, JobState, PartProgress

State = Literal[
    "queued",
    "embedding",
    "asking",
    "detecting",
    "tracking",
    "rendering",
    "assembling",
    "interrupted",
    "completed",
    "completed_with_gaps",
    "failed",
    "cancelled",
]
"""Interrupted: not ended, and nobody works on it; `client resume` goes on."""
_DOING: dict[Stage, State] = {
    Stage.EMBED: "embedding",
    Stage.ASK: "asking",
    Stage.DETECT: "detecting",
    Stage.TRACK: "tracking",
    Stage.RENDER: "rendering",
    Stage.ASSEMBLE: "assembling",
}
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
    """In the stage at work: of finished chunks, and of those being worked on."""
    chunks_total: int
    chunks_done: int
    """Finished in the stage at work: done or given up."""
    stages: tuple[str, ...] = ()
    """What the job goes through, in order."""
    stage: str | None = None
    """The one at work; None where the job has ended."""
    working: tuple[PartProgress, ...] = ()
    """What is being worked on now."""
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
    unit: str = "frames"
    """What is counted: "frames", or "pictures"."""
    regions_bytes: int | None = None
    """Of what was kept to ask other words of; None where that was not looked up."""
    footage_bytes: int = 0
    """Of the parts of the video as they are stored."""
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
            stages=manifest.stages,
            stage=manifest.stages[0],
            unit=PICTURES if manifest.footage.pictures else "frames",
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
        return f"{bar} {html.escape(self.source_name)} {state}, {self.counted}"

    @property
    def counted(self) -> str:
        """E.g. "12/250 frames"."""
        return f"{self.frames_done}/{self.frames_total} {self.unit}"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        working = [{**vars(part), "item": str(part.item)} for part in self.working]
        return {**asdict(self), "working": working, "created_at": self.created_at.isoformat()}


def read_status(
    files: JobFiles,
    manifest: Manifest,
    state: JobState | None,
    *,
    result: JobResult | None = None,
    look_in_store: bool = False,
) -> JobStatus:
    """Ask Redis where it can be asked, and the store for everything it does not know.

    result: where it is known already. look_in_store: even where Redis knows, which may have forgotten.
    """
    result = result or files.result()
    if result is not None:
        return _ended(manifest, result)
    holdings = state.holdings() if state else None
    if look_in_store or state is None or holdings is None or not holdings.everywhere:
        stage, finished = _stage_by_store(files, manifest, state)
    else:
        stage, finished = _stage_by_queue(manifest, state, holdings)
    reports = state.progress(holdings) if state and holdings else []
    working = tuple(part for part in reports if part.item.stage is stage and part.item.index not in finished)
    frames = sum(chunk.frame_count for chunk in manifest.chunks if chunk.index in finished)
    return replace(
        JobStatus.unknown(manifest),
        state=_state(files, stage, finished, working, manifest),
        stage=stage,
        frames_done=frames + sum(part.frames_done for part in working),
        chunks_done=len(finished),
        working=working,
        trouble=state.trouble() if state else None,
    )


def _stage_by_queue(manifest: Manifest, state: JobState, holdings: Holdings) -> tuple[Stage, set[int]]:
    """The stage at work and its finished parts, without a request to the store: watchers ask often."""
    held = {item.stage for item in holdings.everywhere}
    stage = next((stage for stage in manifest.stages if stage in held), manifest.stages[0])
    return stage, state.finished(stage) if stage.is_by_part else set()


def _stage_by_store(files: JobFiles, manifest: Manifest, state: JobState | None) -> tuple[Stage, set[int]]:
    """The same where nobody has anything of the job: lost, between two stages, or ended just now."""
    stage, finished = files.stage_at_work(manifest)
    noted = state.finished(stage) if state is not None and stage.is_by_part else set()
    return stage, finished | noted


def with_question(status: JobStatus, manifest: Manifest) -> JobStatus:
    """Return the status with what the job looks for."""
    vocabulary = manifest.job.vocabulary
    return replace(
        status,
        vocabulary_name=vocabulary.name,
        words=vocabulary.labels[:_WORDS_SHOWN],
        word_count=len(vocabulary.labels),
        detector=manifest.job.detector.name,
        footage_bytes=sum(chunk.size_bytes for chunk in manifest.chunks),
    )


def with_regions(status: JobStatus, files: JobFiles) -> JobStatus:
    """Return the status with how much the job keeps of what it saw; one listing of the store."""
    looked = files.store.list(keys.stage_prefix(files.job_id, Stage.DETECT))
    kept = sum(info.size_bytes for info in looked if info.key.endswith(f"/{keys.REGIONS}"))
    return replace(status, regions_bytes=kept)


def _state(
    files: JobFiles,
    stage: Stage,
    finished: Collection[int],
    working: Collection[PartProgress],
    manifest: Manifest,
) -> State:
    if files.is_cancelled():
        return "cancelled"
    if stage is manifest.stages[0] and stage.is_by_part and not finished and not working:
        return "queued"
    return _DOING[stage]


def _ended(manifest: Manifest, result: JobResult) -> JobStatus:
    return replace(
        JobStatus.unknown(manifest),
        state=result.state,
        stage=None,
        frames_done=manifest.video.frame_count if result.state != "failed" else 0,
        chunks_done=len(manifest.chunks),
        detection_count=result.detection_count,
        reason=result.reason,
    )
