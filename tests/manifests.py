"""Manifests for tests that need no video."""

from collections.abc import Iterable
from datetime import UTC, datetime

from api_client.contract import ChunkSpec, DetectorSpec, JobSpec, Manifest, PtsRuns, SourceSpec, VideoSpec
from vocabularies import Vocabulary

DIGEST = "0" * 64


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
) -> Manifest:
    """A job of these chunks, ten frames of 64x48 at ten frames a second by default."""
    chunks = chunks or (chunk(0, range(10)),)
    return Manifest(
        job_id=job_id,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        source=SourceSpec(file_name="clip.mp4", size_bytes=1, container="mp4"),
        video=VideoSpec(
            codec="h264",
            width_px=64,
            height_px=48,
            time_base=(1, 10),
            average_rate=(10, 1),
            frame_count=sum(c.frame_count for c in chunks),
            first_pts=next(iter(chunks[0].pts)),
        ),
        job=JobSpec(
            vocabulary=Vocabulary(name="custom", labels=tuple(labels.split())),
            detector=DetectorSpec(name="pocket"),
            every=every,
        ),
        chunks=chunks,
    )
