"""The manifest: what a job consists of. A job exists when its document does.

Stored are two documents: the question (`JobDocument`), and the footage it is asked of (`Source`), which
other jobs may share. Everybody works with both together, as a `Manifest`.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal, Self

from pydantic import model_validator

from api_client.contract import keys
from api_client.contract.ids import JobId
from api_client.contract.job import JobSpec
from api_client.contract.model import Document, OneLine
from api_client.contract.rendering import HIDDEN_SECONDS, TRAIL_SECONDS
from api_client.contract.source import ChunkSpec, SideStreams, Source, SourceId, SourceSpec, VideoSpec
from api_client.contract.stages import Stage


class JobDocument(Document):
    """A question, and of what it is asked. Written last."""

    version: Literal[3] = 3
    job_id: JobId
    created_at: datetime
    source: SourceSpec
    source_id: SourceId
    job: JobSpec
    detections_of: JobId | None = None
    """The job whose detections are followed anew; None where this one detects for itself."""
    log_of: JobId | None = None
    """The finished job whose log is told in another way; None where this one makes its own."""
    regions_of: JobId | None = None
    """The job whose regions are asked for other words; None where this one detects for itself."""
    text_encoder: OneLine | None = None
    """Whose vectors of the words those regions are asked; `TextEncoder.identity`."""

    @model_validator(mode="after")
    def _check_there_is_something_to_do(self) -> Self:
        if self.log_of is not None and self.job.rendering is None:
            raise ValueError("a log is told again only as a video")
        if sum(of is not None for of in (self.detections_of, self.log_of, self.regions_of)) > 1:
            raise ValueError("a job is made of one other job")
        if (self.regions_of is None) != (self.text_encoder is None):
            raise ValueError("regions are asked by the vectors of one text encoder")
        return self

    @property
    def made_of(self) -> JobId | None:
        """The other job whose outputs this one needs until it has ended."""
        return self.log_of or self.detections_of or self.regions_of


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A job and its footage: everything client and workers have to agree on."""

    document: JobDocument
    footage: Source

    @property
    def job_id(self) -> JobId:
        """The job's own."""
        return self.document.job_id

    @property
    def created_at(self) -> datetime:
        """When it was submitted; aware, UTC."""
        return self.document.created_at

    @property
    def source(self) -> SourceSpec:
        """The input file, as this job's user named it."""
        return self.document.source

    @property
    def job(self) -> JobSpec:
        """What is asked."""
        return self.document.job

    @property
    def video(self) -> VideoSpec:
        """The video stream."""
        return self.footage.video

    @property
    def chunks(self) -> tuple[ChunkSpec, ...]:
        """The parts of the footage."""
        return self.footage.chunks

    @property
    def side_streams(self) -> SideStreams | None:
        """Sound and subtitles."""
        return self.footage.side_streams

    @property
    def notes(self) -> tuple[OneLine, ...]:
        """What the splitter had to do differently for this input, for people."""
        return self.footage.notes

    @property
    def embeddings_key(self) -> str | None:
        """Where the vectors of the words are that regions are asked; None where none are needed."""
        document = self.document
        if document.text_encoder is None or not document.job.vocabulary.words:
            return None
        return keys.embeddings(document.text_encoder, document.job.vocabulary.digest)

    @property
    def finding(self) -> Stage:
        """The stage that finds what this job's log tells, if it finds anything itself."""
        return Stage.DETECT if self.document.regions_of is None else Stage.ASK

    @property
    def detect_job_id(self) -> JobId:
        """Whose detections are followed."""
        return self.document.detections_of or self.job_id

    @property
    def log_job_id(self) -> JobId:
        """Whose log is drawn."""
        return self.document.log_of or self.job_id

    @property
    def margin_frames(self) -> int:
        """How many frames around a frame decide what is drawn in it."""
        rendering, rate = self.job.rendering, Fraction(*self.video.average_rate)
        if rendering is None or self.footage.pictures:
            return 0
        hiding = max(2, round(HIDDEN_SECONDS * rate), self.job.every) if rendering.redacts else 0
        return max(hiding, round(TRAIL_SECONDS * rate) if rendering.trails else 0)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What this job goes through, in order."""
        telling = (Stage.RENDER, Stage.ASSEMBLE) if self.job.rendering is not None else ()
        if self.document.log_of is not None:
            return telling
        if self.document.detections_of is not None:
            return (Stage.TRACK, *telling)
        if self.document.regions_of is not None:
            return (Stage.EMBED, Stage.ASK, Stage.TRACK, *telling)
        return (Stage.DETECT, Stage.TRACK, *telling)
