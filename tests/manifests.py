"""Manifests for tests that need no video."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from api_client.contract import (
    ChunkSpec,
    DetectorSpec,
    JobDocument,
    JobSpec,
    Manifest,
    PtsRuns,
    Rendering,
    Source,
    SourceSpec,
    VideoSpec,
    keys,
)
from api_client.store import ObjectStore
from vocabularies import Vocabulary

DIGEST = "0" * 64
SOURCE_ID = "0" * 32
BOXES = Rendering()


def chunk(index: int, pts: Iterable[int], *, first_frame: int = 0) -> ChunkSpec:
    """A chunk with these frames."""
    runs = PtsRuns.from_pts(pts)
    return ChunkSpec(
        index=index, first_frame=first_frame, pts=runs, offset_pts=0, size_bytes=1, sha256=DIGEST
    )


def manifest(
    *,
    job_id: str = "job",
    chunks: tuple[ChunkSpec, ...] | None = None,
    labels: str = "cat dog",
    every: int = 1,
    rendering: Rendering | None = BOXES,
) -> Manifest:
    """A job of these chunks, ten frames of 64x48 at ten frames a second by default."""
    chunks = chunks or (chunk(0, range(10)),)
    video = VideoSpec(
        codec="h264",
        width_px=64,
        height_px=48,
        time_base=(1, 10),
        average_rate=(10, 1),
        frame_count=sum(c.frame_count for c in chunks),
        first_pts=next(iter(chunks[0].pts)),
    )
    job = JobSpec(
        vocabulary=Vocabulary(name="custom", labels=tuple(labels.split())),
        detector=DetectorSpec(name="pocket"),
        every=every,
        rendering=rendering,
    )
    return joined(job, video, chunks, job_id=job_id)


def joined(job: JobSpec, video: VideoSpec, chunks: tuple[ChunkSpec, ...], *, job_id: str = "job") -> Manifest:
    """A job that asks something of footage that has these chunks."""
    document = JobDocument(
        job_id=job_id,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        source=SourceSpec(file_name="clip.mp4", size_bytes=1, container="mp4"),
        source_id=SOURCE_ID,
        job=job,
    )
    return Manifest(document=document, footage=Source(source_id=SOURCE_ID, video=video, chunks=chunks))


def asking(manifest: Manifest, **job: object) -> Manifest:
    """The same with another question: fields of its `JobSpec`."""
    spec = manifest.job.model_copy(update=job)
    return replace(manifest, document=manifest.document.model_copy(update={"job": spec}))


def store_manifest(store: ObjectStore, manifest: Manifest) -> None:
    """Put both documents of a job into a store."""
    store.put(keys.source(manifest.footage.source_id), manifest.footage.to_bytes())
    store.put(keys.manifest(manifest.job_id), manifest.document.to_bytes())
